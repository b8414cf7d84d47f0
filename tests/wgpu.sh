#!/usr/bin/env bash
# Runs the layer and model cases on the wgpu backend: on a GPU where there is one, else on Mesa's
# software Vulkan, which this installs from Debian's backports.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(uname)" = Linux ] && ! ls /usr/share/vulkan/icd.d/*.json >/dev/null 2>&1; then
  . /etc/os-release
  sed "s/^Suites: .*/Suites: ${VERSION_CODENAME}-backports/" /etc/apt/sources.list.d/debian.sources > /etc/apt/sources.list.d/backports.sources
  apt-get update -qq
  apt-get install -y -qq -t "${VERSION_CODENAME}-backports" mesa-vulkan-drivers
fi
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$(mktemp -d)}"
export KERAS_RS_TEST_BACKENDS=wgpu
cargo test -p keras-rs-tests --features wgpu --test cases -- layers:: models:: --skip gradients --skip defaults
