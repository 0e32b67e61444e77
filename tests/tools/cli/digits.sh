# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The built-in digits, and contact sheets.

learn=(train --layers 784-10 --epochs 1)
works 'train --data digits' "${learn[@]}" --data digits --out built-in
like 'train --data digits: the first line says so' \
  '^lanewise .* · built-in digits: 60,000 \+ 10,000 images 28x28 · seed 1$' <(head -n 1 stdout)
like 'train: why steps are not fused' '^steps layer by layer, .*, not fused: only hidden widths of 16, 32, 64 or 128 with ' stdout
like 'train.jsonl: what it learned from, and how' '"data":"digits","epochs":1,"batch":1,"base_lr":0.005,' built-in/train.jsonl
grep '^test accuracy' stdout >accuracy
LANEWISE_DATA=digits works 'eval: digits by LANEWISE_DATA' eval built-in/model.safetensors
like 'eval: says so, too' '^built-in/model.safetensors: 784-10 · built-in digits: 10,000 test images 28x28$' stdout
like 'eval: the accuracy that train printed' "^$(sed 's/[()]/\\&/g' accuracy) · loss" stdout
works 'eval --json' eval built-in/model.safetensors --data digits --json
like 'eval --json: the word for them' '"data":"digits"' stdout
refuses '--data digits: fewer classes' 2 '--layers 784-9: 9 outputs, but the labels in built-in digits go up to 9; ' \
  train --data digits --layers 784-9 --out none
works '--data digits: more classes' train --data digits --layers 784-12 --epochs 1 --out built-in --quiet

# A directory of that name is not what the word means.
cp -r data digits
refuses '--data digits: not the directory' 2 '--layers 64-10: 64 inputs, but the images in built-in digits are 28x28' \
  train --data digits --layers 64-10 --out none
works '--data ./digits: the directory' train --data ./digits --layers 64-10 --epochs 1 --out built-in --quiet
rm -r digits

# png_size FILE: width and height as its header has them
png_size() { od -An -tu1 -j16 -N8 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'; }
is_png() { is "$1: a PNG file of that size" "89 50 4e 47 0d 0a 1a 0a $3" "$(od -An -tx1 -N8 "$2" | xargs) $(png_size "$2")"; }
works 'show' show digits --out digits.png
like 'show: what and where' '^written: digits.png, the first 100 training images of built-in digits$' stdout
is_png 'show: 10 rows of 10' digits.png '582 582'
works 'show: the same again' show digits --out again.png
same 'show: the same bytes' digits.png again.png
works 'show: over an older sheet' show data --out again.png --count 7
same 'show: which is kept' digits.png again.png.prev
is_png 'show: 3 rows, of 8x8 images' again.png '56 56'
works 'show: images that are not square, more than there are' show wide --out wide.png --count 10000
is_png 'show: all 10, in 3 rows of 4' wide.png '58 32'
refuses 'show: no data' 2 'DATA.*; see lanewise show --help$' show
refuses 'show: no such data' 2 'nowhere: ' show nowhere --out none
refuses 'show: no image at all' 2 '--count "0": must be a whole number from 1 to 10,000$' show data --count 0
refuses 'show: no place for it' 1 'none/sheet.png: the directory it lies in cannot be opened: ' \
  show data --out none/sheet.png
# Of 8x8 images, class i has every tenth pixel white, from pixel i on. On the sheet a pixel is two by two, a line two wide.
repeated() { printf "$1%.0s" $(seq "$2"); }
if command -v python3 >/dev/null; then
  for row in 2 3; do
    is "show: row $row goes through the first three images" \
      "6060ffff$(repeated 0000 7)60600000ffff$(repeated 0000 6)606000000000ffff$(repeated 0000 5)6060" \
      "$("$parts/read_png.py" again.png $row 2>&1)"
  done
  is 'show: row 38 goes through the last one and no others' \
    "6060$(repeated 0000 6)ffff0000$(repeated 60 38)" "$("$parts/read_png.py" again.png 38 2>&1)"
else
  echo '# python3 is not here: the pixels of the pictures were not looked at'
fi
