"""Real Keras opens the model that `examples/burn_module_as_layer.rs` wrote, with a class that computes what the Burn
module does and keeps its weights under the same names, and writes it back. usage: burn_module.py MODEL.keras"""
import sys
import zipfile
import io

import h5py
import keras
import numpy as np

NAMES = ["inner.weight", "inner.bias", "outer.weight", "outer.bias"]


@keras.saving.register_keras_serializable(package="examples")
class Residual(keras.layers.Layer):
    def __init__(self, module_config, **kwargs):
        super().__init__(**kwargs)
        self.module_config = module_config

    def build(self, shape):
        features, hidden = self.module_config["features"], self.module_config["hidden"]
        shapes = [(features, hidden), (hidden,), (hidden, features), (features,)]
        self.parameters = [self.add_weight(name=name, shape=s) for name, s in zip(NAMES, shapes)]

    def call(self, x):
        inner, inner_bias, outer, outer_bias = self.parameters
        hidden = keras.ops.tanh(keras.ops.matmul(x, inner) + inner_bias)
        return x + keras.ops.matmul(hidden, outer) + outer_bias

    def get_config(self):
        return {**super().get_config(), "module_config": self.module_config}

    def save_own_variables(self, store):
        for name, parameter in zip(NAMES, self.parameters):
            store[name] = parameter

    def load_own_variables(self, store):
        assert sorted(store.keys()) == sorted(NAMES), list(store.keys())
        for name, parameter in zip(NAMES, self.parameters):
            parameter.assign(store[name])


def datasets(path):
    found = {}
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file["layers"].visititems(lambda name, item: found.update({name: item[()]}) if hasattr(item, "dtype") else None)
    return found


def main(path):
    model = keras.models.load_model(path)
    x = ((np.arange(1024) * 37 % 101) / np.float32(50) - np.float32(1)).reshape(256, 4).astype("float32")
    y = x[:, :1] * x[:, 1:2] + x[:, 2:3]
    loss = float(np.mean((np.asarray(model(x)) - y) ** 2))
    evaluated = model.evaluate(x, y, verbose=0)
    print(f"real Keras: loss {loss:.6f}")
    assert loss < 0.2 and abs(loss - evaluated) < 1e-5, (loss, evaluated)

    # What Keras writes of it is what we wrote.
    again = path.replace(".keras", "_again.keras")
    model.save(again)
    ours, theirs = datasets(path), datasets(again)
    assert ours.keys() == theirs.keys(), (ours.keys(), theirs.keys())
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


if __name__ == "__main__":
    main(sys.argv[1])
