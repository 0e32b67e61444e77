#!/bin/bash
# SPDX-License-Identifier: MIT
# What the scripts in tools/ say before and while they build, with a ninja that only pretends.
# Usage: scripts_test.sh [LANEWISE_BENCH]
set -euo pipefail
export LC_ALL=C TERM=xterm

tools=$(realpath "$(dirname "$0")/../../tools")
parts=$(realpath "$(dirname "$0")")/cli
bench=${1:+$(realpath "$1")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
. "$parts/checks.sh"

mkdir -p project/tools bin
cp "$tools/common.sh" project/tools
printf '%s\n' '. "$(dirname "$0")/common.sh"' 'build_lanewise tools/lanewise' >project/tools/script
printf '%s\n' '#!/bin/sh' 'case $* in *-n*) exit 0 ;; esac' \
  'for i in 1 2 3; do echo "[$i/3] Compiling x"; done' 'exit "${NINJA_FAILS:-0}"' >bin/ninja
chmod +x bin/ninja
PATH=$work/bin:$PATH

# script: sets code, writes the files stdout and stderr
script_run() {
  code=0
  bash project/tools/script >stdout 2>stderr </dev/null || code=$?
}

echo text >project/build
script_run
is 'a file in the place of build/: exit 1, one line' '1 1' "$code $(wc -l <stderr)"
like 'which says what to do' '^script: .*/build cannot be written to; .* Remove it or make it yours$' stderr
rm project/build

mkdir project/build
echo 'build tools/lanewise: x' >project/build/build.ninja
if [ "$(id -u)" != 0 ]; then
  chmod 555 project/build
  script_run
  is 'a build/ without write permission: exit 1, one line' '1 1' "$code $(wc -l <stderr)"
  chmod 755 project/build
fi

script_run
is 'into a pipe: "building" once, no count' '0 building (a few minutes the first time)' "$code $(cat stderr)"
NINJA_FAILS=1 script_run
is 'a build that fails: exit 1' 1 "$code"
if script -qc true /dev/null </dev/null >terminal 2>&1; then
  script -qc 'bash project/tools/script' /dev/null </dev/null >terminal
  is 'on a terminal: the count moves on in one line' 1 "$(wc -l <terminal)"
  like 'up to its end' 'building.*\[1/3\].*\[2/3\].*\[3/3\]' terminal
  code=0
  NINJA_FAILS=1 script -eqc 'bash project/tools/script' /dev/null </dev/null >terminal || code=$?
  is 'on a terminal, a build that fails: exit 1' 1 "$code"
  like 'and says where the log is' 'the build failed; the whole log: ' terminal
fi

if command -v python3 >/dev/null; then
  code=0
  python3 "$tools/checks/read_model.py" 2>stderr || code=$?
  is 'read_model.py without an argument: its usage' '2 usage: python3 read_model.py MODEL.safetensors' \
    "$code $(cat stderr)"
fi
if [ -n "$bench" ]; then
  code=0
  "$bench" --benchmark_filter=no-such-row >stdout 2>stderr || code=$?
  is 'bench: a filter that matches nothing exits 2, one line' '2 1' "$code $(cat stdout stderr | wc -l)"
fi

finish_report
