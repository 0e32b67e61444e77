# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tools/mnist.sha256 are the checksums of MNIST.

is 'mnist.sha256: the four files' \
  't10k-images-idx3-ubyte t10k-labels-idx1-ubyte train-images-idx3-ubyte train-labels-idx1-ubyte' \
  "$(awk '{ print $2 }' "$tools/mnist.sha256" | sort | in_one_line)"
if [ -n "$mnist" ]; then
  while read -r sum name; do
    for file in "$mnist/$name" "$mnist/$name.gz" "$mnist/MNIST/raw/$name" "$mnist/MNIST/raw/$name.gz"; do
      [ ! -f "$file" ] || is "mnist.sha256: $name" "$sum" "$(gzip -dcf "$file" | sha256sum | cut -d ' ' -f 1)"
    done
  done <"$tools/mnist.sha256"
else
  echo '# LANEWISE_DATA is not set: the checksums were not compared with MNIST'
fi
