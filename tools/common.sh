# SPDX-License-Identifier: MIT
# Shared by quickstart, test and bench: finds the project, installs what is missing, builds. Sourced, never run.
# shellcheck shell=bash

set -euo pipefail

# The project's root, also when the script was called through a symbolic link or from another directory.
project=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
build=$project/build

say() { printf '%s\n' "$*" >&2; }
fail() { say "$(basename "$0"): $*"; exit 1; }

# What each part needs, as Debian and Ubuntu name it.
packages_build=(g++ meson pkg-config libxsimd-dev)
packages_program=(libcli11-dev libfmt-dev zlib1g-dev nlohmann-json3-dev)
packages_test=(doctest-dev binutils)
packages_bench=(libbenchmark-dev)

# need_packages PACKAGE...: installs those that are missing, or prints the one line to run.
need_packages() {
  local missing=() package
  command -v dpkg-query >/dev/null ||
    fail "this is not Debian or Ubuntu; install the equivalents of: $*, then build with meson setup build && ninja -C build"
  for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local install="apt-get install -y --no-install-recommends ${missing[*]}"
  [ "$(id -u)" = 0 ] || fail "packages are missing; run: sudo $install"
  say "installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    fail "the installation failed; run: apt-get update && $install"
  fi
  rm -f "$log"
}

# build_lanewise TARGET...: configures build/ if it is new or lacks one of these ninja targets (their packages came later),
# and builds them. Does next to nothing where all is there.
build_lanewise() {
  local log=$build/build.log target
  mkdir -p "$build"
  for target in "$@"; do
    if ! grep -qs "^build $target[ :]" "$build/build.ninja"; then
      say "configuring build/"
      local mode=()
      [ ! -f "$build/build.ninja" ] || mode=(--reconfigure)
      if ! meson setup "${mode[@]}" "$build" "$project" >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        fail "meson could not configure build/; the whole log: $log"
      fi
    fi
  done
  if ninja -C "$build" -n "$@" | grep -q 'no work to do'; then return 0; fi
  say "building (a few minutes the first time)"
  if ! ninja -C "$build" "$@" >"$log" 2>&1; then
    grep -m 5 -E 'error|FAILED' "$log" >&2 || tail -n 15 "$log" >&2
    fail "the build failed; the whole log: $log"
  fi
}
