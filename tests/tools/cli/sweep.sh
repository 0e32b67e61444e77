# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lanewise sweep: the grid, its files, going on where it stopped.

# shellcheck disable=SC2054
sweep=(sweep --data data --layers 64-10,64-16-16r-10 --init xavier-uniform,he-normal --optimizer sgd:0.05,adam:0.01
  --epochs 2 --batch 4)
works 'sweep' "${sweep[@]}" --seeds 1-2 --out swept
like 'sweep: what it does' \
  '^8 combinations x 2 seeds = 16 runs, 0 of them done before; validation on 20 images$' stdout
is 'sweep: a line a combination' 8 "$(grep -Ec '^ *[0-9.]+ ± [0-9.]+ +[0-9.]+ ± [0-9.]+ +[0-9.]+ +(650|1,482) +64-' stdout)"
is 'sweep: the best on validation data first' '' "$(grep -E '^ *[0-9.]+ ±' stdout | awk '{print $1}' | sort -crn 2>&1)"
is 'sweep: the table is aligned' 1 "$(sed -n '/valid %/,/^written/p' stdout | sed '$d; s/±/+/g' |
  awk '{print match($0, /(xavier|he)-|init/)}' | sort -u | wc -l)"
like 'sweep: where the files are' '^written: swept/sweep.csv, swept/sweep.json and swept/runs.jsonl$' stdout
is 'sweep: nothing on stderr when it is no terminal' 0 "$(wc -c <stderr)"
is 'sweep: a record a run' 16 "$(grep -c '"result":' swept/runs.jsonl)"
is 'sweep.csv: a heading and a line a combination' '9 8' \
  "$(wc -l <swept/sweep.csv) $(grep -Ec '^64-.*,(sgd,0.05|adam,0.01),(650|1482),2,0,0\.' swept/sweep.csv)"
like 'sweep.csv: how they were trained' ',2,4,linear,0$' swept/sweep.csv
is 'sweep.json: all settings but the seed' 8 "$(grep -o '"images":200,"validation":20,"layers":[^{]*"epochs":2,"batch":4,' \
  swept/sweep.json | grep -vc seed)"
is 'sweep.csv: every line has all columns' 18 "$(awk -F, '{print NF}' swept/sweep.csv | sort -u)"

works 'train as one of its runs' train --data data --layers 64-16-16r-10 --init he-normal --optimizer adam --lr 0.01 \
  --epochs 2 --batch 4 --seed 2 --validation 20 --out one-run --quiet
for key in validation_accuracy test_accuracy; do
  is "sweep: gives what train gives: $key" "$(json_number $key one-run/train.jsonl)" "$(
    grep '"layers":"64-16-16r-10","act":"relu","init":"he-normal","lr":0.01,.*"seed":2,.*"optimizer":"adam"' swept/runs.jsonl |
      sed -En "s/.*\"$key\":([-0-9.e]+).*/\1/p")"
done

results() { sed -E 's/,"seconds":[-0-9.e]+//' "$1" | sort; }
cp swept/runs.jsonl runs.before
works 'sweep again' "${sweep[@]}" --seeds 1-2 --out swept
like 'sweep again: nothing is left to do' '16 runs, 16 of them done before' stdout
same 'sweep again: and nothing is done twice' runs.before swept/runs.jsonl
works 'sweep again, the data spelled another way' "${sweep[@]}" --data ./data/../data/ --seeds 1-2 --out swept
like 'sweep: however the data are spelled' '16 runs, 16 of them done before' stdout
works 'sweep with one seed more' "${sweep[@]}" --seeds 1-2,7 --out swept
like 'sweep with one seed more: does only these' '^8 combinations x 3 seeds = 24 runs, 16 of them done before' stdout
works 'sweep, one run at a time' "${sweep[@]}" --seeds 1-2,7 --jobs 1 --out alone --quiet
is '--quiet prints nothing' '0 0' "$(wc -c <stdout) $(wc -c <stderr)"
results swept/runs.jsonl >a
results alone/runs.jsonl >b
same 'sweep: side by side as one after the other' a b

works 'sweep of something that diverges' sweep --data data --layers 64-16-10 --optimizer sgd:1e30,sgd:0.01 --epochs 1 \
  --seeds 1 --out diverging
like 'sweep: one of a thing is one' '^2 combinations x 1 seed = 2 runs, ' stdout
like 'sweep: says what diverged' '^ +diverged +diverged .* sgd:1e\+30$' stdout
like 'sweep.csv: without figures where there are none' '^64-16-10,relu,xavier-uniform,sgd,1e\+30,1210,1,1,,,,,,,1,1,linear,0$' diverging/sweep.csv
is 'sweep: the others come first' sgd:0.01 "$(grep -E '^ +[0-9d]' stdout | head -n 1 | awk '{print $NF}')"

