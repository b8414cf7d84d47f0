#!/usr/bin/env python3
"""Milliseconds of a training step of Keras on JAX. README.md says what is printed."""
import itertools
import os

import steps

OPTIONS = steps.arguments()
os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# JAX has no setting for its threads: it takes a thread for each core that the process may use.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: OPTIONS.threads])
import jax  # noqa: E402


def prepare(model, x, y):
    """The function that `fit` calls for each batch, handing its state on as `fit` does."""
    model.make_train_function()
    state = model._get_jax_state(trainable_variables=True, non_trainable_variables=True, optimizer_variables=True,
                                 metrics_variables=True, purge_model_variables=False)
    batches, held = itertools.repeat((x, y)), [state]

    def step():
        logs, held[0] = model.train_function(held[0], batches)
        jax.block_until_ready(held[0])
        return float(logs["loss"])

    return step


if __name__ == "__main__":
    steps.report("keras-jax", {"jax": jax.__version__}, OPTIONS, prepare)
