"""The programs that are timed. Each is asked for a number of steps and answers with what they took."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {"keras-rs": "keras-rs", "openvino": "OpenVINO", "onnxruntime": "ONNX Runtime", "tensorflow": "TensorFlow", "jax": "JAX"}
RIVALS = [name for name in NAMES if name != "keras-rs"]


class Rival:
    """A script that stays: it loads the model once."""

    def __init__(self, rival, folder, model, kind, batch, threads):
        command = [sys.executable, os.path.join(HERE, f"on_{rival}.py"), folder, model, kind, str(batch), str(threads)]
        # A file: nobody reads along, and a full pipe would stop the process.
        self.said = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True)
        self.ready = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.said.seek(0)
            raise RuntimeError(f"{' '.join(self.process.args)} ended:\n{self.said.read()[-2000:]}")
        return json.loads(line)

    def steps(self, count):
        print(count, file=self.process.stdin, flush=True)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class KerasRs:
    """The program, started anew for each number of steps; what it does before the first one is not among them."""

    def __init__(self, folder, model, kind, batch, threads):
        path = os.path.join(folder, model)
        self.command = [os.environ["KERAS_RS"], "bench", path + (".train.keras" if kind == "train" else ".keras"), "--json",
                        "--batch-size", str(batch), "--threads", str(threads), *(["--train"] if kind == "train" else [])]
        self.warmup = 3
        self.ready = self.steps(1)
        # A turn of a slow model is to consist of its steps, not of those before.
        self.warmup = 1 if self.ready["median_ms"] > 300 else 3
        if kind == "predict":
            self.ready["error"] = self.error(path, batch)

    def steps(self, count):
        command = [*self.command, "--runs", str(count), "--warmup", str(self.warmup)]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)

    def error(self, path, batch):
        import numpy as np

        x, y = path + ".batch.npy", path + ".batch.npz"
        np.save(x, np.load(path + ".x.npy")[:batch])
        subprocess.run([os.environ["KERAS_RS"], "predict", path + ".keras", x, "-o", y, "--batch-size", str(batch)], check=True)
        expected, got = np.load(path + ".y.npy")[:batch], np.load(y)
        return float(np.abs(got[got.files[0]] - expected).max() / np.abs(expected).max())

    def close(self):
        pass
