#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# instructions.sh TRAINING_STEPS COMPILER: the instructions of 100 training steps on avx2 stay within 3 % of the committed
# count. Unlike times, counts do not depend on what else a machine does. instructions.sh ... --update writes them anew:
# after a change that was meant to change them, say in the commit why they grew.
set -euo pipefail
program=$1 compiler=$2 update=${3:-}
budget=$(cd "$(dirname "$0")" && pwd)/instructions.txt
command -v valgrind >/dev/null || { echo "SKIP: no valgrind; install it" && exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

failed=0
for run in "fused 1" "fused 64" "nonzero 64" "dense 1" "dense 64"; do
  valgrind --tool=callgrind --collect-atstart=no --toggle-collect=hundred_steps --callgrind-out-file="$out/counts" \
    "$program" "${run% *}" "${run#* }" >"$out/output" 2>&1 || { status=$? && cat "$out/output" && exit "$status"; }  # 77 without avx2
  count=$(sed -n 's/^totals: //p' "$out/counts")
  ((count > 0)) || { echo "nothing was counted" && cat "$out/output" && exit 1; }
  if [ "$update" = --update ]; then
    sed -i "/^$compiler, $run: /d" "$budget"
    echo "$compiler, $run: $count" >>"$budget"
  fi
  committed=$(sed -n "s/^$compiler, $run: //p" "$budget")
  [ -n "$committed" ] || { echo "SKIP: no count of $compiler in $budget" && exit 77; }
  awk -v count="$count" -v committed="$committed" -v what="$compiler, $run" 'BEGIN {
    printf "%s: %d instructions, %+.2f %% of the committed %d\n", what, count, 100 * (count / committed - 1), committed
    exit count > 1.03 * committed
  }' || failed=1
done
exit "$failed"
