# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The checks. Each prints a line "ok N - text", or "not ok N - text" and what was wrong.

number=0
failures=0
code=0

# verdict TEXT DETAILS: no details mean that the check passed.
verdict() {
  number=$((number + 1))
  if [ -z "$2" ]; then
    echo "ok $number - $1"
  else
    failures=$((failures + 1))
    echo "not ok $number - $1"
    printf '%s\n' "$2" | sed 's/^/#   /'
  fi
}

finish_report() {
  echo "1..$number"
  if [ "$failures" != 0 ]; then
    echo "$failures of $number checks failed"
    exit 1
  fi
  echo "all $number checks passed"
}

# is TEXT EXPECTED ACTUAL
is() {
  if [ "$2" = "$3" ]; then verdict "$1" ''; else verdict "$1" "expected: $2"$'\n'"actual:   $3"; fi
}

# same TEXT FILE FILE
same() { verdict "$1" "$(cmp "$2" "$3" 2>&1 | head -n 1)"; }

# like TEXT PATTERN FILE: a line fits the extended regular expression; unlike: none does
like() {
  if grep -Eq -- "$2" "$3"; then verdict "$1" ''; else verdict "$1" "no line like: $2"$'\n'"$(head -n 20 "$3")"; fi
}
unlike() {
  if grep -Eq -- "$2" "$3"; then verdict "$1" "unwanted: $(grep -E -m 1 -- "$2" "$3")"; else verdict "$1" ''; fi
}

# in_seconds N COMMAND: killed after N seconds of CPU time, which a busy machine does not change, or, if it waits, after 30 N
in_seconds() (
  ulimit -t "$1"
  exec timeout -s KILL $((30 * $1)) "${@:2}"
)

# run ARGUMENTS: sets code, writes the files stdout and stderr
run() {
  code=0
  "$program" "$@" >stdout 2>stderr </dev/null || code=$?
}

# works TEXT ARGUMENTS
works() {
  local text=$1
  shift
  run "$@"
  if [ "$code" = 0 ]; then verdict "$text" ''; else verdict "$text" "exit code $code: $(cat stderr)"; fi
}

# refuses TEXT CODE PATTERN ARGUMENTS: that exit code, nothing on stdout, and on stderr one line that fits the pattern
refuses() {
  local text=$1 wanted=$2 pattern=$3 details=
  shift 3
  run "$@"
  if [ "$code" != "$wanted" ]; then details+="exit code: $code instead of $wanted"$'\n'; fi
  if [ -s stdout ]; then details+="stdout: $(cat stdout)"$'\n'; fi
  if [ "$(wc -l <stderr)" != 1 ]; then details+="stderr is not one line"$'\n'; fi
  if ! grep -Eq -- "^lanewise: $pattern" stderr; then details+="stderr does not fit: $pattern"$'\n'; fi
  if [ -n "$details" ]; then details+="stderr: $(cat stderr)"; fi
  verdict "$text" "$details"
}

# in_one_line: stdin as one line
in_one_line() { tr '\n' ' ' | sed 's/ $//'; }

# json_number KEY FILE: the last number of that name
json_number() { sed -En "s/.*\"$1\":([-0-9.e]+).*/\1/p" "$2" | tail -n 1; }
