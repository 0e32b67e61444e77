# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What appears on a terminal: the bar, its width, colours.

# on_terminal COLUMNS COMMAND: the file terminal has what appears, the pieces between carriage returns as lines
on_terminal() { script -qc "stty cols $1; $2" /dev/null </dev/null | tr '\r' '\n' >terminal; }

widest_bar() {
  grep '^epoch ' terminal | sed 's/\x1b\[[0-9;]*[mK]//g; s/█/x/g; s/░/x/g' |
    awk '{ if (length > w) w = length } END { print w }'
}

if script -qc true /dev/null </dev/null >terminal 2>&1; then
  long="'$program' ${train[*]} --epochs 300"
  on_terminal 80 "$long --out bar"
  like 'terminal: the bar has epoch, share, rate and time left' \
    '^epoch [0-9]+/300  .*█.*░.* +[0-9]+ %  +[0-9,]+ samples/s  ETA [0-9:]+' terminal
  is 'terminal: the widest bar leaves the last column free' 79 "$(widest_bar)"
  like 'terminal: colours' $'\033\\[36m' terminal
  is 'terminal: a line an epoch stays' 300 "$(grep -Ec $'^(\033\\[K)? +[0-9]+/300 ' terminal)"
  on_terminal 40 "NO_COLOR=1 $long --out bar"
  is 'terminal of 40 columns: likewise' 39 "$(widest_bar)"
  like 'terminal of 40 columns: the time left is still there' '^epoch .* %  ETA [0-9:]+' terminal
  unlike 'NO_COLOR: no colours' $'\033\\[[0-9;]*m' terminal
  on_terminal 12 "$long --out bar"
  unlike 'terminal of 12 columns: the share alone' '█|ETA' terminal
  on_terminal 80 "TERM=dumb $long --out bar"
  unlike 'TERM=dumb: no bar' $'\033|█|ETA' terminal
  on_terminal 80 "$long --out bar --quiet"
  is 'terminal: --quiet prints nothing' '' "$(cat terminal)"
  on_terminal 80 "'$program' eval none --data data"
  like 'terminal: errors stand out' $'\033\\[1;31mlanewise:\033\\[0m none: ' terminal
else
  echo "# script(1) opens no terminal here: it was not looked at"
fi
