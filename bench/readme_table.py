#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the README's table of the training step: readme_table.py JSON README. JSON is what `tools/bench train --json` wrote."""

import json
import sys
from pathlib import Path

BEGIN = '<!-- made by ./tools/bench table: -->'
END = '<!-- end of the table -->'
BATCHES = (1, 64)
FIGURES = ('lanewise', 'best dense rival / lanewise', 'zero-skipping loops / lanewise')


def ratio(rival):
    if rival is None:
        return '-'
    low, high = rival['interval']
    return f'{rival["ratio"]:.2f} ({low:.2f} to {high:.2f})'


def with_name(rival):
    return f'{ratio(rival)}, {rival["name"].partition(",")[0]}' if rival else '-'


def line(cells):
    return f'| {" | ".join(cells)} |'


def cells(figures):
    """Of one batch; a row that was left out has none."""
    if figures is None:
        return ['-'] * len(FIGURES)
    return [f'{figures["time"]:.3g}', with_name(figures['dense']), ratio(figures['zero_skipping'])]


def net_lines(isas):
    """A line a net and ISA, batches beside each other."""
    trained = {(row['layers'], isa, row['batch']): row
               for isa, figures in isas.items() for row in figures['rows'] if row['task'] == 'train'}
    nets = dict.fromkeys(layers for layers, _, _ in trained)
    return [line([layers, isa, *(cell for batch in BATCHES for cell in cells(trained.get((layers, isa, batch))))])
            for layers in nets for isa in isas]


def inference(rows):
    return [f'Inference of {row["layers"]}, bytes to classes: {row["time"]:.3g} µs, best dense rival / lanewise {with_name(row["dense"])}.'
            for row in rows if row['task'] == 'classify']


def reached(one):
    recipe, seconds = one['recipe'], one['seconds']
    rival = seconds.get('best dense rival')
    return (f'{recipe["target"]:g} % after {seconds["lanewise"]:.2f} s{f" ({rival:.2f} s)" if rival else ""} '
            f'of {one["layers"]}')


def notes(isa, figures):
    """What is told in sentences."""
    told = inference(figures['rows'])
    if figures['missing']:
        told.append(f'Not there: {", ".join(figures["missing"])}.')
    if figures['reached']:
        told.append(f'Test images are right, in brackets with the best dense rival: '
                    f'{"; ".join(map(reached, figures["reached"]))}.')
    return [f'- {isa}: {" ".join(told)}'] if told else []


def table(report):
    """Lines."""
    heads = [f'{figure}, batch {batch}' if figure == 'lanewise' else figure for batch in BATCHES for figure in FIGURES]
    return [f'`{report["command"]}`, {report["machine"]}, {report["rounds"]} rounds, µs of CPU time a sample:', '',
            line(['net', 'ISA', *heads]), line(['---'] * (2 + len(heads))), *net_lines(report['isas']), '',
            *(text for isa, figures in report['isas'].items() for text in notes(isa, figures))]


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
