#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the symbols of the kernels:
#   symbols.sh isas BUILD/kernels ISA...
#   symbols.sh exports SHARED_LIBRARY INCLUDE_FOLDER
#
# A function that two ISAs' objects define under one name is kept once by the linker: an older CPU could get the code of
# a newer one. So every symbol that such an object defines for others carries its ISA, in a tag (lanewise::isa::avx2) or
# in the renamed namespace of xsimd (xsimd_avx2). What the objects need from elsewhere is memcpy and its kin, which
# compilers call by themselves; nothing of libm, whose results differ from one version to the next.
#
# The shared library exports what the public headers declare, nothing else of namespace lanewise. Weak instantiations of
# std's templates may be there as well: whether one is inlined is up to the compiler.
set -euo pipefail

hits=0

report() { # RULE LOOKED_AT HITS...
  local rule=$1 looked_at=$2
  shift 2
  echo "symbols: $rule: $looked_at looked at: $# hits"
  (($# == 0)) || printf '  %s\n' "$@"
  hits=$((hits + $#))
  ((looked_at > 0)) || { echo "  nothing to look at: the gate itself is broken" && hits=$((hits + 1)); }
}

check_isa() { # ISA
  local isa=$1 defined needed untagged foreign
  local objects=("$kernels/liblanewise-$isa.a.p"/*.o)
  [[ -e ${objects[0]} ]] || { echo "symbols: no objects of $isa in $kernels; build first" && exit 1; }
  # One line a symbol, with its demangled name from the third column on.
  defined=$(nm -C --defined-only "${objects[@]}" |
    awk '$2 ~ /^[A-TV-Zuvw]$/ { $1 = $2 = ""; print substr($0, 3) }' | sort -u)
  mapfile -t untagged < <(grep -vE "lanewise::isa::$isa\b|\bxsimd_$isa\b" <<<"$defined")
  report "$isa: symbols carry their ISA" "$(wc -l <<<"$defined")" "${untagged[@]}"

  needed=$(nm -C --undefined-only "${objects[@]}" | awk '$1 == "U" { $1 = ""; print substr($0, 2) }' | sort -u)
  mapfile -t foreign < <(grep -vxE '(mem(cpy|move|set)|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)?' <<<"$needed" |
    grep -vxF "$defined")
  report "$isa: objects stand alone" "${#objects[@]}" "${foreign[@]}"
}

check_exports() { # SHARED_LIBRARY INCLUDE_FOLDER
  local exported symbol name undeclared=()
  exported=$(nm -D --defined-only "$1" | sed 's/^[0-9a-f]* //' | grep -vE '^[WVu] _ZN?K?(S[tabsiod]|9__gnu_cxx)' | c++filt)
  while read -r _ symbol; do
    name=${symbol%%(*} # lanewise::gemv(...) -> gemv
    [[ $symbol == lanewise::* ]] && grep -rqE "\b${name##*::}\(" "$2" || undeclared+=("$symbol")
  done <<<"$exported"
  report "exports are public" "$(wc -l <<<"$exported")" "${undeclared[@]}"
}

case $1 in
  isas)
    kernels=$2
    for isa in "${@:3}"; do check_isa "$isa"; done
    ;;
  exports) check_exports "$2" "$3" ;;
  *) echo "usage: see the head of $0" && exit 2 ;;
esac
((hits == 0))
