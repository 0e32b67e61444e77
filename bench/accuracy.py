# SPDX-License-Identifier: MIT
"""How long each contender takes to a test accuracy on MNIST. All train the same mathematics on the same samples, so a run of
lanewise tells the accuracy and how many samples it takes; a contender's time is that many times its own of a sample."""

import json
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from training_rows import Row

SAMPLES = 60_000


@dataclass(frozen=True)
class Recipe:
    """Plain SGD, batch 1, learning rate falling linearly to 0, seed 1: the quickest found that reaches `target` %."""
    target: float
    hidden: int
    lr: float
    epochs: int

    @property
    def row(self):
        return Row(self.hidden, 1)


RECIPES = [Recipe(95, 16, 0.01, 2), Recipe(96, 32, 0.01, 2), Recipe(97.5, 64, 0.02, 3), Recipe(98, 128, 0.015, 4)]


@dataclass(frozen=True)
class Reached:
    recipe: Recipe
    accuracy: float  # %
    seconds: dict    # by contender: 'lanewise', 'dense', 'zero-skipping'

    def as_json(self):
        return asdict(self) | {'layers': self.recipe.row.layers}

    @property
    def line(self):
        times = ', '.join(f'{name} {seconds:.2f} s' for name, seconds in self.seconds.items())
        recipe = self.recipe
        verb = 'reach' if self.accuracy >= recipe.target else 'reach ONLY'
        return (f'  {recipe.target:g} %: {recipe.row.layers}, {recipe.epochs} epochs at {recipe.lr:g} {verb} '
                f'{self.accuracy:.2f} %: {times}')


def accuracy_of(program, recipe, data):
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([program, 'train', '--data', data, '--layers', recipe.row.layers, '--lr', str(recipe.lr),
                        '--epochs', str(recipe.epochs), '--out', out], check=True, capture_output=True)
        last = (Path(out) / 'train.jsonl').read_text().splitlines()[-1]
        return 100 * json.loads(last)['test_accuracy']


def reach(program, data, results):
    """results: by row. Those recipes whose row was measured."""
    found = []
    for recipe in RECIPES:
        result = results.get(recipe.row)
        if not result:
            continue
        seconds = {'lanewise': result.time * SAMPLES * recipe.epochs / 1e6}
        for name, rival in (('best dense rival', result.dense), ('zero-skipping loops', result.zero_skipping)):
            if rival:
                seconds[name] = seconds['lanewise'] * rival.ratio
        found.append(Reached(recipe, accuracy_of(program, recipe, data), seconds))
    return found
