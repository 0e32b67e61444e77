#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# digest.sh BITS_DIGEST: one set of bits. Every kernel gives the committed digest over a fixed series of calls.
set -euo pipefail
digests=$(cd "$(dirname "$0")" && pwd)/bits_digest.txt
# In a cross build MESON_EXE_WRAPPER is the emulator and its arguments.
# shellcheck disable=SC2086
${MESON_EXE_WRAPPER:-} "$1" | diff "$digests" - && exit
status=${PIPESTATUS[0]}
[ "$status" != 77 ] || exit 77
echo "digest.sh: > is what this build gives on $LANEWISE_ISA; a kernel is new, or has changed its bits" >&2
exit 1
