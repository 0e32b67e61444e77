# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# SIGINT and SIGTERM. Job control, because without it a shell starts background jobs with SIGINT ignored.
set -m

# start_long_run DIRECTORY FLAGS: a run that would take hours; waits for its first record
start_long_run() {
  rm -f "$1/train.jsonl.part"
  "$program" "${train[@]}" --epochs 1000000 --schedule constant --out "$@" >stdout 2>stderr &
  pid=$!
  local tries=0
  until [ -s "$1/train.jsonl.part" ] || [ $((tries += 1)) -gt 200 ]; do sleep 0.05; done
}
wait_for_run() {
  code=147 # wait also ends for a job that was stopped (128 + SIGSTOP), if it hears of that only now
  while [ "$code" = 147 ]; do
    code=0
    wait "$pid" 2>/dev/null || code=$?
  done
}

for signal in INT:130 TERM:143; do
  wanted=${signal#*:}
  signal=${signal%:*}
  name=SIG$signal
  out=stopped-$name
  start_long_run "$out"
  second=0
  "$program" "${train[@]}" --out "$out" >/dev/null 2>stderr.second || second=$?
  is "$name: a second run in the directory meanwhile exits 1" '1 1' \
    "$second $(grep -c "$out is in use by another run" stderr.second)"
  kill "-$signal" "$pid"
  wait_for_run
  is "$name: exit $wanted" "$wanted" "$code"
  is "$name: one line" 1 "$(wc -l <stderr)"
  like "$name: says so" \
    "^lanewise: stopped by $name in epoch [0-9,]+ of 1,000,000 after [0-9]+ of 200 images; .* is saved in $out\$" stderr
  cp stdout stopped.txt
  works "$name: the model can be read" eval "$out/model.safetensors" --data data
  like "$name: and has the accuracy that was printed" \
    "^$(grep '^test accuracy' stopped.txt | sed 's/[()]/\\&/g') · loss" stdout
  run eval "$out/model.safetensors" --data data --json
  for key in accuracy loss; do
    is "$name: the last record has its $key" "$(json_number $key stdout)" "$(json_number test_$key "$out/train.jsonl")"
  done
done

# Where an epoch is one step, every stop is after the last step of an epoch.
start_long_run whole-epochs --batch 200
kill -INT "$pid"
wait_for_run
is 'SIGINT after an epoch: exit 130' 130 "$code"
like 'SIGINT after an epoch: says so' ' after 200 of 200 images; ' stderr
is 'SIGINT after an epoch: one record of each' '' \
  "$(sed -E 's/^\{"epoch":([0-9]+),.*/\1/' whole-epochs/train.jsonl | uniq -d)"

# The last record needs the 10,000 test images; a second signal meanwhile would end the program.
"$program" train --data digits --layers 784-128-128-10 --out saved-first >stdout 2>stderr &
pid=$!
until [ -e saved-first/train.jsonl.part ]; do sleep 0.05; done
kill -INT "$pid"
wait_for_run
is 'SIGINT within an epoch: the model is saved before it is tested' '130 1' \
  "$code $([ saved-first/train.jsonl -nt saved-first/model.safetensors ] && echo 1)"

# Stopped in between, so that both signals are there when it goes on; which of them comes first is not known.
cp stopped-SIGINT/model.safetensors model.before
start_long_run stopped-SIGINT
for signal in STOP INT TERM CONT; do kill -$signal "$pid"; done
wait_for_run
if [ "$code" = 143 ]; then code=130; fi
is 'a second signal quits at once' '130 0' "$code $(wc -l <stderr)"
same 'and leaves the files as they were' model.before stopped-SIGINT/model.safetensors
works 'the next run clears up' "${train[@]}" --out stopped-SIGINT --quiet

# As soon as the part is there, a signal must not leave it.
for ((i = 0; i < 20; ++i)); do
  rm -rf early
  "$program" "${train[@]}" --epochs 1000000 --out early >/dev/null 2>&1 &
  pid=$!
  until [ -e early/train.jsonl.part ]; do :; done
  kill -INT "$pid"
  wait_for_run
  [ "$code" = 130 ] && [ -e early/model.safetensors ] && [ ! -e early/train.jsonl.part ] || break
done
is 'SIGINT right at the start: 20 times a saved model and no half-written log' 20 "$i"

trap '' INT
start_long_run ignored
trap - INT
kill -INT "$pid"
sleep 0.3
is 'SIGINT stays ignored where the caller ignores it' running "$(kill -0 "$pid" && echo running)"
kill -TERM "$pid"
wait_for_run
is 'and SIGTERM still ends the run' 143 "$code"

set +m
