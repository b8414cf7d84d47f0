#!/usr/bin/env python3
"""Training that begins here goes on in real Keras, on the curve of a training that was never cut.

usage: training.py BINARY     (the cases of ../fixtures/training/resume, see generate.py there)
"""
import json
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(os.path.dirname(HERE), "fixtures", "training", "resume")
TOLERANCE = 1e-4


def main(binary):
    count = 0
    for name in sorted(os.listdir(CASES)):
        folder = os.path.join(CASES, name)
        start = os.path.join(folder, "start.keras")
        if not os.path.exists(start):
            continue
        case = json.load(open(os.path.join(folder, "case.json")))
        if any("average" in variable["path"] for variable in case["optimizer"]):
            continue  # the end of a fit sets the weights to their averages
        with tempfile.TemporaryDirectory() as work:
            cut = os.path.join(work, "cut.keras")
            data = os.path.join(folder, "data.npz")
            batch = str(case["fit"]["batch_size"])
            subprocess.run([binary, "fit", start, data, "--epochs", "3", "--batch-size", batch, "--no-shuffle",
                            "--quiet", "-o", cut], check=True)
            model = keras.models.load_model(cut)
            arrays = np.load(data)
            history = model.fit(arrays["x"], arrays["y"], batch_size=int(batch), initial_epoch=3, epochs=6,
                                shuffle=False, verbose=0).history
        for key, want in case["history"].items():
            got, want = np.array(history[key]), np.array(want[3:])
            assert np.allclose(got, want, rtol=TOLERANCE, atol=TOLERANCE), f"{name} {key}: {got}, expected {want}"
        count += 1
    assert count > 0
    print(f"{count} trainings went on in Keras")


if __name__ == "__main__":
    main(sys.argv[1])
