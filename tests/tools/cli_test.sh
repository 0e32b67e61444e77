#!/bin/bash
# SPDX-License-Identifier: MIT
# What the program `lanewise` promises to people and scripts: messages, exit codes, files, signals, the terminal.
# Usage: cli_test.sh PROGRAM. Needs what a bare Debian has; python3, if there, takes a closer look at the JSON.
set -euo pipefail
export LC_ALL=C TERM=xterm
unset LANEWISE_ISA LANEWISE_DATA NO_COLOR

program=$(realpath "$1")
parts=$(realpath "$(dirname "$0")")/cli
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if [ -n "${MESON_EXE_WRAPPER:-}" ]; then # a cross build: the emulator and its arguments
  printf '#!/bin/sh\nexec %s %q "$@"\n' "$MESON_EXE_WRAPPER" "$program" >lanewise-emulated
  chmod +x lanewise-emulated
  program=$work/lanewise-emulated
fi

. "$parts/checks.sh"
. "$parts/data.sh"

# Learns the 100 test images but for the 15 that have wrong labels.
train=(train --data data --layers 64-16-16r-10 --lr 0.05 --epochs 5)

. "$parts/flags.sh"
. "$parts/runs.sh"
. "$parts/optimizers.sh"
. "$parts/validation.sh"
. "$parts/sweep.sh"
. "$parts/sweep_failures.sh"
. "$parts/activations.sh"
. "$parts/digits.sh"
. "$parts/formats.sh"
. "$parts/malformed.sh"
. "$parts/failures.sh"
. "$parts/signals.sh"
. "$parts/terminal.sh"

is 'nothing half-written is left' '' "$(find . -name '*.part' -o -name '*.tmp')"
finish_report
