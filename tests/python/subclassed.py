"""Real Keras opens models that users wrote in Rust, with classes of the same names.

usage: subclassed.py FOLDER

FOLDER has refiner.keras, vae.keras and trees.keras of the examples, and what the test
`subclassing::files_for_python` wrote. That we open Keras' files is tested in tests/tests/subclassing/.
"""
import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy as np
from keras import ops

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
FIXTURES = os.path.join(ROOT, "fixtures", "subclassing")
sys.path.insert(0, FIXTURES)
import classes

register = keras.saving.register_keras_serializable(package="examples")


@register
class Refiner(keras.Model):
    def __init__(self, units, steps, **kwargs):
        super().__init__(**kwargs)
        self.units, self.steps = units, steps
        self.encode = keras.layers.Dense(units, activation="tanh", name="encode")
        self.refine = keras.layers.Dense(units, activation="tanh", name="refine")
        self.decode = keras.layers.Dense(1, name="decode")

    def call(self, x):
        state = self.encode(x)
        for _ in range(self.steps):
            state = state + self.refine(state)
        return self.decode(state)

    def get_config(self):
        return {**super().get_config(), "units": self.units, "steps": self.steps}


@register
class Sampling(keras.layers.Layer):
    def __init__(self, beta=1.0, **kwargs):
        super().__init__(**kwargs)
        self.beta = beta
        self.kl = keras.metrics.Mean(name="kl")

    def call(self, mean, log_var):
        kl = -0.5 * ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=-1)
        self.add_loss(self.beta * ops.mean(kl))
        return mean


@register
class VariationalAutoencoder(keras.Model):
    def __init__(self, features, latent, **kwargs):
        super().__init__(**kwargs)
        relu = lambda units: keras.layers.Dense(units, activation="relu")
        self.encoder = [relu(32), relu(16)]
        self.mean = keras.layers.Dense(latent)
        self.log_var = keras.layers.Dense(latent)
        self.sampling = Sampling(beta=0.05)
        self.decoder = [relu(16), relu(32), keras.layers.Dense(features)]

    def call(self, x):
        for layer in self.encoder:
            x = layer(x)
        x = self.sampling(self.mean(x), self.log_var(x))
        for layer in self.decoder:
            x = layer(x)
        return x


def refiner(path):
    model = keras.models.load_model(path)
    assert isinstance(model, Refiner) and model.steps == 3, model
    assert len(model.weights) == 6 and model.optimizer.name == "adam", model.weights
    x = ((np.arange(1024) * 37 % 101) / np.float32(50) - np.float32(1)).reshape(256, 4).astype("float32")
    y = x[:, :1] * x[:, 1:2] + x[:, 2:3]
    loss = float(np.mean((np.asarray(model(x)) - y) ** 2))
    evaluated = model.evaluate(x, y, verbose=0)
    print(f"real Keras: loss {loss:.6f}")
    assert loss < 0.2, loss
    assert abs(loss - evaluated) < 1e-5, (loss, evaluated)


def autoencoder(path):
    model = keras.models.load_model(path)
    a, b = np.random.default_rng(0).uniform(-1, 1, (2, 200, 1)).astype("float32")
    x = np.concatenate([a, b, a * b, a * a, b * b, np.sin(2 * a), np.cos(2 * b), a - b], axis=-1)
    error = float(np.mean((np.asarray(model(x)) - x) ** 2))
    print(f"real Keras: error {error:.4f} of a variance of {x.var(axis=0).mean():.4f}")
    assert error < 0.6 * x.var(axis=0).mean(), error
    assert len(model.losses) == 1 and len(model.weights) == 14, model.weights


def trees(path):
    model = keras.models.load_model(path)
    plus, minus = 10, 11
    expressions = {(3,): 3, (plus, 3, 4): 7, (minus, 9, plus, 1, 2): 6, (plus, minus, 8, 2, plus, 1, 1): 8}
    for tokens, value in expressions.items():
        predicted = 10 * float(model(np.array([tokens], "float32"))[0, 0])
        print(f"real Keras: {tokens} is {predicted:.2f}, {value} by right")
        assert abs(predicted - value) < 3, (tokens, predicted)


