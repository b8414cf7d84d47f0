"""Opens with h5py, NumPy, zipfile and safetensors what the library's unit tests wrote.

    mkdir DIR; KERAS_RS_WRITE_FORMATS=DIR cargo test --workspace --lib what_is_written
    KERAS_BACKEND=jax python check_formats.py DIR
"""

import json
import pathlib
import sys
import zipfile

import h5py
import ml_dtypes
import numpy as np
from keras.src.saving.saving_lib import H5IOStore
from safetensors import safe_open
from safetensors.numpy import load_file

directory = pathlib.Path(sys.argv[1])
ORDER = ["float32", "float64", "float16", "bfloat16", "int32", "int64", "uint8", "uint32", "bool"]


def dtype_of(name):
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def same(got, dtype, expected):
    got = np.asarray(got)
    assert got.dtype == dtype, (got.dtype, dtype)
    np.testing.assert_array_equal(got, np.asarray(expected).astype(dtype))


store = H5IOStore(directory / "written.h5", mode="r")
store.get("layers/dense")
for i, name in enumerate(ORDER):
    same(store[str(i)], dtype_of(name), np.arange(6).reshape(2, 3))
store.close()
with h5py.File(directory / "written.h5") as f:
    assert f["scalar"].shape == () and f["scalar"].dtype == "int64"
    assert f["empty"].shape == (0, 5)
    assert f["layers/dense/vars"].attrs["name"] == "dénse"
    assert f.attrs["model_config"] == "x" * 200_000
    for i, name in enumerate(ORDER):
        # What h5py makes of the type must be what it makes of Keras' own file.
        expected = "|V2" if name == "bfloat16" else name
        assert f[f"layers/dense/vars/{i}"].dtype == expected, name

arrays = np.load(directory / "written.npz")
for name in ORDER:
    stored = "float32" if name == "bfloat16" else name
    assert arrays[name].dtype == stored and arrays[name].shape == (3, 2), name
assert arrays["empty"].shape == (2, 0) and arrays["nested/scalar"].shape == ()
assert arrays["uint8"].tolist() == [[1, 1]] * 3

tensors = load_file(directory / "written.safetensors")
for name in ORDER:
    got = tensors[f"dense/{name}"]
    assert got.shape == (3, 2) and got.dtype == dtype_of(name), name
assert tensors["empty"].shape == (2, 0) and tensors["größe"].shape == ()
with safe_open(directory / "written.safetensors", "np") as f:
    assert f.metadata() == {"format": "keras"}

with zipfile.ZipFile(directory / "written.keras") as z:
    assert z.testzip() is None
    assert z.namelist() == ["metadata.json", "config.json", "model.weights.h5"]
    assert json.loads(z.read("config.json")) == {"class_name": "Sequential", "bound": float("inf")}
    with z.open("model.weights.h5") as member, h5py.File(member) as f:
        assert f["layers/dense/vars/0"][:].tolist() == [1.5, -2.0]
print("all formats read back")
