"""Clients of TensorFlow Serving, as its documentation writes them, against our server; numbers as real Keras gives them.

    python serving.py BINARY

Real Keras saves a few models, `BINARY serve` serves them, and `urllib` asks for status, metadata and predictions in
rows, columns, base64 and as uploads.
"""

import base64
import concurrent.futures
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import keras
import numpy as np
from PIL import Image


def half_plus_two():
    """The model of TensorFlow Serving's first page: x / 2 + 2."""
    x = keras.Input((), name="x")
    return keras.Model(x, keras.layers.Rescaling(0.5, 2.0, name="y")(x))


def clothes():
    """The model of its Keras tutorial: pictures of 28 by 28, ten classes."""
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ])


def several():
    """Several inputs and outputs, by name, numbers and whole numbers."""
    words, age = keras.Input((5,), name="words", dtype="int32"), keras.Input((1,), name="age")
    x = keras.layers.LSTM(6)(keras.layers.Embedding(20, 4)(words))
    x = keras.layers.Concatenate()([x, age])
    return keras.Model({"words": words, "age": age}, {"price": keras.layers.Dense(1)(x), "kind": keras.layers.Dense(3, activation="softmax")(x)})


def photographs():
    """A small classifier of colour pictures."""
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(4, activation="softmax"),
    ])


class Client:
    def __init__(self, address):
        self.address = address

    def ask(self, path, body=None, headers=None):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=data, headers=headers or {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def predict(self, model, body):
        return self.ask(f"/v1/models/{model}:predict", body)

    def refused(self, path, body, status):
        try:
            self.ask(path, body)
        except urllib.error.HTTPError as error:
            assert error.code == status, (path, error.code)
            return json.load(error)["error"]
        raise AssertionError(f"{path} was not refused")


def close(got, expected, what):
    got, expected = np.array(got), np.array(expected)
    assert got.shape == expected.shape, f"{what}: {got.shape}, expected {expected.shape}"
    error = np.abs(got - expected).max() / max(1, np.abs(expected).max())
    assert error <= 1e-5, f"{what}: off by {error}"


def half_plus_two_page(client):
    """https://www.tensorflow.org/tfx/serving/api_rest#example"""
    status = client.ask("/v1/models/half_plus_two")
    assert status == {"model_version_status": [{"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}]}, status
    assert client.predict("half_plus_two", {"instances": [1.0, 2.0, 5.0]}) == {"predictions": [2.5, 3.0, 4.5]}
    assert client.predict("half_plus_two", {"inputs": [1.0, 2.0, 5.0]}) == {"outputs": [2.5, 3.0, 4.5]}
    signature = client.ask("/v1/models/half_plus_two/metadata")["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["inputs"]["x"]["dtype"] == "DT_FLOAT", signature
    assert "classify" in client.refused("/v1/models/half_plus_two:classify", {"examples": [{"x": 1.0}]}, 400)
    client.refused("/v1/models/three_quarters:predict", {"instances": [1.0]}, 404)


def keras_tutorial(client, model, rng):
    images = rng.random((7, 28, 28, 1), dtype="float32")
    expected = model.predict(images, verbose=0)
    answer = client.predict("clothes", {"signature_name": "serving_default", "instances": images[0:3].tolist()})
    close(answer["predictions"], expected[:3], "clothes")
    answer = client.ask("/v1/models/clothes/versions/1:predict", {"inputs": images.tolist()})
    close(answer["outputs"], expected, "clothes in columns")

    def one(i):
        close(client.predict("clothes", {"instances": [images[i % 7].tolist()]})["predictions"][0], expected[i % 7], f"clothes {i}")

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(64)))


def names(client, model, rng):
    words, age = rng.integers(0, 20, (4, 5)).astype("int32"), rng.random((4, 1), dtype="float32")
    expected = model.predict({"words": words, "age": age}, verbose=0)
    answer = client.predict("several", {"inputs": {"words": words.tolist(), "age": age.tolist()}})["outputs"]
    rows = client.predict("several", {"instances": [{"words": w.tolist(), "age": a.tolist()} for w, a in zip(words, age)]})["predictions"]
    assert set(answer) == set(rows[0]) == {"price", "kind"}, answer
    for name, values in expected.items():
        close(answer[name], values, name)
        close([row[name] for row in rows], values, f"{name} in rows")
    assert "int32" in client.refused("/v1/models/several:predict", {"inputs": {"words": [[0.5] * 5], "age": [[1]]}}, 400)


def pictures(client, model, rng):
    """The ResNet client of TensorFlow Serving's examples sends a JPEG file as base64."""
    pixels = rng.integers(0, 256, (40, 50, 3)).astype("uint8")
    for kind in ["png", "bmp", "gif", "webp", "jpeg"]:
        file = io.BytesIO()
        image = Image.fromarray(np.repeat(np.repeat(pixels[:10, :10], 8, 0), 8, 1))
        image.save(file, kind, **({"lossless": True} if kind == "webp" else {}))
        array = keras.utils.img_to_array(keras.utils.load_img(io.BytesIO(file.getvalue()), target_size=(32, 32)))
        expected = model.predict(array[None], verbose=0)[0]
        answer = client.predict("photographs", {"instances": [{"b64": base64.b64encode(file.getvalue()).decode()}]})
        close(answer["predictions"][0], expected, f"{kind} as base64")
        (answer,) = client.ask("/v1/models/photographs:image?top=4", file.getvalue(), {"content-type": f"image/{kind}"})["predictions"]
        assert [c["class"] for c in answer["top"]] == np.argsort(-expected).tolist(), (answer, expected)
        close([c["score"] for c in answer["top"]], np.sort(expected)[::-1], f"{kind} uploaded")


def main(binary):
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(1)
    models = {make.__name__: make() for make in (half_plus_two, clothes, several, photographs)}
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for name, model in models.items():
            paths.append(str(pathlib.Path(directory) / f"{name}.keras"))
            model.save(paths[-1])
        server = subprocess.Popen([binary, "serve", "--port", "0", *paths], stdout=subprocess.PIPE, text=True)
        try:
            address = next((line.split()[-1] for line in server.stdout if line.startswith("listening on ")), None)
            assert address, "the server did not start"
            client = Client(address)
            half_plus_two_page(client)
            keras_tutorial(client, models["clothes"], rng)
            names(client, models["several"], rng)
            pictures(client, models["photographs"], rng)
        finally:
            server.terminate()
            assert server.wait(60) == 0
    print("serving: as TensorFlow Serving, numbers as real Keras")


if __name__ == "__main__":
    main(*sys.argv[1:])
