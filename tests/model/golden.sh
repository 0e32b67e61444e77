#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# golden.sh GOLDEN_RUN: one set of bits. The model files of a short training run have the committed checksums.
set -euo pipefail
golden=$(cd "$(dirname "$0")" && pwd)/golden.sha256
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# In a cross build MESON_EXE_WRAPPER is the emulator and its arguments.
# shellcheck disable=SC2086
${MESON_EXE_WRAPPER:-} "$1" "$out"
cd "$out"
if ! sha256sum --check "$golden"; then
  echo "golden.sh: the weights differ from the committed ones; this run gives" >&2
  sha256sum -- *.safetensors >&2
  exit 1
fi
