"""What all rivals' scripts share: arguments, the stopwatch, and the conversation with compare.py.

A script is started with FOLDER MODEL KIND BATCH THREADS, where KIND is predict or train. It loads the model and answers
with a line of JSON: `load_ms` (until the model can be called), `first_ms` (the first call, which may compile) and, for
predict, `error`: how far the outputs are from those of Keras on TensorFlow, as a part of the largest one. Then it
takes as many steps as each line of its input says and answers with `median_ms`, `min_ms` and `peak_rss_mb`.
"""
import json
import os
import statistics
import sys
import time


def asked():
    folder, name, kind, batch, threads = sys.argv[1:]
    return os.path.join(folder, name), name, kind, int(batch), int(threads)


def timed(work):
    """What `work` gives, and the milliseconds that it takes."""
    start = time.perf_counter()
    result = work()
    return result, (time.perf_counter() - start) * 1e3


def peak_rss_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM:"))


def serve(load, prepare):
    """Answers until the input ends.

    load: the model, from (path without extension, kind, batch, threads).
    prepare: a function that takes one step and returns its numbers, from (model, kind, x, y).
    """
    import numpy as np

    from cases import targets_of

    path, name, kind, batch, threads = asked()
    x = np.load(path + ".x.npy")[:batch]
    model, load_ms = timed(lambda: load(path, kind, batch, threads))
    step = prepare(model, kind, x, targets_of(name, batch))
    numbers, first_ms = timed(step)
    ready = {"load_ms": load_ms, "first_ms": first_ms}
    if kind == "predict":
        expected = np.load(path + ".y.npy")[:batch]
        ready["error"] = float(np.abs(numbers - expected).max() / np.abs(expected).max())
    print(json.dumps(ready), flush=True)
    for line in sys.stdin:
        took = [timed(step)[1] for _ in range(int(line))]
        print(json.dumps({"median_ms": statistics.median(took), "min_ms": min(took), "peak_rss_mb": peak_rss_mb()}), flush=True)
