#!/usr/bin/env bash
# Real Keras opens what we save and agrees with what we predict. Installs Keras by pip into a
# virtual environment beside the build, once for each version of tests/requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
venv="$target/python-$(sha256sum tests/requirements.txt | cut -c1-12)"

if [ ! -e "$venv/complete" ]; then
  if ! python3 -m venv "$venv" >/dev/null 2>&1; then
    apt-get update -qq && apt-get install -y -qq python3-venv
    python3 -m venv --clear "$venv"
  fi
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/requirements.txt
  touch "$venv/complete"
fi
export KERAS_BACKEND=jax JAX_PLATFORMS=cpu

cargo build --workspace --examples --bins
binary="$target/debug/keras-rs"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# What the library's unit tests write, read by h5py, NumPy, safetensors and TensorBoard.
mkdir "$work/formats"
KERAS_RS_WRITE_FORMATS="$work/formats" cargo test --quiet --workspace --lib what_is_written
"$venv/bin/python" tests/python/check_formats.py "$work/formats"
"$venv/bin/python" tests/python/check_events.py "$work/formats"

# Models of one operation each, wired with functions of `ops`.
mkdir "$work/operations"
KERAS_RS_WRITE_OPERATIONS="$work/operations" cargo test --quiet --workspace --test all symbolic
"$venv/bin/python" tests/python/operations.py "$work/operations"

# Models of every kind, saved by Keras, saved again by us, opened by Keras.
"$venv/bin/python" tests/python/round_trip.py "$binary" "$work"

# An application with a weight file by real Keras, on an image.
"$venv/bin/python" tests/python/applications.py "$binary"
"$venv/bin/python" tests/python/applications_files.py "$binary"

# Clients of TensorFlow Serving against our server.
"$venv/bin/python" tests/python/serving.py "$binary"

# Training cut here goes on there.
"$venv/bin/python" tests/python/training.py "$binary"

# Model classes of users, and Python classes of the same names.
mkdir -p "$work/subclassed/fixtures"
"$target/debug/examples/subclassed" "$work/subclassed/refiner.keras"
"$target/debug/examples/variational_autoencoder" "$work/subclassed/vae.keras"
"$target/debug/examples/tree_rnn" "$work/subclassed/trees.keras"
KERAS_RS_WRITE_FORMATS="$work/subclassed/fixtures" cargo test --quiet --workspace --test all files_for_python
"$venv/bin/python" tests/python/subclassed.py "$work/subclassed"

# A Burn module as a layer, and a Python class of the same name.
"$target/debug/examples/burn_module_as_layer" "$work/residual.keras"
"$venv/bin/python" tests/python/burn_module.py "$work/residual.keras"

# Networks of every kind that were trained and saved here.
mkdir "$work/networks"
KERAS_RS_TEST_BACKENDS=flex KERAS_RS_WRITE_NETWORKS="$work/networks" cargo test --quiet --workspace --test cases networks::
"$venv/bin/python" tests/python/networks.py "$work/networks"

# Models that others published with Python packages, downloaded once.
"$venv/bin/python" tests/python/published.py "$binary" "$target/published"
