# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Malformed files in every format, data sets and models.

# spoiled DIRECTORY FILE: the program refuses it, in train or eval: exit 65, one line that names the file, in a second of CPU time
spoiled() {
  local arguments=(train --data "$1" --layers 64-10 --out none) code=0
  [[ $2 != *.safetensors ]] || arguments=(eval "$1/$2" --data data)
  in_seconds 1 "$program" "${arguments[@]}" >stdout 2>stderr </dev/null || code=$?
  malformed_files=$((malformed_files + 1))
  if [ "$code" != 65 ] || [ -s stdout ] || [ "$(wc -l <stderr)" != 1 ] || ! grep -Fq "$1/$2" stderr; then
    wrong_answers+="$1/$2 ($3): exit code $code: $(cat stderr)"$'\n'
  fi
}
malformed_files=0
wrong_answers=
mkdir models zeros
cp first/model.safetensors models
mkdir idx
gzip -dc data/t10k-images-idx3-ubyte.gz >idx/t10k-images-idx3-ubyte
cp data/train-* idx
cp data/t10k-labels.idx1-ubyte idx
head -c 20000000 /dev/zero | gzip >zeros/gz
for file in idx/train-images-idx3-ubyte idx/train-labels-idx1-ubyte emnist/emnist-toy-test-images-idx3-ubyte.gz npy/x_train.npy \
  npy/y_test.npy csv/toy_train.csv csv/toy_test.csv.gz models/model.safetensors; do
  cp "$file" good
  size=$(stat -c %s "$file")
  for length in 0 3 9 $((size / 2 + 1)) $((size - 1)); do
    head -c "$length" good >"$file"
    spoiled "${file%/*}" "${file##*/}" "cut off after $length"
  done
  { cat good; printf 'x'; } >"$file"
  spoiled "${file%/*}" "${file##*/}" 'a byte too many'
  { printf '\xff'; tail -c +2 good; } >"$file"
  spoiled "${file%/*}" "${file##*/}" 'another first byte'
  cp zeros/gz "$file"
  spoiled "${file%/*}" "${file##*/}" 'a gzip bomb'
  rm "$file"
  mkfifo "$file"
  spoiled "${file%/*}" "${file##*/}" 'a FIFO'
  rm "$file"
  ln -s /dev/zero "$file"
  spoiled "${file%/*}" "${file##*/}" 'a device'
  rm "$file"
  cp good "$file"
done
verdict "$malformed_files malformed files in every format: each exit 65, one line, within a second of CPU time" "$wrong_answers"
is 'at least 60 of them' 1 $((malformed_files >= 60))
is 'and nothing was written' '' "$(ls -d none 2>&1 | grep -v 'No such file' || true)"
