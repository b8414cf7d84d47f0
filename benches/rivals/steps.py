"""The models, the data and the stopwatch that both rivals share. README.md has the table."""
import json
import statistics
import sys
import time

LEAST_STEPS, WARM = 5, 3


def model_of(case):
    import keras
    from keras import layers, losses

    logits = losses.SparseCategoricalCrossentropy(from_logits=True)
    tokens = [keras.Input((200,), dtype="int32"), layers.Embedding(10000, 64)]
    if case in ("lstm", "gru"):
        recurrent = layers.LSTM(64) if case == "lstm" else layers.GRU(64)
        model, loss = keras.Sequential([*tokens, recurrent, layers.Dense(1, "sigmoid")]), "binary_crossentropy"
    elif case == "mha":
        x = keras.Input((128, 256))
        y = layers.GlobalAveragePooling1D()(layers.MultiHeadAttention(8, 64)(x, x))
        model, loss = keras.Model(x, layers.Dense(10)(y)), logits
    else:
        model, loss = keras.Sequential({
            "mlp": [keras.Input((784,)), layers.Dense(512, "relu"), layers.Dense(512, "relu"), layers.Dense(10)],
            "cnn": [keras.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
                    layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(10)],
        }[case]), logits
    model.compile("adam", loss)
    return model


def batch_of(case):
    import numpy as np

    rng = np.random.default_rng(0)
    if case in ("lstm", "gru"):
        return rng.integers(0, 10000, (32, 200)).astype("int32"), rng.integers(0, 2, (32, 1)).astype("float32")
    shape = {"mha": (32, 128, 256), "mlp": (128, 784), "cnn": (128, 28, 28, 1)}[case]
    return rng.random(shape, dtype="float32"), rng.integers(0, 10, shape[0]).astype("int32")


def timed(step, seconds):
    """Milliseconds of each step; `step` returns when its numbers are there."""
    took, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(took) < LEAST_STEPS:
        start = time.perf_counter()
        step()
        took.append((time.perf_counter() - start) * 1e3)
    return took


def serve(prepare):
    """Answers each line `CASE forward|train SECONDS` with a line of JSON.

    prepare: gives a function that takes one step and returns its numbers, for (model, kind, x, y).
    """
    import keras

    ready = {}
    for line in sys.stdin:
        case, kind, seconds = line.split()
        if (case, kind) not in ready:
            keras.utils.set_random_seed(0)
            ready[case, kind] = prepare(model_of(case), kind, *batch_of(case))
            for _ in range(WARM):
                ready[case, kind]()
        took = timed(ready[case, kind], float(seconds))
        print(json.dumps({"min_ms": min(took), "median_ms": statistics.median(took), "steps": len(took)}), flush=True)
