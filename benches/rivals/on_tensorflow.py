#!/usr/bin/env python3
"""Times steps of Keras on TensorFlow. README.md says what is asked and answered."""
import os

import steps

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import tensorflow as tf  # noqa: E402


def prepare(model, kind, x, y):
    """The function that `predict` or `fit` calls for each batch, on a batch that is ready."""
    if kind == "train":
        train = model.make_train_function() or model.train_function
        batches = iter(tf.data.Dataset.from_tensors((x, y)).repeat())
        return lambda: float(train(batches)["loss"])
    predict = model.make_predict_function() or model.predict_function
    batch = [(tf.constant(x),)]
    return lambda: predict(batch).numpy()


if __name__ == "__main__":
    steps.serve(prepare)
