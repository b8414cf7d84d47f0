"""Real Keras opens the model that `examples/subclassed.rs` wrote, with a class of the same name, and the example's
class would open Keras'. usage: subclassed.py MODEL.keras"""
import sys

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="examples")
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


def main(path):
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


if __name__ == "__main__":
    main(sys.argv[1])
