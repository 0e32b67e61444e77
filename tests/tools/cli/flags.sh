# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Help, wrong flags and values, data that does not fit: everything that must be said before anything is written.

for arguments in -h --help 'train -h' 'eval --help' 'gradcheck -h' 'info -h'; do
  # shellcheck disable=SC2086
  run $arguments
  is "$arguments: exit 0, nothing on stderr" '0 0' "$code $(wc -c <stderr)"
  is "$arguments: examples come before the options" 'Examples: Options:' \
    "$(grep -Eo '^(Examples|Options):' stdout | in_one_line)"
done
run --version
is '--version: exit 0, one line' '0 1 0' "$code $(wc -l <stdout) $(wc -c <stderr)"
like '--version: name and number' '^lanewise [0-9]+\.[0-9]+\.[0-9]+$' stdout
run
is 'no subcommand: help on stderr, exit 2' '2 0 Usage: lanewise COMMAND [options]' \
  "$code $(wc -c <stdout) $(grep ^Usage stderr)"

refuses 'unknown subcommand' 2 'unknown command "trian"; did you mean train\? see lanewise --help$' trian
refuses 'unknown subcommand like none' 2 'unknown command "frobnicate"; see lanewise --help$' frobnicate --epochs 3
refuses 'unknown subcommand, even beside --help' 2 'unknown command "trian"; did you mean train\? see ' trian --help
refuses 'unknown flag' 2 'unknown flag "--epoch"; did you mean --epochs\? see lanewise train --help$' train --epoch 5
refuses 'unknown flag with =' 2 'unknown flag "--bacth"; did you mean --batch\? see ' train --bacth=5
refuses 'unknown flag like none' 2 'unknown flag "--frobnicate"; see lanewise eval --help$' eval model --frobnicate
refuses 'an argument too many' 2 'unexpected argument "data"; see lanewise train --help$' train data
refuses 'flag without value' 2 '--epochs needs a value: --epochs N; see lanewise train --help$' train --epochs
refuses '--data without value' 2 '--data needs a value: --data DIR; see lanewise eval --help$' eval model --data
refuses 'eval without a model' 2 'MODEL.*; see lanewise eval --help$' eval --data data
refuses 'control characters do not reach the terminal' 2 '--schedule "a\?\[31m\?b": ' train --schedule $'a\033[31m\nb'

# wrong_value FLAG VALUE MESSAGE
wrong_value() { refuses "$1 '$2'" 2 "$1 \"$2\": $3" train --data data "$1" "$2" --out none; }
for value in 0 -1 x 1.5 '' 1000001 99999999999999999999; do
  wrong_value --epochs "$value" 'must be a whole number from 1 to 1,000,000$'
done
for value in 0 -1 x '' ' 1' '1 ' nan inf 1e31 1e400; do
  wrong_value --lr "$value" 'must be a number from 1e-30 to 1e\+30$'
done
for value in maxout '' relu:1 elu: elu:x leaky-relu:-1 elu:inf; do
  refuses "--act '$value'" 2 "--act: activation \"$value\": " train --data data --act "$value" --out none
done
for act in leaky-relu:1e-50 leaky-relu:1e39 leaky-relu:inf leaky-relu:nan leaky-relu:-1e-9; do
  refuses "--act '$act': its range" 2 \
    "--act: activation \"$act\": the slope must be 0 or a number from 1e-45 to 3.4028235e\+38\$" gradcheck --act "$act"
done
for act in 1e-45:1e-45 3.4028235e38:3.4028235e\\+38 -0:0; do
  run gradcheck --layers 3-2-2 --act "leaky-relu:${act%:*}" --json
  like "--act leaky-relu:${act%:*}: is ${act#*:}" "\"act\":\"leaky-relu:${act#*:}\"" stdout
done
refuses '--act of eval' 2 '--act: activation "maxout": must be one of identity, relu, leaky-relu\[:slope\], ' eval model --act maxout
refuses 'a residual between other widths' 2 '--layers "64-16-8r-10": the residual 8r follows a width of 16; both must be equal$' \
  gradcheck --layers 64-16-8r-10
wrong_value --batch 0 'must be a whole number from 1 to 1,048,576$'
wrong_value --seed -1 'must be a whole number from 0 to 18,446,744,073,709,551,615$'
wrong_value --seed 18446744073709551616 'must be a whole number'
wrong_value --schedule exponential 'must be constant, linear, cosine or step$'
wrong_value --schedule linaer 'must be constant, linear, cosine or step; did you mean linear\?$'
wrong_value --schedule cosine:3 'must be constant, linear, cosine or step$'
wrong_value --init he 'must be xavier-uniform, xavier-normal, he-uniform or he-normal'
for value in step step:3:0.1:1; do
  wrong_value --schedule "$value" 'must be step:EPOCHS or step:EPOCHS:FACTOR, as step:3:0.1$'
