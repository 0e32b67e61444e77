# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# train --validation and --until-accuracy.

works 'train --validation' "${train[@]}" --validation 50 --out validated
cp stdout validated.txt
like '--validation: what is left to train on' '· data: 150 \+ 100 images 8x8, 50 for validation · seed 1$' validated.txt
like '--validation: its own column' '^ +epoch +loss +train % +valid % +test % +ms +µs/sample$' validated.txt
is '--validation: a line an epoch' 5 "$(grep -Ec '^ +[1-5]/5( +[0-9.]+){4} +[0-9,]+ +[0-9.]+$' validated.txt)"
is '--validation: the table is aligned' 1 \
  "$(sed -n '/^ *epoch /,/^$/p' validated.txt | sed '$d; s/µ/u/' | awk '{print length}' | uniq | wc -l)"
accuracy=$(json_number validation_accuracy validated/train.jsonl)
like '--validation: the accuracy at the end' \
  "^validation accuracy $(awk -v a="$accuracy" 'BEGIN {printf "%.2f", 100 * a}') % \\([0-9]+ of 50\\)\$" validated.txt
for key in validation_loss validation_accuracy; do
  is "--validation: $key in every record" 5 "$(grep -c "\"$key\":" validated/train.jsonl)"
  is "and without it in none: $key" 0 "$(grep -c "\"$key\":" first/train.jsonl || true)"
done
works '--validation: the same again' "${train[@]}" --validation 50 --out again --quiet
same '--validation: the same model' validated/model.safetensors again/model.safetensors
is '--validation: the same figures' "$accuracy" "$(json_number validation_accuracy again/train.jsonl)"
for count in 200 201; do
  refuses "--validation $count" 2 "--validation $count: leaves none of the 200 training images; choose fewer\$" \
    "${train[@]}" --validation $count --out none
done
refuses '--batch above what is left' 2 '--batch 151: more than the 150 training images that --validation 50 leaves; ' \
  "${train[@]}" --validation 50 --batch 151 --out none
refuses '--batch above the one that is left' 2 '--batch 2: more than the 1 training image that --validation 199 leaves; ' \
  "${train[@]}" --validation 199 --batch 2 --out none
for value in 0 -1 x 4294967296; do
  refuses "--validation '$value'" 2 "--validation \"$value\": must be a whole number from 1 to 4,294,967,295\$" \
    "${train[@]}" --validation "$value" --out none
done

slow=("${train[@]}" --validation 50 --epochs 20 --lr 0.005)
# A whole run says which epoch is the first that reaches a mark.
first_reaching() { sed -En "s/.*\"epoch\":([0-9]+),.*\"$1\":([0-9.e-]+).*/\1 \2/p" "$2" | awk -v p="$3" '$2 >= p {print $1; exit}'; }
works 'a run whose every epoch is seen' "${slow[@]}" --out whole --quiet
# Only of the test images some have wrong labels.
for mark in 60:0.6 80:0.8 95:0.95; do
  epoch=$(first_reaching validation_accuracy whole/train.jsonl "${mark#*:}")
  works "--until-accuracy ${mark%:*}" "${slow[@]}" --until-accuracy "${mark%:*}" --out until
  like "--until-accuracy ${mark%:*}: says after which epoch" \
    "^reached [0-9.]+ % after epoch $epoch \\(validation data, --until-accuracy ${mark%:*}\\)\$" stdout
  is "--until-accuracy ${mark%:*}: no epoch more" "$epoch" "$(wc -l <until/train.jsonl)"
  is "--until-accuracy ${mark%:*}: the learning rate of the whole run" \
    "$(sed -En "${epoch}s/.*\"lr\":([^,]+).*/\1/p" whole/train.jsonl)" "$(json_number lr until/train.jsonl)"
  is "--until-accuracy ${mark%:*}: in the records" "$((epoch - 1)) 1" \
    "$(grep -c "\"until_accuracy\":${mark#*:},\"reached\":false" until/train.jsonl || true) $(
      tail -n 1 until/train.jsonl | grep -c "\"until_accuracy\":${mark#*:},\"reached\":true")"
done
epoch=$(first_reaching test_accuracy first/train.jsonl 0.85)
works '--until-accuracy of test data' "${train[@]}" --until-accuracy 85 --out until
like '--until-accuracy of test data: exactly so much is enough' \
  "^reached 85.00 % after epoch $epoch \\(test data, --until-accuracy 85\\)\$" stdout
works '--until-accuracy that is not reached' "${train[@]}" --until-accuracy 85.01 --out until
like 'which it says' "^did not reach 85.01 %: the most was 85.00 % after epoch $epoch \\(test data\\)\$" stdout
is 'and records' '5 0' \
  "$(grep -c '"reached":false' until/train.jsonl) $(grep -c '"reached":true' until/train.jsonl || true)"
same 'and changes nothing else' first/model.safetensors until/model.safetensors
for value in 0 0.96 100.1 -5 x nan ''; do
  refuses "--until-accuracy '$value'" 2 "--until-accuracy \"$value\": must be a number from 1 to 100\$" \
    "${train[@]}" --until-accuracy "$value" --out none
done
