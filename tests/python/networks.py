#!/usr/bin/env python3
"""Real Keras opens the networks that the suite `networks` trained and saved here, and predicts what its own do.

usage: networks.py FOLDER     (files written under KERAS_RS_WRITE_NETWORKS; cases of ../fixtures/networks)
"""
import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy as np

CASES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures", "networks")
sys.path.insert(0, CASES)
import sampling  # noqa: E402, F401


def main(folder):
    cases = sorted(name for name in os.listdir(CASES) if os.path.exists(os.path.join(CASES, name, "case.json")))
    assert len(cases) >= 10, cases
    for name in cases:
        with open(os.path.join(CASES, name, "case.json")) as f:
            case = json.load(f)
        model = keras.models.load_model(os.path.join(folder, f"{name}.keras"))
        steps = int(np.asarray(model.optimizer.iterations))
        assert steps >= 3, f"{name}: {steps} steps"
        x, wanted = (dict(np.load(os.path.join(CASES, name, file))) for file in ("x.npz", "trained.npz"))
        rows = len(next(iter(x.values())))
        y = model.predict(x if len(x) > 1 else next(iter(x.values())), batch_size=rows, verbose=0)
        for key, got in zip(model.output_names, y if isinstance(y, list) else [y]):
            scale = max(1.0, np.abs(wanted[key]).max())
            worst = np.abs(got - wanted[key]).max() / scale
            assert worst <= case["tolerance"], f"{name}: {key} is off by {worst:.3g}"
    print(f"{len(cases)} trained networks opened by Keras")


if __name__ == "__main__":
    main(sys.argv[1])
