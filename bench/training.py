#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the training step with the best rivals, net by net, all in one run. Called by `tools/bench train`.

For each net all contenders train the same samples in the same order from the same parameters and must come to the same loss
and weights; then they take turns, in an order drawn anew each round. Ratios are taken within a round; the table shows their
median and the 95 % interval of that median. Figures above 1 say how many times as long the rival takes.
"""

import argparse
import fnmatch
import json
import os
import shlex
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import accuracy
import contenders
import kernel_rows
import machine
import port_model
import program_marks
import pytorch_contender
import training_rows
import verdicts
from measured import median_interval, ratios
from quiet_cpu import quiet_cpu
from trainer_contender import Trainer

ROUNDS = 31


@dataclass(frozen=True)
class Rival:
    """The best of a kind, against lanewise."""
    name: str
    ratio: float
    interval: tuple


@dataclass(frozen=True)
class Result:
    row: training_rows.Row
    time: float  # microseconds a sample, median
    difference: float
    dense: Rival  # or None: no such rival takes part
    zero_skipping: Rival
    bound: dict  # of the port model, nanoseconds by unit; empty where there is none
    times: dict  # median of each contender; of one that was too slow to take turns, what it took when it was prepared
    variants: dict  # the one of its ways that each contender chose

    @property
    def share(self):
        """Of the port model's bound: 1 would be reaching it."""
        return max(self.bound.values()) / (1000 * self.time) if self.bound else None

    def as_json(self):
        return asdict(self) | {'row': self.row.name, 'layers': self.row.layers, 'batch': self.row.batch,
                               'task': self.row.task, 'share_of_bound': self.share}


def is_near_best_of_its_kind(rival, ready):
    """Within 4 times of the best that is dense, or that skips zeros, as it is: slower ones change no result and cost time."""
    best = min(ready[c][1] for c in ready if c.is_rival and c.skips_zeros == rival.skips_zeros)
    return ready[rival][1] <= 4 * best


def run_row(row, everyone, rounds, samples, quiet):
    """What each contender chose, and its times by round."""
    ready = {contender: prepared for contender in everyone if (prepared := contender.prepare(row))}
    if row.samples < 100:
        rounds = min(rounds, 21)
    taking_part = [c for c in ready if not c.is_rival or is_near_best_of_its_kind(c, ready)]

    def time(contender, turn):
        first = turn * row.samples % (samples - row.samples + 1) // row.batch * row.batch
        return contender.time(row, first)

    return ready, contenders.take_turns(taking_part, rounds, quiet, time)


def best_of(rivals, ready, times, ours):
    if not rivals:
        return None
    best = min(rivals, key=lambda c: statistics.median(times[c]))
    to_ours = ratios(times[best], times[ours])
    return Rival(f'{best.name}, {ready[best][0]}', statistics.median(to_ours), median_interval(to_ours))


def result_of(row, ready, times, ours, bound):
    rivals = [c for c in times if c.is_rival]
    return Result(row, statistics.median(times[ours]), ready[ours][2],
                  best_of([c for c in rivals if not c.skips_zeros], ready, times, ours),
                  best_of([c for c in rivals if c.skips_zeros], ready, times, ours), bound,
                  {c.name: statistics.median(times[c]) if c in times else ready[c][1] for c in ready},
                  {c.name: ready[c][0] for c in ready})


def rival_text(rival):
    if rival is None:
        return f'{"-":>19}'
    return f'{rival.ratio:5.2f} ({rival.interval[0]:.2f}-{rival.interval[1]:.2f})'


def print_result(result):
    share = f'{100 * result.share:3.0f} %' if result.bound else '    -'
    print(f'{result.row.name:30} {result.time:9.3f} {share:>9}   {rival_text(result.dense):19} '
          f'{rival_text(result.zero_skipping):19} {result.difference:8.0e}  {result.dense.name if result.dense else "no rival"}',
          flush=True)


def port_bound(isa, hidden, nonzero, roofs):
    """Nanoseconds by unit; prints the model. Empty without the loops that measure the machine."""
    def best_rate(kernel, floats):
        row = kernel_rows.Row(kernel, 1, floats)
        times = []
        for roof in roofs:
            roof.prepare(row)
            times.append(statistics.median(roof.time(1000) for _ in range(5)))
        return (row.flops or row.bytes) / min(times)

    if not roofs:
        return {}
    rates = port_model.measure(isa, hidden, nonzero, best_rate)
    counts = port_model.counts(isa, hidden, nonzero)
    bound = port_model.bound(counts, rates)
    print('\n'.join(port_model.explain(isa, hidden, nonzero, counts, rates, bound)), flush=True)
    return bound


def print_contenders(isa, name, everyone, missing, has_pytorch):
    print(f'\n{isa}, one thread, {name} images. Contenders:')
    for contender in everyone:
        print(f'  {contender.name:28} {contender.description}')
    for rival in missing:
        print(f'  {rival:28} missing; ./tools/bench --install-rivals installs the rivals')
    if not has_pytorch:
        print(f'  {"PyTorch":28} missing; {pytorch_contender.HINT}')


