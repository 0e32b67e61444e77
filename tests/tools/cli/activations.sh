# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# --act: eval of a saved net uses the activation it was trained with. gradcheck: two figures that hold.

run train --data data --layers 64-16-16r-10 --act leaky-relu:0.2 --lr 0.05 --epochs 5 --out activated
is '--act: exit 0' 0 "$code"
like '--act: the model file says it' '"act":"leaky-relu:0.2"' activated/model.safetensors
trained=$(grep -Eo 'test accuracy [0-9.]+ %' stdout)
run eval activated/model.safetensors --data data
is 'eval uses the activation of the file' "$trained" "$(grep -Eo 'test accuracy [0-9.]+ %' stdout)"
refuses 'eval: another activation than the file says' 2 '.*: holds the net 64-16-16r-10 with activation leaky-relu:0.2' \
  eval activated/model.safetensors --data data --layers 64-16-16r-10 --act gelu
for act in gelu leaky-relu:0.2; do
  refuses "eval: --act $act without --layers" 2 \
    '--act: goes with --layers, for a model file that does not say its net; leave it out$' \
    eval activated/model.safetensors --data data --act $act
done

for act in relu leaky-relu:0.2 elu gelu gelu-tanh silu tanh sigmoid identity; do
  run gradcheck --layers 12-8-8r-5 --act "$act"
  is "gradcheck --act $act: exit 0, two figures that hold" '0 2' "$code $(grep -c ')  holds  worst [0-9]' stdout)"
done
run gradcheck --layers 64-256-32-10 --batch 1
like 'gradcheck: of many parameters 2,000' '^differences at 2,000 of 25,194 parameters; ' stdout
run gradcheck --layers 12-8-5 --json
like 'gradcheck --json' '"layers":"12-8-5".*"overflow":null,"tells_enough":true,"holds":true' stdout
works 'gradcheck: gradients that cancel' gradcheck --act leaky-relu --layers 3-1-1-1-2 --seed 12
run gradcheck --layers 3-1-1-1-2 --seed 3
is 'gradcheck: too many differences left out: exit 1, though both figures hold' '1 2 1' \
  "$code $(grep -c ')  holds  worst [0-9]' stdout) $(wc -l <stderr)"
like 'gradcheck: which it says' \
  '^lanewise: differences left out at 3 of 12 parameters, .*: too many to tell; choose another --seed or ' stderr
run gradcheck --layers 3-1-1-1-2 --seed 3 --json
like 'gradcheck --json: likewise' '"skipped":3,.*"tells_enough":false,"holds":false' stdout
run gradcheck --act elu:3e38
is 'gradcheck: an overflow: exit 1, no figure' '1 1 1' "$code $(wc -l <stdout) $(wc -l <stderr)"
like 'gradcheck: which it says' \
  '^lanewise: 1.a \[0, 10\] is too large for a float, so nothing can be told; choose a smaller parameter of --act' stderr
run gradcheck --act elu:3e38 --json
like 'gradcheck --json: likewise' '"difference_error":null,.*"overflow":"1.a \[0, 10\]",.*"holds":false' stdout
