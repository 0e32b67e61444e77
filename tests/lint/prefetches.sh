#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks that what prefetches in the sources does so in the machine code: prefetches.sh BUILD
#
# No result tells: gcc drops the calls of a function that does nothing else, and an epoch then takes a third longer.
set -euo pipefail
build=$1 missing=0

while read -r folder object; do
  found=0
  while read -r file; do
    found=1
    # Not grep -q, which would end objdump early.
    if ! objdump -d "$file" | grep $'\tprefetch' >/dev/null; then
      echo "prefetches: ${file#"$build"/}: none left" && missing=1
    fi
  done < <(find "$build/$folder" -name "$object" -path '*lanewise*')
  ((found)) || { echo "prefetches: no $object in $build/$folder; build first" && missing=1; }
done <<'END'
model src_training_steps.cpp.o
kernels src_fused_mlp.simd.cpp.o
kernels src_gemm.simd.cpp.o
END
exit "$missing"
