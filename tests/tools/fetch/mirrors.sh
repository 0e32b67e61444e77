# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tools/fetch-mnist: mirrors that are good, bad and silent.

for kind in good moved; do
  fetch $kind
  is "$kind: exit 0" 0 "$code"
  all_right "$kind"
  like "$kind: says where the files are" "^MNIST is in .*/tree/data/mnist$" stderr
done
fetch_again good
is 'a second time: nothing is fetched' '0 ' "$code $(cat requests)"
echo damaged >tree/data/mnist/train-labels-idx1-ubyte.gz
fetch_again good
is 'a damaged file: it alone is fetched again' '0 /good/train-labels-idx1-ubyte.gz' "$code $(cat requests)"
all_right 'a damaged file'
gunzip tree/data/mnist/t10k-images-idx3-ubyte.gz
fetch_again good
is 'a file that was unpacked: is right as well' '0 ' "$code $(cat requests)"
echo other >tree/data/mnist/t10k-images-idx3-ubyte
fetch_again good
is 'another file in the way: exit 1, nothing is fetched' '1 ' "$code $(cat requests)"
like 'another file in the way: says so' '^fetch-mnist: .*/t10k-images-idx3-ubyte: is in the way' stderr

# bad KIND REASON
bad() {
  fetch "$1"
  is "$1: exit 1" 1 "$code"
  is "$1: nothing is left, no directory either" build,tools "$(ls -Am tree | tr -d ' ')"
  is "$1: two lines on stderr" 2 "$(wc -l <stderr)"
  like "$1: what was wrong" "^fetch-mnist: $at/$1/t10k-images-idx3-ubyte.gz: $2" stderr
  like "$1: what to do" '^fetch-mnist: MNIST could not be downloaded; put the four files into .*/data/mnist, or try again$' stderr
  is "$1: is left after the first file" 1 "$(wc -l <requests)"
  fetch "$1" good
  is "$1, then good: exit 0" 0 "$code"
  all_right "$1, then good"
}
for kind in corrupt short long page; do bad $kind 'this is not MNIST; '; done
bad truncated '.+'
bad forbidden '.*403'

# Silent mirrors, one after the other: 10 seconds each.
start=$SECONDS
fetch hanging stalling good
is 'hanging, stalling, then good: exit 0' 0 "$code"
all_right 'hanging, stalling, then good'
is 'hanging, stalling, then good: half a minute at most' 1 $((SECONDS - start <= 30))

fetch good corrupt
is 'good: the second mirror is not asked' 0 "$(grep -c corrupt requests)"
code=0
LANEWISE_MIRRORS=http://127.0.0.1:1 "$copied/fetch-mnist" >stdout 2>stderr || code=$?
is 'no server at all: all is there already' 0 "$code"
rm -r tree/data
code=0
LANEWISE_MIRRORS=http://127.0.0.1:1 "$copied/fetch-mnist" >stdout 2>stderr || code=$?
is 'no server at all: exit 1' 1 "$code"

# Stopped half-way. The signal goes to the group, as from a terminal.
rm -rf tree/data
: >requests
LANEWISE_MIRRORS=$at/stalling setsid "$copied/fetch-mnist" >stdout 2>stderr &
fetching=$!
for _ in $(seq 100); do [ -z "$(find tree/data -name '.*.part' 2>/dev/null)" ] || break; sleep 0.1; done
is 'before it is stopped: one part' 1 "$(fetched | wc -w)"
kill -TERM -- -$fetching
code=0
wait $fetching || code=$?
is 'stopped: exit 143, nothing is left' '143 ' "$code $(fetched)"

program=$copied/fetch-mnist
run --help
is '--help: exit 0' 0 "$code"
like '--help: the variable' LANEWISE_MIRRORS stdout
run somewhere
is 'an argument: exit 2, one line' '2 1' "$code $(wc -l <stderr)"
