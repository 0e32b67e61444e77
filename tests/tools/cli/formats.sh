# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Data sets in other formats than MNIST's four files.

# npy TYPE SHAPE: the header of such an array; the values are to follow
npy() {
  local text="{'descr': '$1', 'fortran_order': False, 'shape': $2, }"
  printf '\x93NUMPY\x01\x00'
  printf "\\x$(printf %02x $((${#text} + 1)))\\x00%s\n" "$text"
}
values() { tail -c "+$(($1 + 1))"; } # of an IDX file behind a header of so many bytes

mkdir npy csv emnist
for part in train:200:1000 test:100:7; do
  IFS=: read -r name count wrong <<<"$part"
  { npy '|u1' "($count, 8, 8)"; make_images "$count" 8 8 | values 16; } >npy/x_$name.npy
  { npy '|u1' "($count,)"; make_labels "$count" "$wrong" | values 8; } >npy/y_$name.npy
  make_images "$count" 8 8 | gzip >"emnist/emnist-toy-$name-images-idx3-ubyte.gz"
  make_labels "$count" "$wrong" >"emnist/emnist-toy-$name-labels-idx1-ubyte"
  paste -d, <(make_labels "$count" "$wrong" | values 8 | od -An -v -tu1 -w1 | tr -d ' ') \
    <(make_images "$count" 8 8 | values 16 | od -An -v -tu1 -w64 | sed 's/^ *//; s/  */,/g') >"csv/toy_$name.csv"
done
gzip csv/toy_test.csv
for format in npy csv emnist; do
  works "$format: train" "${train[@]}" --data $format --out from-$format
  like "$format: the same images" "· $format: 200 \+ 100 images 8x8 · seed 1\$" stdout
  same "$format: the same model as from MNIST's files" first/model.safetensors from-$format/model.safetensors
  works "$format: eval" eval from-$format/model.safetensors --data $format
  like "$format: and the same accuracy" '^test accuracy 85.00 % \(85 of 100\)' stdout
  works "$format: show" show $format --out from-$format.png --count 7
  same "$format: the same picture" again.png from-$format.png
  refuses "$format: --layers of another width" 2 \
    "--layers 65-10: 65 inputs, but the images in $format are 8x8 = 64 pixels; a net for them starts with 64\$" \
    train --data $format --layers 65-10 --out none
  refuses "$format: --layers with too few classes" 2 \
    "--layers 64-7: 7 outputs, but the labels in $format go up to 9; a net for them ends with 10\$" \
    train --data $format --layers 64-7 --out none
done
sed 's/^9,/25,/' csv/toy_train.csv >letters_train.csv
mkdir letters
mv letters_train.csv letters
cp csv/toy_test.csv.gz letters
refuses 'labels above 9 need more outputs' 2 '--layers 64-10: 10 outputs, but the labels in letters go up to 25; .* 26$' \
  train --data letters --layers 64-10 --out none
works 'and have them' train --data letters --layers 64-26 --epochs 1 --out letters/out --quiet
cp csv/toy_train.csv npy
refuses 'two files for one thing' 2 \
  'npy/toy_train.csv and npy/x_train.npy: both may be the training images; leave one of them there or pass --data DIR' \
  train --data npy --layers 64-10 --out none
rm npy/toy_train.csv
