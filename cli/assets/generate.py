#!/usr/bin/env python3
"""Trains the embedded digits network with real Keras and picks the sample image.

usage: KERAS_BACKEND=jax python generate.py

Made with keras==3.15.1 jax==0.10.2 numpy==2.4.6 scikit-learn==1.9.1 pillow==13.0.0.
Writes beside itself: digits.keras, digit.png and expected.json, what Keras says of the image.
Where the data comes from and under which licence: README.md.
"""
import json
import pathlib

import keras
import numpy as np
from keras import layers
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 2
HERE = pathlib.Path(__file__).parent


def network():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits",
    )


def main():
    keras.utils.set_random_seed(SEED)
    data = load_digits()
    # The data has 17 levels of grey; as an image has 256.
    pixels = np.round(data.images * (255 / 16)).astype("uint8")[..., None]
    x, x_test, y, y_test = train_test_split(
        pixels, data.target, test_size=0.2, random_state=SEED, stratify=data.target
    )
    model = network()
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x.astype("float32"), y, batch_size=64, epochs=40, verbose=0)
    accuracy = model.evaluate(x_test.astype("float32"), y_test, verbose=0, return_dict=True)["accuracy"]
    assert accuracy >= 0.97, accuracy

    # Without the optimizer's state, which predicting has no use for.
    plain = keras.models.clone_model(model)
    plain.set_weights(model.get_weights())
    plain.save(HERE / "digits.keras")

    Image.fromarray(x_test[0, ..., 0]).save(HERE / "digit.png")
    image = keras.utils.load_img(HERE / "digit.png", color_mode="grayscale")
    image = keras.utils.img_to_array(image)[None]
    probabilities = plain.predict(image, verbose=0)[0]
    expected = {
        "test_accuracy": round(accuracy, 4),
        "digit": int(y_test[0]),
        "probabilities": [float(p) for p in probabilities],
    }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(expected, plain.count_params())


if __name__ == "__main__":
    main()
