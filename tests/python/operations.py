"""Real Keras opens the models that `tests/tests/symbolic.rs` wired with functions of `ops`, and computes the same.

    python operations.py FOLDER
"""

import pathlib
import sys

import keras
import numpy as np

failed, checked = [], 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    arrays = dict(np.load(path.with_suffix(".npz")))
    want = [arrays[f"output_{i}"] for i in range(sum(name.startswith("output_") for name in arrays))]
    try:
        model = keras.models.load_model(path)
        got = keras.tree.flatten(model([arrays[t.name] for t in model.inputs]))
        assert len(got) == len(want), f"{len(got)} outputs instead of {len(want)}"
        for g, w in zip(map(np.asarray, got), want):
            assert (g.shape, g.dtype) == (w.shape, w.dtype), f"{g.shape} {g.dtype} instead of {w.shape} {w.dtype}"
            assert np.allclose(g.astype("float64"), w.astype("float64"), 1e-5, 1e-5), f"{g} instead of {w}"
        checked += 1
    except Exception as error:
        failed.append(f"{path.stem}: {type(error).__name__}: {str(error).strip().splitlines()[-1] if str(error).strip() else error!r}")
print(f"real Keras: {checked} operations equal")
if failed:
    sys.exit("\n".join(failed))
assert checked > 150, checked
