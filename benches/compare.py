#!/usr/bin/env python3
"""Has keras-rs and its rivals take steps in turns and prints what they took. See compare.sh.

usage: compare.py BINARY PYTHON [CASE...]
"""
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS, SECONDS = 5, 0.7


class Contender:
    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def asked(self, case, kind, seconds):
        print(case, kind, seconds, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        assert answer, f"{self.process.args} ended at {case} {kind}"
        return json.loads(answer)


def main(binary, python, *cases):
    rivals = {name: Contender(python, os.path.join(HERE, "rivals", f"on_{name}.py")) for name in ("tensorflow", "jax")}
    contenders = {"keras-rs": Contender(binary), **rivals}
    for case in cases or ("lstm", "gru", "mha"):
        for kind in ("forward", "train"):
            took = {name: [] for name in contenders}
            for contender in contenders.values():
                contender.asked(case, kind, 0)
            for _ in range(ROUNDS):
                for name, contender in contenders.items():
                    took[name].append(contender.asked(case, kind, SECONDS))
            best = {name: min(block["min_ms"] for block in blocks) for name, blocks in took.items()}
            parts = [f"{case} {kind}: keras-rs {best['keras-rs']:.2f} ms"]
            for name in rivals:
                # Neighbours in time are compared, then the middle one of the rounds is taken.
                ratios = [ours["median_ms"] / theirs["median_ms"] for ours, theirs in zip(took["keras-rs"], took[name])]
                parts.append(f"{name} {best[name]:.2f} ms (ratio {statistics.median(ratios):.2f})")
            print(", ".join(parts), flush=True)
    for contender in contenders.values():
        contender.process.stdin.close()
        contender.process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
