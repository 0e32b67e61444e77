#!/bin/bash
# SPDX-License-Identifier: MIT
# tools/fetch-mnist against mirrors on this machine that serve small files well and badly, and where tools/quickstart
# finds its data. Both run in a copy of tools/ with checksums of its own; nothing is installed, built or trained there.
# Exits 77, meson's SKIP, without curl or python3.
set -euo pipefail
export LC_ALL=C no_proxy='*' NO_PROXY='*'

for tool in curl python3; do
  command -v $tool >/dev/null || { echo "skipped: no $tool, which the mirrors of this test need"; exit 77; }
done

here=$(realpath "$(dirname "$0")")
tools=$here/../../tools
mnist=${LANEWISE_DATA:-}
work=$(mktemp -d)
server=
end() {
  [ -z "$server" ] || kill "$server" || true
  rm -rf "$work"
}
trap end EXIT
cd "$work"
unset LANEWISE_DATA LANEWISE_MIRRORS
export HOME=$work/home

# shellcheck source=cli/checks.sh
. "$here/cli/checks.sh"
# shellcheck source=cli/data.sh
. "$here/cli/data.sh"
# The checks of the program `lanewise` run $program; here it is a script of the copied tree.
copied=$work/tree/tools

mkdir -p files tree/tools tree/build/tools home
cp "$tools/fetch-mnist" "$tools/quickstart" "$tools/common.sh" "$copied"
cat >>"$copied/common.sh" <<'END'
need_packages() { [ "$1" != curl ] || fail 'packages are missing; run: sudo apt-get install -y curl'; }
build_lanewise() { :; }
END
printf '#!/bin/bash\necho "$@"\n' >tree/build/tools/lanewise
chmod +x tree/build/tools/lanewise
for part in train t10k; do
  make_images 20 8 8 | gzip >files/$part-images-idx3-ubyte.gz
  make_labels 20 10 | gzip >files/$part-labels-idx1-ubyte.gz
done
names=$(cd files && echo *)
for name in $names; do echo "$(zcat "files/$name" | sha256sum | cut -d ' ' -f 1)  ${name%.gz}"; done >"$copied/mnist.sha256"

: >requests
"$here/mirror.py" files requests >port &
server=$!
for _ in $(seq 100); do [ ! -s port ] || break; sleep 0.1; done
at=http://127.0.0.1:$(cat port)

# fetch KIND...: from mirrors of these kinds, into an empty data/mnist; fetch_again: into what is there
fetch_again() {
  local mirrors=("${@/#/$at/}")
  program=$copied/fetch-mnist
  : >requests
  LANEWISE_MIRRORS="${mirrors[*]}" run
}
fetch() {
  rm -rf tree/data
  fetch_again "$@"
}
fetched() { (cd tree && find data -type f -printf '%f\n' 2>/dev/null | sort | in_one_line); }
all_right() { is "$1: all four files, and no others" "$names" "$(fetched)" && is "$1: whole" '' "$(diff -r files tree/data/mnist)"; }

. "$here/fetch/mirrors.sh"
. "$here/fetch/places.sh"
. "$here/fetch/checksums.sh"

finish_report
