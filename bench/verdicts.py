# SPDX-License-Identifier: MIT
"""What becomes of a mark on one ISA: it holds, is missed, or could not be measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    isa: str
    text: str
    holds: bool  # None: not measured

    @property
    def line(self):
        word = 'not measured' if self.holds is None else 'holds' if self.holds else 'MISSED'
        return f'{word:12} {self.isa:6} {self.text}'


def summary(verdicts):
    holds, missed, not_measured = (sum(v.holds is which for v in verdicts) for which in (True, False, None))
    return f'{holds} hold, {missed} are missed, {not_measured} were not measured'
