# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tools/quickstart: where it finds its data. The program of the copied tree prints its arguments.

# start KIND ARGUMENTS: in the directory cwd, with a mirror of this kind
start() {
  local mirror=$at/$1
  shift
  program=$copied/quickstart
  code=0
  (cd cwd && LANEWISE_MIRRORS=$mirror exec "$program" "$@") >stdout 2>stderr </dev/null || code=$?
}
# takes TEXT DATA: what the program was asked to do
takes() { is "$1" "0 train --data $2|eval out/model.safetensors --data $2" "$code $(sed '/^$/d' stdout | paste -sd '|')"; }

# The last place first, so that each new one comes before those that are there.
mkdir cwd
rm -rf tree/data
for place in "$HOME/.julia/datadeps/MNIST" "$HOME/.mxnet/datasets/mnist" "$HOME/.cache/mnist" data data/MNIST/raw \
  "$work/tree/data/mnist" data/mnist; do
  folder=$(cd cwd && mkdir -p "$place" && cd "$place" && pwd)
  cp files/* "$folder"
  [ "$place" != data/MNIST/raw ] || rm cwd/data/*.gz
  start forbidden
  takes "quickstart: ${place#"$work"/}" "${place%/MNIST/raw}"
  like "quickstart: ${place#"$work"/}: says so" "^MNIST found in ${place%/MNIST/raw}$" stderr
done
rm cwd/data/mnist/t10k-labels*
start forbidden
takes 'quickstart: a place that lacks a file is passed over' "$work/tree/data/mnist"
cp files/* cwd/data/mnist
LANEWISE_DATA=$work/tree/data/mnist start forbidden
takes 'quickstart: LANEWISE_DATA comes before them all' "$work/tree/data/mnist"
LANEWISE_DATA=nowhere start forbidden --data=digits
is 'quickstart: --data comes before LANEWISE_DATA' \
  '0 train --data digits --data=digits|eval out/model.safetensors --data digits' \
  "$code $(sed '/^$/d' stdout | paste -sd '|')"

for arguments in '--data nowhere' --data= --data; do
  # shellcheck disable=SC2086
  start good $arguments
  is "quickstart $arguments: exit 2, one line, nothing done" '2 1 0' "$code $(wc -l <stderr) $(wc -c <stdout)"
done
LANEWISE_DATA=nowhere start good
is 'quickstart: LANEWISE_DATA without MNIST: likewise' '2 1 0' "$code $(wc -l <stderr) $(wc -c <stdout)"

rm -rf cwd/data tree/data "$HOME"/.[a-z]*
start forbidden
takes 'quickstart: no MNIST to be had: the built-in digits' digits
like 'quickstart: says so in one line' '^there is no MNIST: training on the built-in digits instead' stderr
mkdir without_curl
for tool in bash dirname readlink mkdir rm rmdir gzip sha256sum basename; do ln -s "$(command -v $tool)" without_curl; done
PATH=$work/without_curl start good
takes 'quickstart: no curl, and none to be installed: the built-in digits' digits
like 'quickstart: says what to install' '^fetch-mnist: packages are missing; run: .* curl$' stderr
start good
takes 'quickstart: MNIST is downloaded' "$work/tree/data/mnist"
all_right 'quickstart'
start forbidden
takes 'quickstart: and found there the next time' "$work/tree/data/mnist"