def run_rows(isa, arguments, everyone, roofs, scratch):
    """The results, by row. The first of everyone is lanewise."""
    ours = everyone[0]
    _, samples, nonzero = ours.data()
    rows = [row for row in training_rows.all_rows() if fnmatch.fnmatch(row.name, arguments.only)]
    if not rows:
        raise contenders.ContenderFailed(f'no row is named {arguments.only}')
    print('\nPort model:')
    bounds = {row: port_bound(isa, row.hidden, nonzero, roofs) for row in rows if training_rows.has_port_model(row)}
    print(f'\n{"net":30} {"us/sample":>9} {"of bound":>9}   {"best dense / ours":19} {"zero-skipping / ours":19} '
          f'{"differs":>8}  best dense rival')
    results = {}
    quiet = quiet_cpu(arguments.build / 'bench/peers', isa)
    for row in rows:
        ours.write(scratch, row)
        ready, times = run_row(row, everyone, arguments.rounds, samples, quiet)
        results[row] = result_of(row, ready, times, ours, bounds.get(row, {}))
        print_result(results[row])
    quiet.end()
    return results


def compare(isa, arguments, report):
    """The results on one ISA, by row, and who did not take part; appends to report."""
    missing = []
    everyone = contenders.start([contenders.lanewise(isa), *contenders.trainers(isa)], arguments.folder, missing, Trainer)
    roofs = contenders.start(contenders.roofs(isa), arguments.build / 'bench/peers', missing)
    name, _, nonzero = everyone[0].data()
    with tempfile.TemporaryDirectory() as scratch:
        pytorch = pytorch_contender.contenders(isa, scratch) if pytorch_contender.is_there() else []
        everyone += pytorch
        print_contenders(isa, name, everyone, missing, bool(pytorch))
        results = run_rows(isa, arguments, everyone, roofs, scratch)
        for contender in everyone + roofs:
            contender.end()
    reached = []
    if name == 'MNIST' and arguments.program.exists():
        reached = accuracy.reach(arguments.program, os.environ['LANEWISE_DATA'], results)
        print('\nTime to a test accuracy (each contender: samples times its own time of one):')
        print('\n'.join(one.line for one in reached))
    report['isas'][isa] = {'contenders': {c.name: c.description for c in everyone},
                           'missing': missing + ([] if pytorch else ['PyTorch']), 'data': name, 'nonzero_pixels': nonzero,
                           'rows': [r.as_json() for r in results.values()], 'reached': [r.as_json() for r in reached]}
    return results, missing


def program_verdicts(isa, arguments):
    """The marks of `lanewise train`; not measured where there is no MNIST or no program."""
    data = os.environ.get('LANEWISE_DATA', '')
    why_not = ('LANEWISE_DATA names no MNIST' if not data or not program_marks.mnist_files(data) else
               'the program is not built' if not arguments.program.exists() else
               'only some rows were asked for' if arguments.only != '*' else '')
    if why_not:
        return program_marks.verdicts(isa, None, why_not)
    ours = Trainer(contenders.lanewise(isa), arguments.folder)
    row = training_rows.Row(training_rows.SEED_NET, 1)
    ours.prepare(row)
    quiet = quiet_cpu(arguments.build / 'bench/peers', isa)
    figures = program_marks.measure(arguments.program, isa, data, lambda: ours.time(row, 0), lambda: quiet.place([ours]))
    ours.end()
    quiet.end()
    return program_marks.verdicts(isa, figures)


def check(usable, results, missing, arguments):
    """The verdicts of all ISAs, printed at the end; whether all that was measured holds and every rival took part."""
    found = []
    for isa in contenders.RIVALS:
        why_not = '' if isa in results else 'not asked for' if isa in usable else 'this CPU does not run it'
        found += training_rows.verdicts(isa, results.get(isa, {}), why_not)
        found += program_marks.verdicts(isa, None, why_not) if why_not else program_verdicts(isa, arguments)
    print('\nMarks:')
    for verdict in found:
        print('  ' + verdict.line)
    for rival in sorted({name for names in missing.values() for name in names}):
        print(f'  MISSED       {rival} did not take part')
    for isa in contenders.RIVALS:
        print(f'{isa}: {verdicts.summary([v for v in found if v.isa == isa])}')
    return all(v.holds is not False for v in found) and not any(missing.values()), found


def parse_arguments():
    parser = contenders.argument_parser('tools/bench train', __doc__, 'nets by name, as "784-16-* batch 1"', ROUNDS)
    parser.add_argument('build', type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.folder = arguments.build / 'bench/peers/training'
    arguments.program = arguments.build / 'tools/lanewise'
    return arguments


def command_of(arguments):
    """What brings the same figures again; not where they were written to."""
    isas = [word for isa in arguments.isa or [] for word in ('--isa', isa)]
    only = [] if arguments.only == '*' else ['--only', arguments.only]
    return './tools/bench ' + shlex.join(['train', *isas, *only])


def main():
    arguments = parse_arguments()
    report = {'machine': machine.describe(), 'command': command_of(arguments),
              'rounds': arguments.rounds, 'isas': {}}
    results, missing, good = {}, {}, True
    try:
        usable = contenders.usable_isas(arguments.folder, Trainer)
        for isa in arguments.isa or usable:
            results[isa], missing[isa] = compare(isa, arguments, report)
        if arguments.check:
            good, found = check(usable, results, missing, arguments)
            report['marks'] = [asdict(verdict) for verdict in found]
    except contenders.ContenderFailed as failure:
        print(f'bench: {failure}', file=sys.stderr)
        return 1
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(report, indent=1) + '\n')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
