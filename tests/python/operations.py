"""Real Keras opens the models that `tests/tests/symbolic/` wired with functions of `ops`, and computes the same.

    python operations.py FOLDER
"""

import pathlib
import sys

import keras
import numpy as np

# What Keras 3.15.1 does not open from its own files either, or not run: lists where its JAX functions want tuples, a size
# of one number where the class wants several, a function that is looked for in the wrong module, arguments in the wrong order.
OWN_FAULTS = {"AdaptiveAveragePool", "AdaptiveMaxPool", "ConvTranspose", "Histogram", "Norm", "Rot90"}
LISTS = {("AveragePool", "pool_size"), ("Quantile", "axis"), ("Percentile", "axis")}
# On JAX these give NumPy's own whole number.
NUMBERS = {"Ndim", "Size"}
# Vectors whose signs are not determined.
SIGNS = {"Eigh", "SVD"}


def is_own_fault(model):
    layer = model.operations[-1]
    lists = {(type(layer).__name__, name) for name, value in vars(layer).items() if isinstance(value, list)}
    return lists & LISTS


failed, checked = [], 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    arrays = dict(np.load(path.with_suffix(".npz")))
    want = [arrays[f"output_{i}"] for i in range(sum(name.startswith("output_") for name in arrays))]
    if path.stem.rsplit("_", 1)[0] in OWN_FAULTS:
        continue
    try:
        model = keras.models.load_model(path)
        if is_own_fault(model):
            continue
        got = keras.tree.flatten(model([arrays[t.name] for t in model.inputs]))
        assert len(got) == len(want), f"{len(got)} outputs instead of {len(want)}"
        same = np.abs if path.stem.rsplit("_", 1)[0] in SIGNS else np.asarray
        for g, w in zip(map(same, got), map(same, want)):
            if type(model.operations[-1]).__name__ in NUMBERS:
                g = g.astype("int32")
            assert (g.shape, g.dtype) == (w.shape, w.dtype), f"{g.shape} {g.dtype} instead of {w.shape} {w.dtype}"
            assert np.allclose(g.astype("float64"), w.astype("float64"), 1e-5, 1e-5), f"{g} instead of {w}"
        checked += 1
    except Exception as error:
        failed.append(f"{path.stem}: {type(error).__name__}: {str(error).strip().splitlines()[-1] if str(error).strip() else error!r}")
print(f"real Keras: {checked} operations equal")
if failed:
    sys.exit("\n".join(failed))
assert checked > 250, checked
