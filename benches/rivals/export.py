#!/usr/bin/env python3
"""Writes models with their inputs and outputs, in the formats of all rivals.

usage: export.py FOLDER MODEL...

Of each model: `.keras`, `.train.keras` with compile settings, `.onnx` and `.xml` where it is exported, inputs `.x.npy`, and
the outputs that Keras on TensorFlow has for them, `.y.npy`. What is there already is left.
"""
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras  # noqa: E402
import numpy as np  # noqa: E402

import cases  # noqa: E402
import chain  # noqa: E402


def export(folder, name):
    path = os.path.join(folder, name)
    keras.utils.set_random_seed(0)
    keras.backend.clear_session()
    model = cases.model_of(name)
    model.save(path + ".keras")
    x = cases.inputs_of(name, model)
    np.save(path + ".x.npy", x)
    np.save(path + ".y.npy", model.predict(x, verbose=0))
    if name in cases.EXPORTED:
        if name == "vgg16":
            chain.export(model, path + ".onnx")
        else:
            # The exporter asks for a model that was called.
            model(x[:1])
            model.export(path + ".onnx", format="onnx", verbose=False)
        model.export(path + ".xml", format="openvino", verbose=False)
    if name in dict(cases.TRAIN):
        cases.compiled(name, model).save(path + ".train.keras")
    open(path + ".done", "w").close()


if __name__ == "__main__":
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name in sys.argv[2:]:
        if not os.path.exists(os.path.join(folder, name + ".done")):
            print(f"exporting {name}", file=sys.stderr, flush=True)
            export(folder, name)
