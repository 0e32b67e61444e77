# SPDX-License-Identifier: MIT
"""The nets that `tools/bench train` compares, how many samples a turn has, and the marks that they must reach."""

from dataclasses import dataclass

from verdicts import Verdict

SEED_NET = 16  # hidden units


@dataclass(frozen=True)
class Row:
    """784-H-Hr-10 in steps of `batch` samples; or its classes of 10,000 images."""
    hidden: int
    batch: int
    task: str = 'train'  # or 'classify'

    @property
    def layers(self):
        return f'784-{self.hidden}-{self.hidden}r-10'

    @property
    def name(self):
        return f'{self.layers} inference' if self.task == 'classify' else f'{self.layers} batch {self.batch}'

    @property
    def samples(self):
        """Of a turn: a few milliseconds for most."""
        if self.task == 'classify':
            return 10000
        if self.hidden == 1024:
            return 128 if self.batch > 1 else 16
        return {16: 2048, 32: 1024, 64: 1024, 128: 512}[self.hidden]


INFERENCE = Row(SEED_NET, 64, 'classify')


def all_rows():
    return [*(Row(hidden, batch) for hidden in (SEED_NET, 32, 64, 128, 1024) for batch in (1, 64)), INFERENCE]


def has_port_model(row):
    """Steps of one sample on a net that lanewise fuses."""
    return row.task == 'train' and row.batch == 1 and row.hidden <= 128


@dataclass(frozen=True)
class Mark:
    """The least that rival / lanewise may be in a row, by ISA. rival: 'dense' or 'zero-skipping'."""
    row: Row
    rival: str
    wanted: dict

    @property
    def text(self):
        rival = 'the best dense rival' if self.rival == 'dense' else 'zero-skipping loops, their lists prebuilt'
        return f'{self.row.name}: {rival} / lanewise at least {{}}'


def both(avx512, avx2):
    return {'avx512': avx512, 'avx2': avx2}


MARKS = [
    Mark(Row(SEED_NET, 1), 'dense', both(3.5, 2.3)),
    Mark(Row(SEED_NET, 1), 'zero-skipping', both(1.5, 1.3)),
    Mark(Row(SEED_NET, 64), 'dense', both(1.4, 1.2)),
    *(Mark(Row(hidden, 1), 'dense', both(2.0, 1.6)) for hidden in (32, 64, 128)),
    *(Mark(Row(hidden, 64), 'dense', both(1.6, 1.3)) for hidden in (32, 64, 128)),
    Mark(Row(1024, 64), 'dense', both(1.15, 1.0)),
    Mark(INFERENCE, 'dense', both(1.2, 1.4)),
]


def verdicts(isa, results, why_not=''):
    """results: by row; each with .dense and .zero_skipping, which are None or have .ratio, .interval and .name. why_not: none
    are there, because."""
    return [verdict_of(mark, isa, results.get(mark.row), why_not) for mark in MARKS]


def verdict_of(mark, isa, result, why_not):
    text = mark.text.format(mark.wanted[isa])
    rival = result and (result.dense if mark.rival == 'dense' else result.zero_skipping)
    if not rival:
        return Verdict(isa, f'{text} ({why_not or ("no such rival is built" if result else "the row was left out")})', None)
    low, high = rival.interval
    return Verdict(isa, f'{text}: {rival.ratio:.2f} ({low:.2f} to {high:.2f}, {rival.name})',
                   rival.ratio >= mark.wanted[isa])