def fixtures(folder):
    """Models of the fixtures' classes, with the weights of the fixtures, written by us."""
    with open(os.path.join(FIXTURES, "subclassing.json")) as file:
        expected = json.load(file)
    array = lambda values, *shape: np.array(values, "float32").reshape(shape)
    x, y = array(expected["everything"]["x"], 4, 3), expected["everything"]["y"]
    model = keras.models.load_model(os.path.join(folder, "everything.keras"))
    np.testing.assert_allclose(np.asarray(model(x)).reshape(-1), y, atol=1e-5)
    model = classes.Everything()
    model(x)
    model.load_weights(os.path.join(folder, "everything.weights.h5"))
    np.testing.assert_allclose(np.asarray(model(x)).reshape(-1), y, atol=1e-5)

    x = array(expected["halving"]["x"], 6, 7, 3)
    model = keras.models.load_model(os.path.join(folder, "halving.keras"))
    np.testing.assert_allclose(np.asarray(model(x)).reshape(-1), expected["halving"]["before"], atol=1e-5)

    x, noise = array(expected["vae"]["x"], 6, 5), array(expected["vae"]["noise"], 6, 2)
    model = keras.models.load_model(os.path.join(folder, "vae.keras"))
    y = model([x, noise])
    loss = float(np.mean((np.asarray(y) - x) ** 2)) + float(sum(model.losses))
    assert abs(loss - expected["vae"]["loss"]) < 1e-5, loss
    tokens = array(expected["every_second"]["tokens"], 4, 5).astype("int32")
    model = keras.models.load_model(os.path.join(folder, "every_second.keras"))
    for y, expected_y in zip(model.predict(tokens, verbose=0), expected["every_second"]["y"]):
        np.testing.assert_allclose(y.reshape(-1), expected_y, atol=1e-5)

    x = array(expected["cells"]["x"], 6, 5, 3)
    model = keras.models.load_model(os.path.join(folder, "cells.keras"))
    np.testing.assert_allclose(np.asarray(model(x)).reshape(-1), expected["cells"]["before"], atol=1e-5)
    again = keras.models.clone_model(model)
    again.load_weights(os.path.join(folder, "cells.weights.h5"))
    np.testing.assert_allclose(np.asarray(again(x)).reshape(-1), expected["cells"]["before"], atol=1e-5)
    model = keras.models.load_model(os.path.join(folder, "stateful_cells.keras"))
    for y in expected["cells"]["stateful"][:2]:
        np.testing.assert_allclose(np.asarray(model(x)).reshape(-1), y, atol=1e-5)

    image, text = array(expected["ads"]["image"], 8, 3), array(expected["ads"]["text"], 8, 2)
    kind, price = np.array(expected["ads"]["kind"]).reshape(8, 1), array(expected["ads"]["price"], 8, 1)
    for name, cls in [("lists", classes.AdLists), ("names", classes.AdNames)]:
        x = [image, text] if name == "lists" else {"image": image, "text": text}
        y = [kind, price] if name == "lists" else {"kind": kind, "price": price}
        filled = cls()
        filled(x)
        filled.load_weights(os.path.join(folder, f"ad_{name}.weights.h5"))
        model = keras.models.load_model(os.path.join(folder, f"ad_{name}.keras"))
        for opened in [model, filled]:
            outputs = opened.predict(x, verbose=0)
            outputs = outputs if name == "lists" else [outputs["kind"], outputs["price"]]
            for output, after in zip(outputs, expected["ads"][name]["after"]):
                np.testing.assert_allclose(output.reshape(-1), after, atol=1e-5)
        loss = model.fit(x, y, batch_size=4, shuffle=False, verbose=0).history["loss"]
        np.testing.assert_allclose(loss, expected["ads"][name]["again"], rtol=1e-4)
    print("real Keras: the fixtures' classes open our files")


def main(folder):
    refiner(os.path.join(folder, "refiner.keras"))
    autoencoder(os.path.join(folder, "vae.keras"))
    trees(os.path.join(folder, "trees.keras"))
    fixtures(os.path.join(folder, "fixtures"))


if __name__ == "__main__":
    main(sys.argv[1])
