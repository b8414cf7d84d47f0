"""Every application at full size, with its classifier and without it, through real Keras and through ours.

    python applications_all.py BINARY [NAME...]

BINARY is the example `application` of the tests (target/debug/examples/application). For each case real Keras builds
the network with the formula's weights (see fixtures/applications/generate.py) and saves them as .weights.h5, and as
.h5, which is what published files are; BINARY builds the network by its name, loads a file and predicts. Compared are the names of the model, its layers and
variables, the parameter counts, and the outputs, to TOLERANCE of the largest. Needs up to 10 GB; minutes for a large
network.
"""

import gc
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "fixtures" / "applications"))
import generate
import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

TOLERANCE = 1e-4
BOTH = ({}, {"include_top": False})
# Without the softmax where another network than the gain's, or other values of the pixels, would make it say nothing.
V3 = (
    *BOTH, {"alpha": 0.75}, {"minimalistic": True, "dropout_rate": 0.0, "classifier_activation": None},
    {"alpha": 1.25, "include_preprocessing": False, "classifier_activation": None},
    {"minimalistic": True, "include_top": False, "input_shape": [97, 130, 3]})
# Module, and arguments of the cases. The gain of the kernels is generate.GAINS'; where that has none, it is found by
# trying and printed.
RAW = (*BOTH, {"include_preprocessing": False})
ROWS = {
    **{f"ConvNeXt{size}": ("convnext", RAW) for size in ("Tiny", "Small", "Base", "Large", "XLarge")},
    **{f"EfficientNetB{i}": ("efficientnet", BOTH) for i in range(8)},
    **{f"EfficientNetV2{size}": ("efficientnet_v2", RAW) for size in ("B0", "B1", "B2", "B3", "S", "M", "L")},
    "DenseNet121": ("densenet", BOTH),
    "DenseNet169": ("densenet", BOTH),
    "DenseNet201": ("densenet", BOTH),
    "InceptionResNetV2": ("inception_resnet_v2", BOTH),
    "InceptionV3": ("inception_v3", BOTH),
    "NASNetMobile": ("nasnet", BOTH),
    # Without sizes Keras builds a network that cannot run.
    "NASNetLarge": ("nasnet", ({}, {"include_top": False, "input_shape": [331, 331, 3]})),
    "MobileNet": (
        "mobilenet", (*BOTH, {"alpha": 0.25, "input_shape": [128, 128, 3]}, {"depth_multiplier": 2, "alpha": 1.3})),
    "MobileNetV2": (
        "mobilenet_v2", (*BOTH, {"alpha": 0.35, "input_shape": [96, 96, 3]}, {"alpha": 1.4, "input_shape": [97, 130, 3]})),
    "MobileNetV3Small": ("mobilenet_v3", V3),
    "MobileNetV3Large": ("mobilenet_v3", V3),
    "ResNet50": ("resnet", BOTH),
    "ResNet101": ("resnet", BOTH),
    "ResNet152": ("resnet", BOTH),
    "ResNet50V2": ("resnet_v2", BOTH),
    "ResNet101V2": ("resnet_v2", BOTH),
    "ResNet152V2": ("resnet_v2", BOTH),
    "VGG16": ("vgg16", BOTH),
    "VGG19": ("vgg19", BOTH),
    "Xception": ("xception", BOTH),
}


def built(name, arguments):
    keras.utils.clear_session()
    arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
    return getattr(keras.applications, name)(weights=None, **arguments)


def image(model, module, default):
    height, width, channels = (size or default for size in model.input_shape[1:])
    pixels = 127.5 * (generate.uniform("input", height * width * channels) + 1)
    pixels = pixels.astype("float32").reshape(1, height, width, channels)
    return getattr(keras.applications, module).preprocess_input(pixels)


def output(model, x):
    return np.asarray(model(x, training=False))


def found_gain(model, x):
    """Between two gains, until the logarithms of the probabilities spread by about one."""
    low, high = 0.2, 3.0
    for _ in range(12):
        gain = math.sqrt(low * high)
        generate.fill(model, gain)
        y = output(model, x)
        finite = np.isfinite(y).all() and y.min() > 0
        spread = np.log(y).std() if finite else math.inf
        if 0.6 < spread < 1.5:
            break
        low, high = (gain, high) if spread < 1 else (low, gain)
    print(f"gain {gain:.4f} spreads the logits by {spread:.2f}", flush=True)
    return gain


def save(model, directory):
    """In both formats; the names of the files."""
    files = [directory / "model.weights.h5", directory / "model.h5"]
    model.save_weights(files[0])
    with h5py.File(files[1], "w") as f:
        legacy_h5_format.save_weights_to_hdf5_group(f, model)
    return files


def by_binary(binary, name, arguments, weights, directory):
    files = [str(weights), *(str(directory / file) for file in ("x.npy", "y.npz"))]
    done = subprocess.run([binary, name, json.dumps(arguments), *files], capture_output=True, text=True)
    assert done.returncode == 0, f"{name} {arguments}: {done.stderr}"
    return json.loads(done.stdout), np.load(files[2])["y"]


def compare(what, model, expected, described, got):
    wanted = {
        "name": model.name,
        "layers": [layer.name for layer in model.layers],
        "weights": generate.described(model),
        **generate.params(model),
    }
    for key, value in wanted.items():
        if isinstance(value, list):
            different = [pair for pair in zip(value, described[key]) if pair[0] != pair[1]]
            assert not different, f"{what}: {key}: expected and got {different[:5]}"
        assert described[key] == value, f"{what}: {key}: {described[key]}, expected {value}"
    assert got.shape == expected.shape, f"{what}: {got.shape}, expected {expected.shape}"
    difference = np.abs(got - expected).max() / np.abs(expected).max()
    assert difference <= TOLERANCE, f"{what}: the outputs differ by {difference:.1e} of the largest"
    return difference


def check(binary, name):
    module, cases = ROWS[name]
    gain = generate.GAINS.get(name)
    default = generate.sizes(name)[0]
    for arguments in cases:
        start = time.time()
        model = built(name, arguments)
        x = image(model, module, default)
        # MobileNetV3's case compares logits, which say something of any pixels.
        if arguments.get("include_preprocessing") is False and "classifier_activation" not in arguments:
            x = x / np.float32(127.5) - np.float32(1)
        gain = gain or found_gain(model, x)
        generate.fill(model, gain)
        expected = output(model, x)
        with tempfile.TemporaryDirectory() as directory:
            directory = pathlib.Path(directory)
            np.save(directory / "x.npy", x)
            what = f"{name} {json.dumps(arguments)}"
            difference = max(
                compare(what, model, expected, *by_binary(binary, name, arguments, weights, directory))
                for weights in save(model, directory)
            )
        probable = f", best {expected.max():.4f}" if arguments.get("include_top", True) else ""
        print(f"{what}: as Keras, {difference:.1e} of the largest{probable}, {time.time() - start:.0f} s", flush=True)
        del model
        gc.collect()


def main(binary, *names):
    for name in names or ROWS:
        check(binary, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
