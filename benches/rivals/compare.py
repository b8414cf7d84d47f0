#!/usr/bin/env python3
"""Has keras-rs and its rivals take steps in turns, and writes what they took to docs/benchmarks.md.

`run` installs and builds what is needed and starts this.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

import cases
import tables
from contenders import HERE, RIVALS, KerasRs, Rival

# How far outputs may be from those of Keras on TensorFlow, as a part of the largest one.
TOLERANCE = 1e-4
PARTS = ("predict", "train", "cold")
# The model of the cold start.
COLD = "resnet50"


def arguments():
    def listed(known):
        def split(text):
            unknown = [name for name in text.split(",") if name not in known]
            if unknown:
                raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is not among {', '.join(known)}")
            return text.split(",")
        return split

    models = list(dict.fromkeys(name for name, _ in cases.PREDICT + cases.TRAIN))
    parser = argparse.ArgumentParser(prog="run", description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="build keras-rs as for the tests, not with --release")
    parser.add_argument("--models", type=listed(models), default=models, metavar="LIST", help=f"of {','.join(models)}")
    parser.add_argument("--rivals", type=listed(RIVALS), default=RIVALS, metavar="LIST", help=f"of {','.join(RIVALS)}")
    parser.add_argument("--parts", type=listed(PARTS), default=list(PARTS), metavar="LIST", help=f"of {','.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often each has its turn (default 5)")
    parser.add_argument("--seconds", type=float, default=1.0, metavar="S", help="how long a turn takes (default 1)")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="threads, and processors (default 2)")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--folder", required=True, help=argparse.SUPPRESS)
    return parser.parse_args(), models


def row(options, model, kind, batch):
    """What each contender takes for one model: its best and its middle step, and more."""
    able = [r for r in options.rivals if r in ("tensorflow", "jax") or (kind == "predict" and model in cases.EXPORTED)]
    where = (options.folder, model, kind, batch, options.threads)
    contenders = {"keras-rs": KerasRs(*where)}
    took = {name: [] for name in ["keras-rs", *able]}
    try:
        for rival in able:
            contenders[rival] = Rival(rival, *where)
        counts = {}
        for name, contender in contenders.items():
            estimate = contender.steps(3)["median_ms"]
            counts[name] = int(min(max(options.seconds * 1e3 / max(estimate, 1e-3), 3), 50_000))
        for _ in range(options.rounds):
            for name, contender in contenders.items():
                # Threads of the one before may still wait for work.
                time.sleep(0.1)
                took[name].append(contender.steps(counts[name]))
    finally:
        for contender in contenders.values():
            contender.close()
    results = {}
    for name, blocks in took.items():
        # Neighbours in time are compared, then the middle one of the rounds is taken.
        ratios = [theirs["median_ms"] / ours["median_ms"] for ours, theirs in zip(took["keras-rs"], blocks)]
        results[name] = {
            **contenders[name].ready,
            "median_ms": statistics.median(block["median_ms"] for block in blocks),
            "min_ms": min(block["min_ms"] for block in blocks),
            "peak_rss_mb": max(block["peak_rss_mb"] for block in blocks),
            "ratio": statistics.median(ratios),
        }
    return {"model": model, "kind": kind, "batch": batch, "results": results}


def cold(options):
    """Seconds and megabytes of programs that load a model, predict one sample and end."""
    import numpy as np

    path, x, y = (os.path.join(options.folder, COLD + end) for end in (".keras", ".one.npy", ".one.npz"))
    np.save(x, np.load(os.path.join(options.folder, COLD + ".x.npy"))[:1])
    commands = {"keras-rs": [os.environ["KERAS_RS"], "predict", path, x, "-o", y]}
    for rival in options.rivals:
        if rival in ("tensorflow", "jax"):
            commands[rival] = [sys.executable, os.path.join(HERE, "cold.py"), rival, path, x]
    took = {name: [] for name in commands}
    for _ in range(min(options.rounds, 3)):
        for name, command in commands.items():
            start = time.perf_counter()
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
            took[name].append((time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e6))
    return {name: {"seconds": statistics.median(s for s, _ in runs), "mb": max(m for _, m in runs)} for name, runs in took.items()}


def main():
    options, models = arguments()
    # Children inherit this: everyone has the same processors.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])
    asked = [(model, kind, batch) for kind, rows in (("predict", cases.PREDICT), ("train", cases.TRAIN)) for model, batch in rows
             if kind in options.parts and model in options.models]
    needed = {model for model, _, _ in asked} | ({COLD} if "cold" in options.parts else set())
    subprocess.run([sys.executable, os.path.join(HERE, "export.py"), options.folder, *sorted(needed)], check=True)
    rows, wrong = [], []
    for model, kind, batch in asked:
        rows.append(row(options, model, kind, batch))
        print(tables.line(rows[-1]), file=sys.stderr, flush=True)
        wrong += [f"{model}, batch {batch}: {name} differs by {result['error']:.1e}"
                  for name, result in rows[-1]["results"].items() if result.get("error", 0) > TOLERANCE]
    text = tables.text(options, rows, cold(options) if "cold" in options.parts else {})
    whole = (options.models, options.rivals, options.parts) == (models, RIVALS, list(PARTS))
    if whole and not wrong:
        tables.replace(text)
    else:
        print(text)
    if wrong:
        sys.exit("outputs do not agree:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
