#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the README's table of the training step: readme_table.py JSON README. JSON is what `tools/bench train --json` wrote."""

import json
import sys
from pathlib import Path

BEGIN = '<!-- made by ./tools/bench table: -->'
END = '<!-- end of the table -->'
HEAD = ['net', 'lanewise', 'best dense rival', 'dense / lanewise', 'zero-skipping loops / lanewise']


def ratio(rival):
    if rival is None:
        return '-'
    low, high = rival['interval']
    return f'{rival["ratio"]:.2f} ({low:.2f} to {high:.2f})'


def line(cells):
    return f'| {" | ".join(cells)} |'


def row(figures):
    dense = figures['dense']
    return line([figures['row'], f'{figures["time"]:.3g}', dense['name'].partition(',')[0] if dense else '-', ratio(dense),
                 ratio(figures['zero_skipping'])])


def reached(one):
    recipe, seconds = one['recipe'], one['seconds']
    rival = seconds.get('best dense rival')
    return (f'{recipe["target"]:g} % after {seconds["lanewise"]:.2f} s{f" ({rival:.2f} s)" if rival else ""} '
            f'of {one["layers"]}')


def table(report):
    """Lines."""
    lines = [f'`{report["command"]}`, {report["machine"]}, {report["rounds"]} rounds, µs of CPU time a sample:']
    for isa, figures in report['isas'].items():
        lines += ['', line([isa] + HEAD[1:]), line(['---'] * len(HEAD)), *map(row, figures['rows'])]
        notes = [f'Not there: {", ".join(figures["missing"])}.'] if figures['missing'] else []
        if figures['reached']:
            notes.append(f'Test images are right, in brackets with the best dense rival: '
                         f'{"; ".join(map(reached, figures["reached"]))}.')
        lines += ['', *notes] if notes else []
    return lines


def with_table(readme, lines):
    """The README's text with these lines between the two marks."""
    before, found_begin, rest = readme.partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found_begin or not found_end:
        raise ValueError(f'no "{BEGIN}" with "{END}" after it')
    return '\n'.join([before + BEGIN, *lines, END + after])


def main():
    if len(sys.argv) != 3:
        print('usage: tools/bench table JSON', file=sys.stderr)
        return 2
    source, readme = map(Path, sys.argv[1:])
    try:
        readme.write_text(with_table(readme.read_text(), table(json.loads(source.read_text()))))
    except (OSError, ValueError, KeyError) as error:
        print(f'bench: {source}, {readme}: {error}; `tools/bench train --json {source}` writes the figures', file=sys.stderr)
        return 1
    print(f'written: {readme}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
