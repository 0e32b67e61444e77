#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every contender for the training step that is built trains the net that lanewise trains: trainers_test.py BUILD.

They check that themselves before they are timed; here they do it on synthetic images. Exits with 77 where none can run.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'bench'))

import contenders  # noqa: E402
import training_rows  # noqa: E402
from training import Trainer  # noqa: E402

TOLERANCE = 1e-4


def main():
    os.environ.pop('LANEWISE_DATA', None)
    folder = Path(sys.argv[1]) / 'bench/peers/training'
    rows = [training_rows.Row(16, 1), training_rows.Row(16, 64), training_rows.INFERENCE]
    checked, bad = 0, 0
    for isa in contenders.usable_isas(folder, Trainer):
        settings = [contenders.lanewise(isa), *contenders.trainers(isa)]
        for contender in contenders.start(settings, folder, [], Trainer):
            for row in rows:
                prepared = contender.prepare(row)
                wrong = prepared and (prepared[2] > TOLERANCE or contender.time(row, 0) <= 0)
                expected = row.task == 'train' or not contender.skips_zeros  # lists are made before: no inference
                if wrong or bool(prepared) != expected:
                    print(f'{contender.name}, {row.name}: {prepared}')
                    bad += 1
                checked += 1
            contender.end()
    print(f'{checked} looked at, {bad} bad')
    return 1 if bad else 0 if checked else 77


if __name__ == '__main__':
    try:
        sys.exit(main())
    except contenders.ContenderFailed as failure:
        print(failure)
        sys.exit(1)
