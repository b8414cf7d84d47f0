#!/usr/bin/env python3
"""Times inference by ONNX Runtime. serve.py says what is asked and answered."""
from serve import serve

import onnxruntime


def load(path, kind, batch, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return onnxruntime.InferenceSession(path + ".onnx", options, providers=["CPUExecutionProvider"])


def prepare(model, kind, x, y):
    name = model.get_inputs()[0].name
    return lambda: model.run(None, {name: x})[0]


if __name__ == "__main__":
    serve(load, prepare)
