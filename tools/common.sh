# SPDX-License-Identifier: MIT
# Shared by the scripts beside it: finds the project and its data, installs what is missing, builds. Sourced, never run.
# shellcheck shell=bash disable=SC2034

set -euo pipefail

# The project's root, also when the script was called through a symbolic link or from another directory.
project=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
build=$project/build

say() { printf '%s\n' "$*" >&2; }
fail() { say "$(basename "$0"): $*"; exit 1; }

# has_file DIR STEM: DIR/STEM-idx3-ubyte, or another name that the program takes
has_file() {
  local file
  for file in "$1/$2"[-.]idx[13]-ubyte{,.gz}; do [ ! -f "$file" ] || return 0; done
  return 1
}

# has_mnist DIR: the four files are in it, or in DIR/MNIST/raw
has_mnist() {
  local stem
  for stem in train-images train-labels t10k-images t10k-labels; do
    has_file "$1" $stem || has_file "$1/MNIST/raw" $stem || return 1
  done
}

# What each part needs, as Debian and Ubuntu name it.
packages_build=(g++ meson pkg-config libxsimd-dev)
packages_model=(zlib1g-dev nlohmann-json3-dev)
packages_program=("${packages_model[@]}" libcli11-dev libfmt-dev libpng-dev)
packages_test=(doctest-dev binutils python3 valgrind)
packages_test_all=(curl clang-14 clang-19 g++-aarch64-linux-gnu qemu-user)
packages_bench=(libbenchmark-dev)
packages_rivals=(libopenblas-serial-dev libblis-serial-dev libeigen3-dev libdnnl-dev libxsmm-dev clang-19)

# need_packages PACKAGE...: installs those that are missing, or prints the one line to run.
need_packages() {
  local present missing=() package
  if ! command -v dpkg-query >/dev/null; then
    for package in g++ meson ninja pkg-config; do command -v "$package" >/dev/null || missing+=("$package"); done
    [ ${#missing[@]} = 0 ] || fail "no ${missing[*]}, and this is not Debian or Ubuntu; install the equivalents of: $*"
    return 0 # meson will say which library it misses
  fi
  present=$(dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null) || true
  for package in "$@"; do
    grep -qx "$package installed" <<<"$present" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local install="apt-get install -y --no-install-recommends ${missing[*]}"
  [ "$(id -u)" = 0 ] || fail "packages are missing; run: sudo $install"
  say "installing ${missing[*]}"
  local log options=(-qq -o DPkg::Lock::Timeout=300)
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # The lists of packages may be missing or too old: they are fetched only if it does not work without.
  if ! { $install "${options[@]}" || { apt-get update "${options[@]}" && $install "${options[@]}"; }; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    fail "the installation failed; run: apt-get update && $install"
  fi
  rm -f "$log"
}

# meson_of BUILD: the meson that configured it; another version might refuse to work on it.
meson_of() {
  local configured_by
  configured_by=$(sed -n 's/^ command = \(.*\) --internal regenerate .*/\1/p' "$1/build.ninja" | head -n 1)
  if [ -x "$configured_by" ]; then echo "$configured_by"; else command -v meson; fi
}

# A copied tree brings a build/ along that would still build the tree it was copied from.
forget_build_of_another_tree() {
  local configured_for
  configured_for=$(sed -n 's/.*"source": "\([^"]*\)".*/\1/p' "$build/meson-info/meson-info.json" 2>/dev/null) || return 0
  [ -n "$configured_for" ] && [ "$configured_for" != "$project" ] || return 0
  say "build/ was made for $configured_for: starting afresh"
  rm -rf "$build"
}

# run_ninja LOG TARGET...: what ninja says goes to LOG; on a terminal its count moves on in one line.
run_ninja() {
  local log=$1 text='building (a few minutes the first time)' line status=0
  shift
  if [ ! -t 2 ]; then
    say "$text"
    ninja -C "$build" "$@" >"$log" 2>&1
    return
  fi
  ninja -C "$build" "$@" 2>&1 | tee "$log" | while IFS= read -r line; do
    if [[ $line =~ ^\[[0-9]+/[0-9]+\] ]]; then printf '\r%s %s' "$text" "${BASH_REMATCH[0]}" >&2; fi
  done || status=$?
  printf '\n' >&2
  return "$status"
}

# configure_lanewise: meson looks for everything anew, with configure_options. What is built stays.
configure_options=()
configure_lanewise() {
  local log=$build/build.log
  say "configuring ${build#"$project/"}/"
  # Without this file meson starts afresh; else it remembers which headers were not there.
  rm -f "$build/meson-private/coredata.dat"
  if ! meson setup "$build" "$project" "${configure_options[@]}" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    fail "meson could not configure build/; the whole log: $log"
  fi
}

# build_lanewise TARGET...: configures build/ if it is new or lacks one of these ninja targets (their packages came later),
# and builds them. Does next to nothing where all is there.
build_lanewise() {
  local log=$build/build.log target
  forget_build_of_another_tree
  mkdir -p "$build" 2>/dev/null || true
  if [ ! -d "$build" ] || [ ! -w "$build" ] || { [ -e "$log" ] && [ ! -w "$log" ]; }; then
    fail "$build cannot be written to; is it another user's? Remove it or make it yours"
  fi
  for target in "$@"; do
    grep -qs "^build ${target}[ :]" "$build/build.ninja" || configure_lanewise
  done
  [[ $(ninja -C "$build" -n "$@") != *'no work to do'* ]] || return 0
  if ! run_ninja "$log" "$@"; then
    grep -m 5 -E 'error|FAILED' "$log" >&2 || tail -n 15 "$log" >&2
    fail "the build failed; the whole log: $log"
  fi
}
