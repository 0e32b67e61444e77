#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the build into a temporary tree and builds a program against that tree, through pkg-config, as a user would:
#   consumer.sh BUILD VERSION COMPILER...
# Each installed header is self-contained; the program links with the shared and with the static library, with the
# compiler of the build and with clang where that is there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../tools/common.sh
. "$here/../../tools/common.sh"
build=$1 version=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-std=c++20 -O1 -Wall -Wextra -Wconversion -Wshadow -Werror)
checks=0

passed() { checks=$((checks + 1)); }

install_into_tree() {
  DESTDIR=$work/tree "$(meson_of "$build")" install -C "$build" --no-rebuild --quiet >"$work/install.log" 2>&1 ||
    { cat "$work/install.log" && fail "meson install failed"; }
  PKG_CONFIG_LIBDIR=$(dirname "$(find "$work/tree" -name lanewise.pc)")
  libraries=$(dirname "$PKG_CONFIG_LIBDIR")
  # SYSROOT puts the tree in front of the paths; ALLOW keeps those of a prefix of /usr.
  export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR=$work/tree
  export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
}

check_pkg_config() {
  local found
  found=$(pkg-config --modversion lanewise)
  [[ $found == "$version" ]] || fail "lanewise.pc says version $found, the project $version"
  [[ -z $(pkg-config --print-requires --print-requires-private lanewise) ]] || fail "lanewise.pc has requirements"
  read -ra cflags < <(pkg-config --cflags lanewise)
  passed
}

check_headers() {
  local headers
  headers=$(cd "$work/tree" && find . -path '*/include/lanewise/*.hpp' | sed 's|.*/include/||' | sort)
  [[ $headers == *lanewise/gemv.hpp* ]] || fail "the public headers are not installed"
  while read -r header; do
    printf '#include <%s>\n#include <%s>\n' "$header" "$header" >"$work/header.cpp"
    "$@" "${flags[@]}" "${cflags[@]}" -fsyntax-only "$work/header.cpp" || fail "<$header> cannot be included first"
    passed
  done <<<"$headers"
  echo "headers that stand alone: $(wc -l <<<"$headers")"
}

build_and_run() { # KIND LINK_FLAGS... -- COMPILER...
  local kind=$1 link=() output
  shift
  while [[ $1 != -- ]]; do link+=("$1") && shift; done
  shift
  "$@" "${flags[@]}" "${cflags[@]}" "$here/consumer.cpp" -o "$work/consumer" "${link[@]}" ||
    fail "$kind: does not build with $1"
  output=$(LD_LIBRARY_PATH=$libraries "$work/consumer") || fail "$kind, $1: the program failed"$'\n'"$output"
  [[ $output == "version $version"*": gemv 5.5 0, loss 1.50622"* ]] || fail "$kind, $1: unexpected output"$'\n'"$output"
  echo "$kind library, $1: $(tail -n +2 <<<"$output" | cut -d: -f1 | paste -sd' ')"
  passed
}

check_linking() { # COMPILER...
  local shared static
  read -ra shared < <(pkg-config --libs lanewise)
  read -ra static < <(pkg-config --static --libs lanewise)
  [[ ! -e $libraries/liblanewise.so ]] || build_and_run shared "${shared[@]}" -- "$@"
  [[ ! -e $libraries/liblanewise.a ]] || build_and_run static -Wl,-Bstatic "${static[@]}" -Wl,-Bdynamic -- "$@"
}

# The README's programs, the n-th with the n-th library. The second would need a model and data to run.
check_readme() { # COMPILER...
  local n=0 library line program=()
  mkdir "$work/readme"
  awk -v dir="$work/readme" '/^```cpp/ {file = dir "/" ++n ".cpp"; next} /^```/ {file = ""} file {print >file}' \
    "$here/../../README.md"
  for library in lanewise lanewise-model; do
    n=$((n + 1))
    # What the libraries need themselves, zlib, is the system's.
    line=$(PKG_CONFIG_LIBDIR=$PKG_CONFIG_LIBDIR:$system_pkg_config pkg-config --cflags --libs "$library")
    read -ra program <<<"$line"
    "$@" "${flags[@]}" "$work/readme/$n.cpp" "${program[@]}" -o "$work/readme/$n" ||
      fail "the README's program for $library does not build"
    passed
  done
  [[ ! -e $work/readme/3.cpp ]] || fail "the README has a program that is not checked"
  LD_LIBRARY_PATH=$libraries "$work/readme/1" | grep -q '^lanewise .*: y\[0\] = ' ||
    fail "the README's first program does not print y[0]"
  passed
  echo "the README's programs build"
}

system_pkg_config=$(pkg-config --variable pc_path pkg-config)
install_into_tree
check_pkg_config
check_headers "$@"
check_linking "$@"
check_readme "$@"
clang=$(compgen -c clang++ | grep -xE 'clang\+\+(-[0-9]+)?' | sort -Vu | tail -n 1) || true
if [[ -n $clang && $* != *clang* ]]; then check_linking "$clang"; fi
((checks > 3)) || fail "hardly anything was installed"
echo "consumer: $checks checks passed"
