#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the kernels as two compilers make them, shape by shape. Called by `tools/bench kernels --compilers`.

The rows and the way of taking turns are those of kernels.py, without rivals. What is a compiler's fault shows here: a kernel
that leans on one of them.
"""

import argparse
import fnmatch
import json
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

import contenders
import kernel_rows
from measured import median_interval, ratios
from quiet_cpu import quiet_cpu

ROUNDS = 21
LEAST = 0.85  # of the faster one's speed


@dataclass(frozen=True)
class Result:
    row: kernel_rows.Row
    times: dict  # nanoseconds a call by compiler, medians
    ratio: float  # time of the second / time of the first
    interval: tuple

    @property
    def least(self):
        """The slower one's share of the faster one's speed."""
        return min(self.ratio, 1 / self.ratio)

    def as_json(self):
        return {'row': self.row.name, 'times': self.times, 'ratio': self.ratio, 'interval': self.interval}


def compiler_of(build):
    """As meson names it: "gcc 12.2.0"."""
    compiler = json.loads((build / 'meson-info' / 'intro-compilers.json').read_text())['host']['cpp']
    return f'{compiler["id"]} {compiler["version"]}'


def measure(row, first, second, rounds, quiet):
    for contender in (first, second):
        contender.prepare(row)
    times = contenders.take_turns((first, second), rounds, quiet)
    to_first = ratios(times[second], times[first])
    for contender in (first, second):
        contender.forget()
    return Result(row, {c.name: statistics.median(times[c]) for c in (first, second)}, statistics.median(to_first),
                  median_interval(to_first))


def compare(isa, arguments):
    builds = arguments.builds
    both = [contenders.Contender(contenders.lanewise(isa, compiler_of(build)), build / 'bench' / 'peers') for build in builds]
    first, second = both
    print(f'\n{isa}, one thread\n{"kernel and shape":34} {first.name:>14} {second.name:>14}    {second.name} / {first.name}')
    results = []
    quiet = quiet_cpu(builds[0] / 'bench' / 'peers', isa)
    for row in kernel_rows.all_rows():
        if not fnmatch.fnmatch(row.name, arguments.only):
            continue
        result = measure(row, first, second, arguments.rounds, quiet)
        results.append(result)
        one, other = (result.times[c.name] / 1e3 for c in both)
        low, high = result.interval
        print(f'{row.name:34} {one:11.3f} us {other:11.3f} us    {result.ratio:5.2f} ({low:.2f} to {high:.2f})', flush=True)
    for contender in both:
        contender.end()
    quiet.end()
    if not results:
        raise contenders.ContenderFailed(f'no row is named {arguments.only}')
    return results


def check(results):
    """Prints the mark; whether it holds."""
    worst = min(results, key=lambda r: r.least)
    below = sum(r.least < LEAST for r in results)
    print(f'  {"MISSED" if below else "holds "} the slower compiler has {LEAST:.0%} of the speed of the faster one: {below} of '
          f'{len(results)} rows below, least {worst.row.name} {worst.least:.2f}')
    return not below


def main():
    parser = contenders.argument_parser('tools/bench kernels --compilers', __doc__, 'rows by name, as "gemv *"', ROUNDS)
    parser.add_argument('builds', type=Path, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()

    def compare_and_check(isa, report):
        results = compare(isa, arguments)
        report[isa] = [result.as_json() for result in results]
        return check(results)

    return contenders.compare_isas(arguments, arguments.builds[0] / 'bench' / 'peers', compare_and_check)


if __name__ == '__main__':
    sys.exit(main())