done
# wrong_part FLAG VALUE NAME PART MESSAGE: of a value with parts
wrong_part() { refuses "$1 '$2'" 2 "$3 \"$4\": $5" train --data data "$1" "$2" --out none; }
for part in '' 0 x; do
  wrong_part --schedule "step:$part" '--schedule step:EPOCHS' "$part" 'must be a number from 0.001 to 1e\+06$'
done
wrong_part --schedule step:3:2 '--schedule step:EPOCHS:FACTOR' 2 'must be a number from 1e-06 to 1$'
wrong_value --optimizer adma 'must be sgd, momentum, nesterov, rmsprop, adam or adamw; did you mean adam\?$'
for value in 0.9 0.9,0.99,0.999 , ,: 0.9, ,0.9 ''; do
  wrong_value --betas "$value" 'must be two numbers with a comma between them, as 0.9,0.999$'
done
for part in 1 y; do wrong_part --betas "0.9,$part" --betas "$part" 'must be a number from 0 to 0.999999$'; done
for flag in momentum alpha weight-decay warm-up; do wrong_value "--$flag" -1 'must be a number from 0 to '; done
for flag in eps clip-norm; do wrong_value "--$flag" 0 'must be a number from 1e-30 to '; done
wrong_value --layers 64x16x10 '.*dashes between them, inputs first, classes last, as 784-16-16r-10'
for value in '' x 64 64-16-10r 64-8-16r-10 64-0-10 64-16x-10 64--10; do wrong_value --layers "$value" '.+'; done
refuses 'a long value is cut' 2 '--schedule "x{80}\.\.\.": must be' train --schedule "$(printf 'x%.0s' {1..500})"
refuses 'control characters beyond ASCII' 2 '--schedule "\?\?31m": ' train --schedule $'\xc2\x9b31m'
refuses "--data ''" 2 '--data "": must be a name' train --data '' --out none
refuses "--out ''" 2 '--out "": must be a name' train --data data --out ''

refuses '--layers of another width' 2 \
  '--layers 65-10: 65 inputs, but the images in data are 8x8 = 64 pixels; a net for them starts with 64$' \
  train --data data --layers 65-10 --out none
refuses '--layers with too few classes' 2 \
  '--layers 64-7: 7 outputs, but the labels in data go up to 9; a net for them ends with 10$' \
  train --data data --layers 64-7 --out none
refuses '--layers with more classes than labels can have' 2 \
  '--layers 64-40000: 40,000 outputs, but labels are bytes; a net for them ends with at most 256$' \
  train --data data --layers 64-40000 --out none
refuses '--batch above the number of images' 2 '--batch 201: more than the 200 training images; ' \
  train --data data --layers 64-10 --batch 201 --out none

refuses '--data that does not exist' 2 'nowhere: .*--data DIR' train --data nowhere --out none
LANEWISE_DATA=elsewhere \
  refuses 'LANEWISE_DATA that does not exist' 2 'elsewhere: .*--data DIR' train --out none
refuses 'no data where it is looked for at last' 2 'data/mnist: .*--data DIR' train --out none
mkdir incomplete
cp data/train-images-idx3-ubyte incomplete
refuses 'data of which files are missing' 2 'incomplete: .*train-labels.*t10k-images.*--data DIR' \
  train --data incomplete --out none

# malformed TEXT FILE PATTERN: the data set with stdin as FILE
malformed() {
  rm -rf malformed
  cp -r data malformed
  cat >"malformed/$2"
  refuses "$1: exit 65" 65 "malformed/.*$2.*$3" train --data malformed --layers 64-10 --out none
}
malformed 'wrong magic' train-images-idx3-ubyte '' < <(make_images 200 8 8 | sed '1s/\x08\x03/\x09\x03/')
malformed 'images cut off' train-images-idx3-ubyte '' < <(head -c 5000 data/train-images-idx3-ubyte)
malformed 'a byte too many' train-labels-idx1-ubyte '' < <(make_labels 200 9; echo)
malformed 'fewer labels than images' train-labels-idx1-ubyte '199 labels' < <(make_labels 199 9)
malformed 'label above the classes' train-labels-idx1-ubyte 'label 11' \
  < <(make_labels 199 9 | sed '1s/\xc7/\xc8/'; printf '\x0b')
malformed 'gzip cut off' t10k-images-idx3-ubyte.gz '' < <(head -c 40 data/t10k-images-idx3-ubyte.gz)
malformed 'no labels' t10k-labels.idx1-ubyte '' < <(make_labels 0 9)

is 'no refused run has written anything' '' "$(ls -d none 2>&1 | grep -v 'No such file' || true)"
