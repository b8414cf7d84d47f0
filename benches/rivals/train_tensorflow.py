#!/usr/bin/env python3
"""Milliseconds of a training step of Keras on TensorFlow. README.md says what is printed."""
import os

import steps

OPTIONS = steps.arguments()
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import tensorflow as tf  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(OPTIONS.threads)
tf.config.threading.set_inter_op_parallelism_threads(OPTIONS.threads)


def prepare(model, x, y):
    """The function that `fit` calls for each batch, on a batch that is ready."""
    train = model.make_train_function() or model.train_function
    batches = iter(tf.data.Dataset.from_tensors((x, y)).repeat())
    return lambda: float(train(batches)["loss"])


if __name__ == "__main__":
    steps.report("keras-tensorflow", {"tensorflow": tf.__version__}, OPTIONS, prepare)
