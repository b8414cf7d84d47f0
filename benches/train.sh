#!/usr/bin/env bash
# A training step here and in real Keras on TensorFlow and on JAX, in one run: prints each one's
# milliseconds and what keras-rs takes relative to the rivals.
#
# usage: benches/train.sh     (needs Python 3.11; installs the rivals beside the build)
set -euo pipefail
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
venv="${RIVALS_VENV:-$target/rivals}"
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet -r benches/requirements.txt
fi
cargo build --workspace
ours="$("$target/debug/train_step")"
tensorflow="$("$venv/bin/python" benches/rivals/train_tensorflow.py --cases mlp,cnn 2>/dev/null | tail -n 1)"
jax="$("$venv/bin/python" benches/rivals/train_jax.py --cases mlp,cnn 2>/dev/null | tail -n 1)"
OURS="$ours" TENSORFLOW="$tensorflow" JAX="$jax" python3 - <<'PYTHON'
import json
import os

ours = json.loads(os.environ["OURS"])
rivals = {name: json.loads(os.environ[name.upper()])["cases"] for name in ["tensorflow", "jax"]}
for case, time in ours.items():
    line = [f"{case}: keras-rs {time['min_ms']:.1f} ms"]
    for name, cases in rivals.items():
        best = cases[case]["min_ms"]
        line.append(f"{name} {best:.1f} ms (ratio {time['min_ms'] / best:.2f})")
    print(", ".join(line))
PYTHON
