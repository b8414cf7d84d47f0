#!/usr/bin/env bash
# Forward passes and training steps here and in real Keras on TensorFlow and on JAX, in one run, one after the other
# in turns: prints each one's milliseconds and what keras-rs takes relative to the rivals.
#
# usage: benches/compare.sh [CASE...]     (default: lstm gru mha; also mlp, cnn; rivals/README.md has the table)
#
# Needs Python 3.11 and an idle machine; installs the rivals beside the build, or takes those in $RIVALS_VENV. The build is
# the dev profile's, as for the tests: everything that computes is a dependency and fully optimised, keras-rs itself is at
# opt-level 1. With CARGO_PROFILE_DEV_OPT_LEVEL=3 it is optimised fully, too; the dependencies are not built again.
set -euo pipefail
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
venv="${RIVALS_VENV:-$target/rivals}"
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet -r benches/requirements.txt
fi
# The whole workspace: a single package would be built with other features of its dependencies.
cargo build --quiet --workspace
python3 benches/compare.py "$target/debug/steps" "$venv/bin/python" "$@"
