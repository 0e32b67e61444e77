# SPDX-License-Identifier: MIT
"""A contender for the training step: see peers/training/contender.cpp for the protocol."""

from contenders import Contender


class Trainer(Contender):
    """prepare() tells whether it takes part in a row; time() is microseconds a sample."""
    program = 'trainer'

    @property
    def skips_zeros(self):
        return self.setting.program.startswith('zero-skipping')

    def prepare(self, row):
        answer = self.ask(f'prepare {row.hidden} {row.batch} {row.task}').split()
        if answer == ['none']:
            return None
        _, *variant, microseconds, difference = answer
        return ' '.join(variant), float(microseconds), float(difference)

    def time(self, row, first):
        return float(self.ask(f'time {first} {row.samples}'))

    def write(self, folder, row):
        """What a contender that is no C++ needs to prepare the row."""
        self.ask(f'write {folder} {row.hidden} {row.batch}')

    def data(self):
        """Name, number of samples, mean number of pixels that are not zero."""
        name, samples, nonzero = self.ask('data').split()
        return name, int(samples), float(nonzero)
