#!/usr/bin/env python3
"""Times steps of Keras on TensorFlow. serve.py says what is asked and answered."""
import os

from serve import serve

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402


def load(path, kind, batch, threads):
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    return keras.models.load_model(path + (".train.keras" if kind == "train" else ".keras"))


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
    serve(load, prepare)