works 'sweep of activations' sweep --data data --layers 64-16-16r-10 --act tanh,leaky-relu:0.1 --epochs 1 --seeds 1 --out acts
is 'sweep: an activation a line' 'leaky-relu:0.1 tanh' "$(awk -F, 'NR > 1 {print $2}' acts/sweep.csv | sort | xargs)"
works 'train with one of them' train --data data --layers 64-16-16r-10 --act leaky-relu:0.1 --epochs 1 --seed 1 \
  --validation 20 --out one-act --quiet
is 'sweep: --act is that of train' "$(json_number validation_loss one-act/train.jsonl)" \
  "$(grep '"act":"leaky-relu:0.1"' acts/runs.jsonl | sed -En 's/.*"validation_loss":([-0-9.e]+).*/\1/p')"
refuses 'sweep: an activation that is none' 2 '--act: activation "swish": must be one of ' \
  sweep --data data --act relu,swish --out none

# Long enough to be stopped between the first run and the last.
epochs=2000
[ -z "${MESON_EXE_WRAPPER:-}" ] || epochs=100
set -m
"$program" "${sweep[@]}" --epochs $epochs --seeds 1 --out interrupted >stdout 2>stderr &
pid=$!
for ((i = 0; i < 2000; ++i)); do [ ! -s interrupted/runs.jsonl ] || break; sleep 0.05; done
kill -INT "$pid"
code=0
wait "$pid" || code=$?
set +m
is 'sweep: SIGINT: exit 130, one line' '130 1' "$code $(wc -l <stderr)"
like 'sweep: SIGINT: says so' '^lanewise: stopped by SIGINT after [0-7] of 8 runs; the same command goes on from there$' stderr
done_before=$(wc -l <interrupted/runs.jsonl)
works 'sweep: goes on' "${sweep[@]}" --epochs $epochs --seeds 1 --out interrupted
like 'sweep: where it stopped' "8 runs, $done_before of them done before" stdout
is 'sweep: and ends with all' 8 "$(wc -l <interrupted/runs.jsonl)"

cp swept/sweep.csv tables.before
set -m
"$program" "${sweep[@]}" --epochs 1000000 --seeds 1 --jobs 1 --out swept >stdout 2>stderr &
pid=$!
sleep 0.5
kill -INT "$pid"
code=0
wait "$pid" || code=$?
set +m
is 'sweep: stopped before its first run: exit 130' '130 1' "$code $(grep -c 'after 0 of 8 runs' stderr)"
same 'sweep: stopped before its first run, the tables stay' tables.before swept/sweep.csv

refuses 'sweep: nets that end differently' 2 '--layers: all nets of a sweep must begin and end with the same widths$' \
  sweep --data data --layers 64-10,64-12 --out none
refuses 'sweep: a wrong part of a list' 2 '--optimizer "adm": must be .*; did you mean adam\?' \
  sweep --data data --optimizer sgd,adm --out none
refuses 'sweep: a wrong rate' 2 '--optimizer sgd: "fast": must be a number' sweep --data data --optimizer sgd:fast --out none
refuses 'sweep: seeds that fall' 2 '--seeds "3-1": the last must be from 3 to 10002$' sweep --data data --seeds 3-1 --out none
refuses 'sweep: an empty part of a list' 2 '--act "relu,": a part between commas is empty$' \
  sweep --data data --act relu, --out none
refuses 'sweep: a choice named twice' 2 '--act "relu,tanh,relu": "relu" stands there twice$' \
  sweep --data data --act relu,tanh,relu --out none
for twice in '--layers 64-10,064-10' '--act leaky-relu,leaky-relu:0.01' '--act relu,elu:2,elu:2.0' \
  '--optimizer sgd,sgd:5e-3' '--seeds 1-3,01-3'; do
  first=${twice#* } second=${twice##*,}
  first=${first%,*} first=${first##*,}
  # shellcheck disable=SC2086
  refuses "sweep: a choice spelled two ways: $twice" 2 \
    "${twice/ / \"}\": \"$second\" stands there twice, first as \"$first\"$" \
    sweep --data data $twice --out none
done
refuses 'sweep: a seed named twice' 2 '--seeds "1-3,2": 2 stands there twice$' sweep --data data --seeds 1-3,2 --out none
refuses 'sweep: a warm-up without an end' 2 '--warm-up 3: longer than the run, which has 2 epochs; choose at most that$' \
  "${sweep[@]}" --warm-up 3 --out none
refuses 'train: a warm-up without an end' 2 '--warm-up 1.5: longer than the run, which has 1 epoch; choose at most that$' \
  train --data data --layers 64-10 --epochs 1 --warm-up 1.5 --out none
refuses 'sweep: too much validation' 2 '--validation 200: must be at least 1 and leave some of the 200 training images$' \
  sweep --data data --layers 64-10 --validation 200 --out none
