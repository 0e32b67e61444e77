# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Tiny data sets in the MNIST format.

u32() {
  local shift
  for shift in 24 16 8 0; do printf "\\x$(printf %02x $(($1 >> shift & 255)))"; done
}

# make_images COUNT ROWS COLUMNS: image i shows class i % 10 as every tenth pixel from there on.
make_images() {
  local i pixels=()
  for ((i = 0; i < 10 * $2 * $3; ++i)); do
    pixels[i / ($2 * $3)]+=$([ $((i % ($2 * $3) % 10)) = $((i / ($2 * $3))) ] && echo '\377' || echo '\000')
  done
  u32 0x803; u32 "$1"; u32 "$2"; u32 "$3"
  for ((i = 0; i < $1; ++i)); do printf %b "${pixels[i % 10]}"; done
}

# make_labels COUNT EVERY: each EVERY-th label is wrong.
make_labels() {
  local i
  u32 0x801; u32 "$1"
  for ((i = 0; i < $1; ++i)); do printf "\\x0$(((i % $2 == 0 ? i + 3 : i) % 10))"; done
}

mkdir data wide
make_images 200 8 8 >data/train-images-idx3-ubyte
make_labels 200 1000 >data/train-labels-idx1-ubyte
make_images 100 8 8 | gzip >data/t10k-images-idx3-ubyte.gz
make_labels 100 7 >data/t10k-labels.idx1-ubyte

for part in train t10k; do
  make_images 10 4 6 >wide/$part-images-idx3-ubyte
  make_labels 10 10 >wide/$part-labels-idx1-ubyte
done
