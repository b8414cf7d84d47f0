"""Real Keras opens what we save: for every model fixture, `.keras` and `.weights.h5` by `keras-rs
convert` give the predictions that the original gives, here and there. Every layer outside of preprocessing must be there in at least
four configurations.

    python round_trip.py BINARY WORK_DIR [MODELS]     (MODELS: another folder of models, as tests/fixtures/layers/fuzz.py makes one)
"""

import collections
import json
import pathlib
import subprocess
import sys
import zipfile

import keras
import numpy as np

binary, work = sys.argv[1], pathlib.Path(sys.argv[2])
own = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "models"
fixtures = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else own


# Fixtures that carry compile settings without being called after them.
COMPILED = {"legacy_top_level_weights"}
# Layers that no file can hold, and such as run code of another Python framework.
NO_CONFIGURATION = {"Layer", "InputSpec", "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"}
# Layers without arguments, or with fewer than four values of them: shapes and numbers of inputs count as well.
BY_INPUTS = set("Add Average Maximum Minimum Multiply Subtract Identity Flatten".split())
OF_EVERY_LAYER = {"name", "trainable", "dtype", "build_config", "inbound_nodes", "shared_object_id"}
# The base of Keras' wrappers has no call of its own.
keras.layers.Wrapper.call = lambda self, inputs: self.layer(inputs)


def layer_classes():
    """The layers of Keras outside of preprocessing, each with all of its names."""
    names = collections.defaultdict(set)
    for name, cls in vars(keras.layers).items():
        if isinstance(cls, type) and ".preprocessing." not in cls.__module__ and name not in NO_CONFIGURATION:
            names[cls].add(name)
    return names.values()


def arguments_of(config):
    """A configuration without what every layer has."""
    if isinstance(config, list):
        return [arguments_of(part) for part in config]
    if not isinstance(config, dict):
        return config
    return {k: arguments_of(v) for k, v in config.items() if k not in OF_EVERY_LAYER}


def shapes_in(nodes):
    """Of all tensors in what a layer was called with."""
    if isinstance(nodes, list):
        return [shapes_in(part) for part in nodes]
    if not isinstance(nodes, dict):
        return []
    if nodes.get("class_name") == "__keras_tensor__":
        return nodes["config"]["shape"]
    return [shapes_in(part) for part in nodes.values()]


def configurations(config):
    """(class, arguments) of every layer in a configuration, and of those inside."""
    if isinstance(config, list):
        return set().union(*map(configurations, config))
    if not isinstance(config, dict):
        return set()
    found = set().union(*map(configurations, config.values()))
    if isinstance(config.get("class_name"), str) and isinstance(config.get("config"), dict):
        arguments = [arguments_of(config["config"])]
        if config["class_name"] in BY_INPUTS:
            arguments.append(shapes_in(config.get("inbound_nodes", [])))
        found.add((config["class_name"], json.dumps(arguments, sort_keys=True)))
    return found


def run(*arguments):
    done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"keras-rs {' '.join(map(str, arguments))}: {done.stderr}"


def outputs_of(model, inputs):
    """Outputs by name, as `predict -o` names them; layers that keep states start without any."""
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            layer.reset_state()
    ordered = [inputs[t.name] if t.name in inputs else next(iter(inputs.values())) for t in model.inputs]
    structure = getattr(model, "_inputs_struct", None)
    grouped = ordered[0] if structure is None else keras.tree.pack_sequence_as(structure, ordered)
    got = model(grouped, training=False)
    if isinstance(got, dict):
        return {k: np.asarray(v) for k, v in got.items()}
    flat = keras.tree.flatten(got)
    names = [t._keras_history.operation.name for t in model.outputs]
    return dict(zip(names, map(np.asarray, flat)))


def compare(name, got, want, tolerance):
    assert want.keys() <= got.keys(), f"{name}: outputs {sorted(got)}, expected {sorted(want)}"
    for key in want:
        assert got[key].shape == want[key].shape, f"{name}: {key} is of shape {got[key].shape}"
        a, b = got[key].astype("float64"), want[key].astype("float64")
        finite = np.isfinite(b)
        assert np.array_equal(a[~finite], b[~finite], equal_nan=True), f"{name}: {key} differs where it is not finite"
        worst = np.abs(a[finite] - b[finite]).max(initial=0.0) / max(1.0, np.abs(b[finite]).max(initial=0.0))
        assert worst <= tolerance, f"{name}: {key} is off by {worst:.3g}"


checked, seen = 0, set()
for case_file in sorted(fixtures.glob("*/case.json")):
    folder, case = case_file.parent, json.loads(case_file.read_text())
    x, y = folder / "x.npz", folder / "y.npz"
    if "refuse" in case or case["kind"] != "predict" or "weights" in case or not x.exists():
        continue
    name = folder.name
    if "float64" in (folder / "summary.txt").read_text() or name.startswith("float64"):
        continue  # JAX computes in float32 unless switched, and then Keras narrows anyway
    saved = work / f"{name}.keras"
    run("convert", folder / case["model"], saved)
    model = keras.models.load_model(saved)
    assert model.compiled == ("compile" in name or name in COMPILED), f"{name}: compiled is {model.compiled}"
    inputs, wanted = dict(np.load(x)), dict(np.load(y))
    tolerance = max(case["tolerance"], 1e-5)
    try:
        got = outputs_of(model, inputs)
    except (TypeError, ValueError):
        try:
            outputs_of(keras.models.load_model(folder / case["model"]), inputs)
        except (TypeError, ValueError):
            continue  # some operations of Keras take tuples only, and its own file holds lists
        raise
    compare(name, got, wanted, tolerance)

    weights = work / f"{name}.weights.h5"
    run("convert", folder / case["model"], weights)
    for variable in model.weights:
        variable.assign(np.zeros(variable.shape))
    model.load_weights(weights)
    compare(name + " .weights.h5", outputs_of(model, inputs), wanted, tolerance)

    ours = work / f"{name}.npz"
    run("predict", saved, x, "-o", ours)
    compare(name + " by keras-rs", dict(np.load(ours)), wanted, tolerance)
    seen |= configurations(json.loads(zipfile.ZipFile(saved).read("config.json")))
    checked += 1

assert checked > (20 if fixtures == own else 0), checked
if fixtures == own:
    counts = {min(names, key=len): sum(name in names for name, _ in seen) for names in layer_classes()}
    few = {name: count for name, count in sorted(counts.items()) if count < 4}
    assert not few, f"fewer than four configurations: {few}"
    print(f"{len(counts)} classes in {sum(counts.values())} configurations")
print(f"{checked} passed, 0 failed")
