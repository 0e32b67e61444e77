# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# train --init, --optimizer with its numbers, --schedule, --warm-up.

for init in xavier-uniform xavier-normal he-uniform he-normal; do
  works "--init $init" "${train[@]}" --init $init --out init-$init
  like "--init $init: in the report" "^net .* · $init · epochs 5 · batch 1\$" stdout
  is "--init $init: in every record" 5 "$(grep -c "\"init\":\"$init\"" init-$init/train.jsonl)"
done
same '--init xavier-uniform is what there is without it' first/model.safetensors init-xavier-uniform/model.safetensors
is 'each --init makes another model' 4 "$(cat init-*/model.safetensors >all; sha256sum init-*/model.safetensors |
  cut -d ' ' -f 1 | sort -u | wc -l)"

# optimizer FLAGS LINE: what the report says of them
optimizer() {
  local flags=$1 line=$2
  # shellcheck disable=SC2086
  works "--optimizer $flags" train --data data --layers 64-16-16r-10 --epochs 2 --batch 8 --out by --optimizer $flags
  is "--optimizer $flags: in the report" "$line" "$(sed -n 3p stdout)"
  is "--optimizer $flags: in every record" 2 "$(grep -c "\"optimizer\":\"${flags%% *}\"" by/train.jsonl)"
}
optimizer sgd 'sgd · learning rate 0.005 falling linearly to 0'
optimizer 'sgd --weight-decay 0.01 --schedule constant' 'sgd, weight decay 0.01 · learning rate 0.005, constant'
optimizer momentum 'momentum, momentum 0.9 · learning rate 0.001 falling linearly to 0'
optimizer 'nesterov --momentum 0.5 --schedule cosine' \
  'nesterov, momentum 0.5 · learning rate 0.001 falling as a cosine to 0'
optimizer rmsprop 'rmsprop, alpha 0.99, eps 1e-08 · learning rate 0.01 falling linearly to 0'
optimizer 'rmsprop --alpha 0.9 --eps 1e-6 --lr 0.002 --schedule step:1' \
  'rmsprop, alpha 0.9, eps 1e-06 · learning rate 0.002, times 0.1 every 1 epoch'
optimizer 'adam --warm-up 1' \
  'adam, betas 0.9 0.999, eps 1e-08 · learning rate 0.001 falling linearly to 0 after a warm-up of 1 epoch'
optimizer 'adam --betas 0.8,0.95 --clip-norm 2 --schedule step:0.5:0.3 --warm-up 0.5' \
  'adam, betas 0.8 0.95, eps 1e-08, gradients clipped to 2 · learning rate 0.001, times 0.3 every 0.5 epochs after a warm-up of 0.5 epochs'
optimizer adamw 'adamw, betas 0.9 0.999, eps 1e-08, weight decay 0.01 · learning rate 0.001 falling linearly to 0'
like 'a record has the numbers of the optimiser' \
  '"optimizer":"adamw","betas":\[0.9,0.999\],"eps":1e-08,"weight_decay":0.01,"schedule":"linear","warm_up_epochs":0.0' \
  by/train.jsonl
optimizer 'momentum --momentum -0' 'momentum, momentum 0 · learning rate 0.001 falling linearly to 0'

works 'numbers at their defaults change nothing' "${train[@]}" --optimizer sgd --weight-decay 0 --warm-up 0 --out by --quiet
same 'which are plain SGD' first/model.safetensors by/model.safetensors
for isa in $usable; do
  LANEWISE_ISA=$isa works "adam on $isa" "${train[@]}" --optimizer adam --lr 0.01 --quiet --out "adam-$isa"
  same "adam on $isa: the same bytes" "adam-${usable%% *}/model.safetensors" "adam-$isa/model.safetensors"
done

# lacks OPTIMIZER FLAG VALUE THOSE
lacks() {
  refuses "$1 has no $2" 2 "$2: --optimizer $1 has none; it goes with $4\$" \
    train --data data --optimizer "$1" "$2" "$3" --out none
}
lacks sgd --momentum 0.9 'momentum or nesterov'
lacks adam --alpha 0.9 rmsprop
lacks momentum --betas 0.9,0.99 'adam or adamw'
lacks nesterov --eps 1e-8 'rmsprop, adam or adamw'

refuses 'a warm-up a little longer than the run' 2 \
  '--warm-up 1.0000001: longer than the run, which has 1 epoch; choose at most that$' \
  train --data data --layers 64-10 --epochs 1 --warm-up 1.0000001 --out none
