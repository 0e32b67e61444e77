#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which choice matters: choices_table.py OUT/sweep.json

From what `lanewise sweep` wrote, a Markdown table with a row for each choice: the validation accuracy in the mean over all
combinations that have it, and of the best of these, which validation data choose, the test accuracy.
"""

import json
import sys

AXES = {'layers': 'layers', 'act': 'activation', 'init': 'initialisation', 'optimizer': 'optimiser'}


def choice(row, axis):
    return f'{row[axis]}:{row["lr"]:g}' if axis == 'optimizer' else row[axis]


def percent(accuracy):
    return f'{100 * accuracy:.2f}'


def table(rows):
    """Combinations of which every run diverged have no accuracy: they are counted, not averaged."""
    lines = ['| choice | | validation %, mean | best on validation | its test % |', '| --- | --- | --- | --- | --- |']
    for axis, title in AXES.items():
        for value in dict.fromkeys(choice(row, axis) for row in rows):
            having = [row for row in rows if choice(row, axis) == value and row['validation_accuracy']]
            if not having:
                lines.append(f'| {title} | {value} | diverged | | |')
                title = ''
                continue
            mean = sum(row['validation_accuracy']['mean'] for row in having) / len(having)
            best = max(having, key=lambda row: row['validation_accuracy']['mean'])
            rest = ', '.join(choice(best, other) for other in AXES if other != axis)
            lines.append(f'| {title} | {value} | {percent(mean)} | {percent(best["validation_accuracy"]["mean"])}, '
                         f'{rest} | {percent(best["test_accuracy"]["mean"])} |')
            title = ''
    return lines


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding='utf-8') as file:
        print('\n'.join(table(json.load(file))))
