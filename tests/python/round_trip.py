"""Real Keras opens what we save: for every model fixture, `.keras` and `.weights.h5` by `keras-rs
convert` give the predictions that the original gives, here and there.

    python round_trip.py BINARY WORK_DIR [MODELS]     (MODELS: another folder of models, as tests/fixtures/layers/fuzz.py makes one)
"""

import json
import pathlib
import subprocess
import sys

import keras
import numpy as np

binary, work = sys.argv[1], pathlib.Path(sys.argv[2])
own = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "models"
fixtures = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else own


# Fixtures that carry compile settings without being called after them.
COMPILED = {"legacy_top_level_weights"}
# Classes that must be in some model.
CLASSES = set("""
    SimpleRNN LSTM GRU RNN SimpleRNNCell LSTMCell GRUCell StackedRNNCells Bidirectional TimeDistributed ConvLSTM1D ConvLSTM2D
    ConvLSTM3D MultiHeadAttention GroupQueryAttention Attention AdditiveAttention LayerNormalization RMSNormalization
    GroupNormalization UnitNormalization SpectralNormalization BatchNormalization Dropout GaussianNoise GaussianDropout
    AlphaDropout SpatialDropout1D SpatialDropout2D SpatialDropout3D ActivityRegularization Lambda EinsumDense
    ReversibleEmbedding AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D
    AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add Average Maximum Minimum Multiply Subtract Concatenate Dot
""".split())


def classes_of(config):
    """The names of all classes in a configuration."""
    if isinstance(config, list):
        return set().union(*map(classes_of, config))
    if not isinstance(config, dict):
        return set()
    name = config.get("class_name")
    return ({name} if isinstance(name, str) else set()).union(*map(classes_of, config.values()))


def run(*arguments):
    done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"keras-rs {' '.join(map(str, arguments))}: {done.stderr}"


def outputs_of(model, inputs):
    """Outputs by name, as `predict -o` names them."""
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
    seen |= classes_of(keras.saving.serialize_keras_object(model))
    checked += 1

assert checked > 20, checked
assert fixtures != own or CLASSES <= seen, f"in no model: {sorted(CLASSES - seen)}"
print(f"{checked} passed, 0 failed")
