"""The models, the data and the stopwatch that both rivals share. README.md has the table."""
import argparse
import json
import os
import statistics
import time

LEAST_STEPS, WARM = 20, 3


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", default="mlp,cnn,lstm")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each case is timed")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def model_of(case):
    import keras
    from keras import layers, losses

    kept = {
        "mlp": [keras.Input((784,)), layers.Dense(512, "relu"), layers.Dense(512, "relu"), layers.Dense(10)],
        "cnn": [keras.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
                layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(10)],
        "lstm": [keras.Input((200,), dtype="int32"), layers.Embedding(10000, 64), layers.LSTM(64), layers.Dense(1, "sigmoid")],
    }[case]
    loss = "binary_crossentropy" if case == "lstm" else losses.SparseCategoricalCrossentropy(from_logits=True)
    model = keras.Sequential(kept)
    model.compile("adam", loss)
    return model


def batch_of(case):
    import numpy as np

    rng = np.random.default_rng(0)
    if case == "lstm":
        return rng.integers(0, 10000, (32, 200)).astype("int32"), rng.integers(0, 2, (32, 1)).astype("float32")
    shape = (784,) if case == "mlp" else (28, 28, 1)
    return rng.random((128, *shape), dtype="float32"), rng.integers(0, 10, 128).astype("int32")


def timed(step, seconds):
    """Milliseconds of each step; `step` returns when its numbers are there."""
    for _ in range(WARM):
        step()
    took, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(took) < LEAST_STEPS:
        start = time.perf_counter()
        step()
        took.append((time.perf_counter() - start) * 1e3)
    return took


def report(rival, versions, options, prepare):
    """prepare: gives a function that takes one step and returns its loss, for (model, x, y)."""
    import keras

    cases = {}
    for case in options.cases.split(","):
        keras.utils.clear_session()
        keras.utils.set_random_seed(0)
        model, (x, y) = model_of(case), batch_of(case)
        whole = timed(lambda: model.train_on_batch(x, y), options.seconds / 4)
        losses, step = [], prepare(model, x, y)
        took = timed(lambda: losses.append(step()), options.seconds)
        cases[case] = {
            "batch": len(x), "parameters": model.count_params(), "steps": len(took), "min_ms": round(min(took), 3),
            "median_ms": round(statistics.median(took), 3), "train_on_batch_min_ms": round(min(whole), 3),
            "loss": round(losses[-1], 6),
        }
    print(json.dumps({"rival": rival, "versions": versions | {"keras": keras.__version__}, "threads": options.threads, "cases": cases}))
