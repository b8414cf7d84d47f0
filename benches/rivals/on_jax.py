#!/usr/bin/env python3
"""Times steps of Keras on JAX. serve.py says what is asked and answered."""
import itertools
import os

from serve import serve

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402


def load(path, kind, batch, threads):
    # XLA takes as many threads as the process may use processors, which compare.py has limited.
    model = keras.models.load_model(path + (".train.keras" if kind == "train" else ".keras"))
    if kind == "train":
        # Keras on TensorFlow settles this when it compiles the model, to no on CPUs, and writes it into the file; on JAX that
        # would have each operation run by itself. Compiled on JAX, the model has yes.
        model.jit_compile = True
    return model


def prepare(model, kind, x, y):
    """The function that `predict` or `fit` calls for each batch, handing its state on as they do."""
    train = kind == "train"
    # Builds optimizer and metrics.
    model.train_on_batch(x, y) if train else model.make_predict_function()
    function = model.train_function if train else model.predict_function
    state = model._get_jax_state(trainable_variables=True, non_trainable_variables=True, optimizer_variables=train,
                                 metrics_variables=train, purge_model_variables=False)
    batches, held = itertools.repeat((x, y) if train else (x,)), [state]

    def step():
        numbers, held[0] = function(held[0], batches)
        jax.block_until_ready(held[0])
        return float(numbers["loss"]) if train else np.asarray(numbers)

    return step


if __name__ == "__main__":
    serve(load, prepare)
