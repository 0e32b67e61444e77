# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Models, instruction sets and places that cannot be used; output that fails; divergence.

refuses 'eval: no such model' 2 'none.safetensors: no such file' eval none.safetensors --data data
refuses 'eval: net and data do not fit' 2 \
  'first/model.safetensors \(64-16-16r-10\): 64 inputs, but the images in wide are 6x4 = 24 pixels' \
  eval first/model.safetensors --data wide
head -c 1000 first/model.safetensors >cut.safetensors
echo 'no model at all' >text.safetensors
: >empty.safetensors
for model in cut text empty; do
  refuses "eval: $model model" 65 "$model.safetensors: " eval $model.safetensors --data data
done
refuses 'eval: a model that does not say its layers' 65 'plain.safetensors: .*--layers' \
  eval plain.safetensors --data data
refuses 'eval: --layers against the file' 2 'first/model.safetensors: .*64-16-16r-10' \
  eval first/model.safetensors --data data --layers 64-10

refuses 'eval: --layers against a file that does not say them' 2 'plain.safetensors: .*\[10, 64\]' \
  eval plain.safetensors --data data --layers 64-7
refuses 'eval: a directory' 2 'first: is a directory; name a model file: first/model.safetensors$' \
  eval first --data data
refuses 'eval: a directory without a model' 2 'data: is a directory; name a model file$' eval data --data data

for command in "${train[*]} --out none" 'eval first/model.safetensors --data data' info; do
  # shellcheck disable=SC2086
  LANEWISE_ISA=mmx refuses "unknown LANEWISE_ISA: ${command%% *}" 2 \
    "LANEWISE_ISA=mmx: no such instruction set in this program; usable: ${usable// /, } " $command
done
for isa in $built; do
  case " $usable " in *" $isa "*) continue ;; esac
  LANEWISE_ISA=$isa refuses "LANEWISE_ISA=$isa, which this CPU cannot run" 2 \
    "LANEWISE_ISA=$isa: this CPU cannot run it; usable: ${usable// /, } " info
done
LANEWISE_ISA=mmx works 'help in spite of a wrong LANEWISE_ISA' --help

