#!/usr/bin/env python3
"""Times inference by OpenVINO, in float32. serve.py says what is asked and answered."""
from serve import serve

import openvino


def load(path, kind, batch, threads):
    core = openvino.Core()
    model = core.read_model(path + ".xml")
    # Known sizes let it plan once and for all.
    model.reshape([batch, *list(model.input().partial_shape)[1:]])
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    return core.compile_model(model, "CPU", settings)


def prepare(model, kind, x, y):
    request = model.create_infer_request()
    return lambda: request.infer({0: x})[0]


if __name__ == "__main__":
    serve(load, prepare)
