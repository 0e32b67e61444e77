# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Runs that end well: train, its files, eval, info, instruction sets.

works 'train' "${train[@]}" --out first
cp stdout first.txt
is 'train: nothing on stderr when it is no terminal' 0 "$(wc -c <stderr)"
isa_and_why='[a-z0-9]+ \(widest this CPU runs\)'
like 'train: first line' \
  "^lanewise [0-9.]+ · $isa_and_why · [a-z]+ · data: 200 \+ 100 images 8x8 · seed 1\$" <(head -n 1 first.txt)
like 'train: net' \
  '^net 64-16-16r-10 · 1,482 parameters · xavier-uniform · epochs 5 · batch 1$' first.txt
like 'train: optimiser and learning rate' '^sgd · learning rate 0.05 falling linearly to 0$' first.txt
is 'train: a line an epoch' 5 "$(grep -Ec '^ +[1-5]/5( +[0-9.]+){3} +[0-9,]+ +[0-9.]+$' first.txt)"
is 'train: the table is aligned' 1 \
  "$(sed -n '/^ *epoch /,/^$/p' first.txt | sed '$d; s/µ/u/' | awk '{print length}' | uniq | wc -l)"
like 'train: accuracy at the end' '^test accuracy 85.00 % \(85 of 100\)$' first.txt
like 'train: total time and training time' '^[0-9.]+ s in all, [0-9.]+ s of it training' first.txt
like 'train: where the files are' '^written: first/model.safetensors and first/train.jsonl$' first.txt
unlike 'train: no escape sequences in a pipe' $'[\r\033]' first.txt
is 'train: the files' '.lock model.safetensors train.jsonl' "$(ls -A first | in_one_line)"

is 'train.jsonl: a record an epoch' '1 2 3 4 5' \
  "$(sed -En 's/^\{"epoch":([0-9]+),.*\}$/\1/p' first/train.jsonl | in_one_line)"
for key in lr train_loss train_accuracy test_loss test_accuracy seconds microseconds_per_sample \
  isa seed version layers init batch optimizer weight_decay schedule warm_up_epochs; do
  is "train.jsonl: $key in every record" 5 "$(grep -c "\"$key\":" first/train.jsonl)"
done
is 'train.jsonl: the last test_accuracy' 0.85 "$(json_number test_accuracy first/train.jsonl)"
seconds=$(sed -En 's/.*"seconds":([0-9.e-]+).*/\1/p' first/train.jsonl)
is 'train.jsonl: seconds add up' "$(sort -gu <<<"$seconds")" "$seconds"

works 'a flag given twice takes its last value' "${train[@]}" --epochs 2 --epochs 5 --out second --quiet
is '--quiet prints nothing' '0 0' "$(wc -c <stdout) $(wc -c <stderr)"
same 'the same run writes the same model' first/model.safetensors second/model.safetensors
cp second/train.jsonl log.before
works 'a second run into the same directory' "${train[@]}" --seed 2 --out second
same 'the previous model is kept' first/model.safetensors second/model.safetensors.prev
same 'the previous log is kept' log.before second/train.jsonl.prev
is 'another seed makes another model' 1 "$(cmp -s second/model.safetensors first/model.safetensors; echo $?)"
works 'another schedule makes' "${train[@]}" --schedule constant --out third --quiet
is 'another model' 1 "$(cmp -s third/model.safetensors first/model.safetensors; echo $?)"

echo mine >victim
ln -s ../victim third/train.jsonl.part
works 'a stale part of a killed run is replaced' "${train[@]}" --out third --quiet
is 'and its link is not followed' mine "$(cat victim)"
LANEWISE_DATA=data works 'data from LANEWISE_DATA' train --layers 64-10 --epochs 1 --out fourth --quiet
LANEWISE_DATA=nowhere \
  works 'a flag beats LANEWISE_DATA' train --data data --layers 64-12 --epochs 1 --out fourth --quiet

works 'eval' eval first/model.safetensors --data data
like 'eval: the accuracy that train printed' \
  "^$(grep '^test accuracy' first.txt | sed 's/[()]/\\&/g') · loss [0-9.]+$" stdout
is 'eval: a line a class, which add up' '10 100 85' \
  "$(awk '/^class/ {t = 1; next} t {++rows; images += $2; correct += $3} END {print rows, images, correct}' stdout)"
like 'eval: recall, precision, confusion' '^ +0 +10 +8 +80.00 +80.00 +[0-9] \([12]\)$' stdout
works 'eval --json' eval first/model.safetensors --data data --json
is 'eval --json: one line, the same accuracy' '1 0.85' "$(wc -l <stdout) $(json_number accuracy stdout)"
cp stdout eval.json

mkdir tests-only
cp data/t10k* tests-only
works 'eval needs the test images alone' eval first/model.safetensors --data tests-only --json
is 'and gives the same' "$(sed 's/"data":"[^"]*"//' eval.json)" "$(sed 's/"data":"[^"]*"//' stdout)"

# A file of another program: one layer of zeros, which takes everything for class 0.
header='{"0.weight":{"dtype":"F32","shape":[10,64],"data_offsets":[0,2560]},'
header+='"0.bias":{"dtype":"F32","shape":[10],"data_offsets":[2560,2600]}}'
printf "\\x$(printf %02x ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header" >plain.safetensors
head -c 2600 /dev/zero >>plain.safetensors
works 'eval --layers of a file that does not say them' eval plain.safetensors --data data --layers 64-10
like 'eval: classes that are never predicted' '^ +1 +[0-9]+ +0 +0.00 +- +0 \([0-9]+\)$' stdout

works 'info' info
for word in 'built ISAs' 'usable here' active caches compiler 'build type' libraries; do
  like "info: $word" "^$word  +[^ ]" stdout
done
built=$(sed -n 's/^built ISAs  *//p' stdout | tr -d ,)
usable=$(sed -n 's/^usable here  *//p' stdout | tr -d ,)
works 'info --json' info --json
cp stdout info.json
like 'info --json: the ISAs' "\"usable\":\\[\"${usable// /\",\"}\"\\],\"active\":\"${usable%% *}\"" stdout

for batch in 1 16; do
  for isa in $usable; do
    out=isa-$isa-$batch
    LANEWISE_ISA=$isa works "LANEWISE_ISA=$isa, batch $batch" "${train[@]}" --batch $batch --out "$out"
    like "LANEWISE_ISA=$isa is used" "· $isa \(LANEWISE_ISA\) ·" stdout
    like "LANEWISE_ISA=$isa is recorded" "\"isa\":\"$isa\"" "$out/train.jsonl"
    same "$isa writes the same bytes, batch $batch" \
      "isa-${usable%% *}-$batch/model.safetensors" "$out/model.safetensors"
  done
done

if command -v python3 >/dev/null; then
  for file in first/train.jsonl eval.json info.json; do
    is "$file: every line is a JSON object" '' "$(python3 -c 'import json, sys
for line in open(sys.argv[1]): assert isinstance(json.loads(line), dict)' "$file" 2>&1)"
  done
else
  echo '# python3 is not here: the JSON was looked at with sed alone'
fi
