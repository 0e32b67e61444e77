# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lanewise sweep: journals that are broken, files that cannot be written.

mkdir broken
exec 9>broken/.lock
flock -n 9
refuses 'sweep: a directory in use' 1 'broken is in use by another run' "${sweep[@]}" --out broken
exec 9>&-

# A journal that is refused must not take long.
printf '#!/bin/sh\nexec timeout -s KILL 2 %q "$@"\n' "$program" >soon
chmod +x soon
# refuses_journal TEXT CODE PATTERN: broken/runs.jsonl, which stays as it is
refuses_journal() {
  ls -l broken/runs.jsonl >journal.before
  program=$work/soon refuses "sweep: $1" "$2" "broken/runs.jsonl: $3" "${sweep[@]}" --out broken
  is 'and it stays' "$(cat journal.before)" "$(ls -l broken/runs.jsonl)"
  rm -r broken/runs.jsonl
}
echo '{"layers":"64-10"}' >broken/runs.jsonl
refuses_journal 'a line that is no record' 65 \
  'line 1 is no record of a sweep; remove this line or choose another --out$'
for nonsense in validation_accuracy:1.01 test_accuracy:-0.1 train_accuracy:null validation_accuracy:true seconds:-1 \
  seconds:1e999 seconds:null validation_loss:-1 validation_loss:1e999 diverged:0 'test_accuracy:"0.5"'; do
  { head -n 2 swept/runs.jsonl
    sed -En "3s/\"(${nonsense%:*})\":[^,}]*/\"\1\":${nonsense#*:}/p" swept/runs.jsonl; } >broken/runs.jsonl
  refuses_journal "a record with $nonsense" 65 'line 3 is no record of a sweep; '
done
sed -E 's/"validation_loss":[^,}]*/"validation_loss":null/' swept/runs.jsonl >broken/runs.jsonl
works 'sweep: a record whose loss was not finite' "${sweep[@]}" --seeds 1-2 --out broken
like 'and is done' '16 runs, 16 of them done before' stdout
rm broken/runs.jsonl
for nest in '[ ]' '{"a": }'; do
  { head -n 1 swept/runs.jsonl | tr -d '}\n'
    printf -- ',"more":'; printf -- "${nest% *}%.0s" {1..200000}; printf 1; printf -- "${nest#* }%.0s" {1..200000}
    printf '}}\n'; } >broken/runs.jsonl
  refuses_journal "a record nested deeply, ${nest/ /}" 65 'line 1 is no record of a sweep; '
done
mkdir broken/runs.jsonl
refuses_journal 'a directory for a journal' 65 'is a directory; name a file$'
mkfifo broken/runs.jsonl
refuses_journal 'a FIFO for a journal' 65 'is not a regular file; '
ln -s /dev/zero broken/runs.jsonl
refuses_journal 'a device for a journal' 65 'is not a regular file; '
truncate -s 2G broken/runs.jsonl
refuses_journal 'a journal too long to be one' 65 'has 2147483648 bytes, more than the limit of 1073741824$'

# A long journal: the same records with other seeds, as many runs as there are records.
grep '"layers":"64-10",.*"init":"xavier-uniform","lr":0.05,.*"seed":1,' swept/runs.jsonl |
  awk '{for (i = 1; i <= 10000; ++i) {line = $0; sub(/"seed":1,/, "\"seed\":" i ",", line); print line}}' >broken/runs.jsonl
program=$work/soon works 'sweep: finds 10,000 runs in 10,000 records at once' sweep --data data --layers 64-10 \
  --optimizer sgd:0.05 --epochs 2 --batch 4 --seeds 1-10000 --out broken
like 'and all of them' '^1 combination x 10,000 seeds = 10,000 runs, 10,000 of them done before' stdout
