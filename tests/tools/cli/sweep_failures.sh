# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lanewise sweep: journals that are broken, files that cannot be written, threads that cannot start, a signal that comes
# too late.

echo text >file
mkdir broken
exec 9>broken/.lock
flock -n 9
refuses 'sweep: a directory in use' 1 'broken is in use by another run' "${sweep[@]}" --out broken
exec 9>&-

refuses 'sweep: --out is a file' 2 '--out file: is a file; name a directory' "${sweep[@]}" --out file
is 'which stays' text "$(cat file)"
for name in runs.jsonl.prev sweep.csv sweep.csv.prev sweep.json sweep.json.prev; do
  mkdir "broken/$name"
  refuses "sweep: $name is a directory: found before training" 1 \
    "broken/$name: is a directory, so the file cannot be written; " "${sweep[@]}" --out broken
  rmdir "broken/$name"
done
is 'sweep: and nothing is written' .lock "$(ls -A broken)"

# A journal that is refused must not take long: 0.3 s at the most in debug builds and under qemu.
lanewise=$program
journal_seconds=2
soon() { in_seconds "$journal_seconds" "$lanewise" "$@"; }
# refuses_journal TEXT CODE PATTERN: broken/runs.jsonl, which stays as it is
refuses_journal() {
  ls -l broken/runs.jsonl >journal.before
  program=soon refuses "sweep: $1" "$2" "broken/runs.jsonl: $3" "${sweep[@]}" --out broken
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
refuses_journal 'a directory for a journal' 1 'is a directory, so the file cannot be written; '
mkfifo broken/runs.jsonl
refuses_journal 'a FIFO for a journal' 1 'is not a regular file, so the file cannot be written; '
ln -s /dev/zero broken/runs.jsonl
refuses_journal 'a device for a journal' 65 'is not a regular file; '
truncate -s 2G broken/runs.jsonl
refuses_journal 'a journal too long to be one' 65 'has 2147483648 bytes, more than the limit of 1073741824$'

# A long journal: the same records with other seeds, as many runs as there are records. It takes 0.15 s, 1.7 in debug builds and
# under qemu; where each run looked at each record it took minutes.
grep '"layers":"64-10",.*"init":"xavier-uniform","lr":0.05,.*"seed":1,' swept/runs.jsonl |
  awk '{for (i = 1; i <= 10000; ++i) {line = $0; sub(/"seed":1,/, "\"seed\":" i ",", line); print line}}' >broken/runs.jsonl
journal_seconds=10 program=soon works 'sweep: finds 10,000 runs in 10,000 records at once' sweep --data data --layers 64-10 \
  --optimizer sgd:0.05 --epochs 2 --batch 4 --seeds 1-10000 --out broken
like 'and all of them' '^1 combination x 10,000 seeds = 10,000 runs, 10,000 of them done before' stdout

# What a sweep leaves that is killed while it adds a record: that run is done again.
for bytes in 1 12 13 100 300; do
  { head -n 15 swept/runs.jsonl; tail -n 1 swept/runs.jsonl | head -c $bytes; } >broken/runs.jsonl
  works "sweep: a last record cut off after $bytes bytes" "${sweep[@]}" --seeds 1-2,7 --out broken
  like 'the others are done' '24 runs, 15 of them done before' stdout
  is 'and then all are' '24 24' "$(wc -l <broken/runs.jsonl) $(grep -c '^{"lanewise":.*}}$' broken/runs.jsonl)"
done
head -c -1 swept/runs.jsonl >broken/runs.jsonl
works 'sweep: a last record that lacks its end of line only' "${sweep[@]}" --seeds 1-2,7 --out broken
like 'is done' '24 runs, 24 of them done before' stdout
{ head -n 1 swept/runs.jsonl | head -c 100; echo; tail -n 3 swept/runs.jsonl; } >broken/runs.jsonl
refuses_journal 'a record in the middle cut off' 65 'line 1 is no record of a sweep; '
printf '{"epoch":1' >broken/runs.jsonl
refuses_journal 'a part of something else' 65 'line 1 is no record of a sweep; '

head -n 20 swept/runs.jsonl >broken/runs.jsonl
cp broken/runs.jsonl journal.before
works 'sweep: some records more' "${sweep[@]}" --seeds 1-2,7 --out broken --quiet
same 'the journal of the sweep before is kept' journal.before broken/runs.jsonl.prev
rm broken/runs.jsonl
ln -s ../journal.before broken/runs.jsonl
works 'sweep: a link for a journal' "${sweep[@]}" --seeds 1-2,7 --out broken --quiet
is 'is read, and replaced' '20 24' "$(wc -l <journal.before) $(find broken/runs.jsonl -type f -exec cat {} + | wc -l)"

# A limit on the size of files stands for a disk that becomes full.
code=0
(trap '' XFSZ; ulimit -f 4; exec "$program" "${sweep[@]}" --seeds 1-2 --quiet --out full 2>stderr) || code=$?
is 'sweep: the journal cannot be written: exit 1, one line' '1 1' "$code $(wc -l <stderr)"
like 'says so' '^lanewise: full/runs.jsonl: cannot be written: File too large' stderr
kept=$(wc -l <full/runs.jsonl)
is 'what was in it stays' "$kept 1" "$(grep -c '^{"lanewise":.*}}$' full/runs.jsonl) $((kept >= 5))"
works 'sweep: goes on when there is space' "${sweep[@]}" --seeds 1-2 --out full
like 'from there' "16 runs, $kept of them done before" stdout

"$program" "${sweep[@]}" --epochs $epochs --seeds 1 --jobs 1 --out removed >stdout 2>stderr &
for ((i = 0; i < 2000; ++i)); do [ ! -s removed/runs.jsonl ] || break; sleep 0.05; done
rm removed/runs.jsonl
wait $!
is 'sweep: a journal that is removed meanwhile is written again' 8 "$(wc -l <removed/runs.jsonl)"

# The limit on the stack is the size of a thread's stack: of 2^47 bytes none is to be had.
if [ -z "${MESON_EXE_WRAPPER:-}" ] && (ulimit -s $((1 << 37)) && "$program" --version) >/dev/null 2>&1; then
  code=0
  (ulimit -s $((1 << 37)); exec "$program" "${sweep[@]}" --seeds 1-2,7 --jobs 4 --out threadless 2>stderr) >stdout || code=$?
  is 'sweep: no thread can be started: exit 0, no complaint' '0 0' "$code $(wc -l <stderr)"
  results threadless/runs.jsonl >b
  same 'and the same results' a b
else
  echo '# sweep without threads: the limit on the stack cannot be that high here'
fi

# A signal after the last run: it comes while the first line waits for space in a full pipe.
mkfifo lines
exec 8<>lines
timeout 1 cat /dev/zero >&8 || true
set -m
"$program" "${sweep[@]}" --seeds 1-2 --out swept >lines 2>stderr 8>&- &
pid=$!
caught=0
for ((i = 0; i < 200 && (0x$caught & 1 << 14) == 0; ++i)); do # until it catches SIGTERM, which is 15
  sleep 0.05
  caught=$(sed -En 's/^SigCgt:\s*//p' "/proc/$pid/status")
done
sleep 0.2
kill -TERM "$pid"
exec 7<lines 8>&-
tr -d '\0' <&7 >stdout
exec 7<&-
code=0
wait "$pid" || code=$?
set +m
is 'sweep: SIGTERM when nothing is left to do: exit 0, no complaint' '0 0' "$code $(wc -l <stderr)"
like 'and the usual lines' '^written: swept/sweep.csv, ' stdout
