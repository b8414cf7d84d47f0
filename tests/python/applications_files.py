"""Networks with layers that Keras keeps private, as `.keras` files from real Keras to here and back.

    python applications_files.py BINARY     (BINARY: keras-rs)

Real Keras builds each network at a small size with the formula's weights (see fixtures/applications/generate.py) and
saves it. `BINARY predict` opens the file, `BINARY convert` writes it again, and real Keras opens that.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "fixtures" / "applications"))
import generate
import keras
import numpy as np

TOLERANCE = 1e-4
# Height and width of the images.
NETWORKS = {"InceptionResNetV2": 75}


def run(binary, *arguments):
    done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"keras-rs {' '.join(map(str, arguments))}: {done.stderr}"


def compare(what, got, expected):
    assert got.shape == expected.shape, f"{what}: {got.shape}, expected {expected.shape}"
    difference = np.abs(got - expected).max() / np.abs(expected).max()
    assert difference <= TOLERANCE, f"{what}: the outputs differ by {difference:.1e} of the largest"
    print(f"{what}: {difference:.1e} of the largest")


def check(binary, name, size, directory):
    keras.utils.clear_session()
    build = getattr(keras.applications, name)
    model = build(weights=None, include_top=False, pooling="avg", input_shape=(size, size, 3))
    generate.fill(model, generate.GAINS[name])
    x = generate.image(size) / 127.5 - 1
    expected = np.asarray(model(x, training=False))
    theirs, ours, given, got = (directory / file for file in ("theirs.keras", "ours.keras", "x.npy", "y.npz"))
    model.save(theirs)
    np.save(given, x)
    run(binary, "predict", theirs, given, "-o", got)
    compare(f"{name} by Keras, here", next(iter(np.load(got).values())), expected)
    run(binary, "convert", theirs, ours)
    again = keras.models.load_model(ours)
    for before, after in zip(model.get_config()["layers"], again.get_config()["layers"], strict=True):
        # A tuple becomes a list in a file.
        before, after = (json.dumps(keras.saving.serialize_keras_object(layer)) for layer in (before, after))
        assert before == after, f"{name}: the configuration changed from {before} to {after}"
    compare(f"{name} from here, by Keras", np.asarray(again(x, training=False)), expected)


def main(binary):
    for name, size in NETWORKS.items():
        with tempfile.TemporaryDirectory() as directory:
            check(binary, name, size, pathlib.Path(directory))


if __name__ == "__main__":
    main(*sys.argv[1:])
