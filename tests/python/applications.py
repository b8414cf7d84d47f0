"""DenseNet121 through real Keras and through the command line: the same classes, the same probabilities.

    python applications.py BINARY [BACKEND]

Real Keras builds the network with the formula's weights (see fixtures/applications/generate.py), saves them
in both of its weight formats and classifies two images. `BINARY predict densenet121` then reads those files.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "fixtures" / "applications"))
import generate
import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format
from PIL import Image

TOLERANCE = 1e-4


def images(directory):
    """Stripes that bend, in a size that must be reduced, without loss and with."""
    y, x = np.mgrid[0:301, 0:404].astype("float64")
    waves = [np.sin(x / 7 + k * np.cos(y / 31)) * np.cos(y / (9 + 4 * k)) for k in (1, 2, 3)]
    pixels = (127.5 * (1 + np.stack(waves, axis=-1))).astype("uint8")
    paths = [directory / "waves.png", directory / "waves.jpg"]
    for path in paths:
        Image.fromarray(pixels).save(path)
    return paths


def by_keras(model, path):
    image = keras.utils.img_to_array(keras.utils.load_img(path, target_size=(224, 224)))
    batch = keras.applications.densenet.preprocess_input(image[None])
    return model.predict(batch, verbose=0)[0]


def by_command(binary, path, weights, backend):
    command = [binary, "predict", "densenet121", str(path), "--weights", str(weights), "--json", "--top", "5", "--backend", backend]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (prediction,) = json.loads(done.stdout)["predictions"]
    return [(c["class"], c["score"]) for c in prediction["top"]]


def check(expected, got, what):
    best = np.argsort(expected)[::-1][:6]
    gaps = -np.diff(expected[best])
    assert gaps.min() > 2 * TOLERANCE * expected.max(), f"{what}: the best classes are too close to tell: {expected[best]}"
    assert [c for c, _ in got] == best[:5].tolist(), f"{what}: {got}, expected {best[:5]}"
    for c, score in got:
        assert math.isclose(score, expected[c], abs_tol=TOLERANCE * expected.max()), f"{what}: {c}: {score}, expected {expected[c]}"


def main(binary, backend="flex"):
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        model = keras.applications.DenseNet121(weights=None)
        generate.fill(model, generate.GAINS["DenseNet121"])
        files = [directory / "legacy.h5", directory / "new.weights.h5"]
        with h5py.File(files[0], "w") as f:
            legacy_h5_format.save_weights_to_hdf5_group(f, model)
        model.save_weights(files[1])
        for path in images(directory):
            expected = by_keras(model, path)
            for weights in files:
                what = f"{path.name} with {weights.name} on {backend}"
                check(expected, by_command(binary, path, weights, backend), what)
                print(f"{what}: as Keras")


if __name__ == "__main__":
    main(*sys.argv[1:])