echo text >file
refuses '--out is a file' 2 '--out file: is a file; name a directory' "${train[@]}" --out file
is 'which stays' text "$(cat file)"
refuses '--out below a file' 1 'file/out: a file is in the way' "${train[@]}" --out file/out
refuses '--out cannot be made' 1 '/proc/lanewise: ' "${train[@]}" --out /proc/lanewise
for name in model.safetensors model.safetensors.prev train.jsonl train.jsonl.prev train.jsonl.part; do
  mkdir -p "taken/$name"
  refuses "$name is a directory: found before training" 1 "taken/$name: is a directory" "${train[@]}" --out taken
  rmdir "taken/$name"
  mkfifo "taken/$name"
  refuses "$name is a FIFO: found before training" 1 "taken/$name: is not a regular file" "${train[@]}" --out taken
  is 'and stays' 1 "$([ -p "taken/$name" ] && echo 1)"
  rm "taken/$name"
  ln -s "$name" "taken/$name"
  works "$name is a link to itself, which is replaced" "${train[@]}" --quiet --out taken
  is 'by a regular file' '0 1' "$(for n in model.safetensors train.jsonl; do [ ! -L "taken/$n" ] || echo link; done |
    wc -l) $(find taken -name model.safetensors -type f | wc -l)"
  rm taken/*
done
for link in dangling=/proc/lanewise/none loop=loop; do
  ln -s "${link#*=}" "${link%=*}"
  refuses "--out is a link that leads nowhere: ${link%=*}" 1 "${link%=*}: " "${train[@]}" --out "${link%=*}"
done
deep=64$(printf -- '-1%.0s' {1..900})-10
refuses 'a net that no model file can hold: found before training' 2 \
  '--layers 64(-1)+-?\.\.\.: too many layers for a model file' "${train[@]}" --layers "$deep" --out deep
is 'and nothing written' '' "$(ls -d deep 2>&1 | grep -v 'No such file' || true)"
mkdir locked
exec 9>locked/.lock
flock -n 9
refuses 'a directory in use' 1 'locked is in use by another run' "${train[@]}" --out locked
is 'and nothing written there' .lock "$(ls -A locked)"
exec 9>&-

refuses 'diverged' 3 \
  'diverged in epoch 1, step [0-9,]+ at a learning rate of 1e\+30: .*; second stays as it was; try --lr 0.005$' \
  "${train[@]}" --lr 1e30 --out second --quiet
same 'diverged: the model stays' second/model.safetensors.prev first/model.safetensors
same 'diverged: the log stays' second/train.jsonl.prev log.before
is 'diverged: and no other file' '.lock model.safetensors model.safetensors.prev train.jsonl train.jsonl.prev' \
  "$(ls -A second | in_one_line)"

refuses 'diverged at a rate below the usual one' 3 \
  'diverged in epoch 1, step [0-9,]+ at a learning rate of 0.001: .*; try --lr 0.0001, or another --act or --init$' \
  "${train[@]}" --act leaky-relu:1e4 --lr 0.001 --out second --quiet
refuses 'diverged at a rate that is no cause' 3 \
  'diverged in epoch 1, step [0-9,]+ at a learning rate of 1e-08: .* small already: try another --act or --init$' \
  "${train[@]}" --act leaky-relu:1e15 --lr 1e-8 --out second --quiet
for batch in 1 200; do
  refuses "diverged before anything was learned, batch $batch" 3 \
    'diverged before the first step, whatever the learning rate: .*; second stays as it was; try another --act' \
    "${train[@]}" --act leaky-relu:3e38 --lr 1e-30 --batch $batch --out second --quiet
done

works 'a run that learns nothing ends well' "${train[@]}" --lr 50 --epochs 1 --out useless
is 'and says so in one line' 1 "$(wc -l <stderr)"
like 'with what to do' '^lanewise: warning: accuracy is at chance \([0-9]+.[0-9]+ %\): .*; try a smaller --lr, another --act or residuals' stderr
works 'a useless rate' "${train[@]}" --lr 1e-12 --seed 2 --epochs 1 --out useless --quiet
like 'too small' '^lanewise: warning: accuracy is at chance .*; try more --epochs or a larger --lr$' stderr
for wide in '--layers 64-10 --lr 1e9 --epochs 3' '--epochs 10000'; do
  # shellcheck disable=SC2086
  is "$wide: the table is aligned" 1 \
    "$({ "$program" "${train[@]}" $wide --out useless 2>/dev/null || true; } | sed -n '/^ *epoch /,/^$/p' |
      sed '/^$/d; s/µ/u/' | awk '{print length}' | uniq | wc -l)"
done

# lost_output TEXT: train and what it wrote, after stdout failed
lost_output() {
  is "$1: exit 1, one line" '1 1' "$code $(wc -l <stderr)"
  like "$1: says that the files are there" \
    '^lanewise: standard output: .*; the run itself is complete, its files are in lost$' stderr
  same "$1: the model is complete" first/model.safetensors lost/model.safetensors
  is "$1: the log is complete" 5 "$(grep -c '^{.*}$' lost/train.jsonl)"
  rm -r lost
}
code=0; "$program" "${train[@]}" --out lost >/dev/full 2>stderr || code=$?
lost_output 'full disk under stdout'
code=0; "$program" "${train[@]}" --out lost >&- 2>stderr || code=$?
lost_output 'stdout closed'
{ code=0; sleep 0.1; "$program" "${train[@]}" --out lost 2>stderr || code=$?; echo $code >code; } | true
code=$(cat code)
lost_output 'pipe closed'
for arguments in --help --version info 'eval first/model.safetensors --data data'; do
  code=0
  # shellcheck disable=SC2086
  "$program" $arguments >/dev/full 2>stderr || code=$?
  is "$arguments into a full disk: exit 1, one line" '1 1' "$code $(wc -l <stderr)"
done

# A limit on the size of files stands for a disk that becomes full: of the log first, then of the model too.
limited_run() {
  code=0
  (trap '' XFSZ; ulimit -f "$1"; exec "$program" "${train[@]}" --epochs 100 --quiet --out second 2>stderr) || code=$?
}
cp second/model.safetensors model.before
cp second/train.jsonl log.before
limited_run 16
is 'the log cannot be written: exit 1, one line' '1 1' "$code $(wc -l <stderr)"
like 'the log cannot be written: says so' '^lanewise: second/train.jsonl.part: cannot be written: .*--out' stderr
same 'the log cannot be written: the old one stays' log.before second/train.jsonl
same 'the log cannot be written: the model is saved all the same' model.before second/model.safetensors.prev
works 'the log cannot be written: and it is whole' eval second/model.safetensors --data data
cp second/model.safetensors model.before
limited_run 4
is 'the model cannot be written: exit 1, one line' '1 1' "$code $(wc -l <stderr)"
like 'the model cannot be written: says so' '^lanewise: second/model.safetensors: cannot be written: ' stderr
same 'the model cannot be written: the old one stays' model.before second/model.safetensors
