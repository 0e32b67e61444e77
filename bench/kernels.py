#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the kernels with the best rivals, shape by shape, all in one run. Called by `tools/bench kernels`.

For each shape all contenders compute the same operands, checked against double references; then they take turns, in an order
drawn anew each round, a chunk of calls each. Ratios are taken within a round; the table shows their median and the 95 %
interval of that median. Figures above 1 say how many times as long the best rival takes.
"""

import argparse
import fnmatch
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

import contenders
import kernel_rows
from measured import median_interval, ratios
from quiet_cpu import quiet_cpu

ROUNDS = 21


@dataclass
class Result:
    row: kernel_rows.Row
    time: float  # nanoseconds a call, median
    error: float
    rival: str
    ratio: float
    interval: tuple
    roof: str
    roof_share: float
    eigen_ratio: float
    times: dict  # median of each contender

    def as_json(self):
        return {**vars(self), 'row': self.row.name, 'kernel': self.row.kernel, 'flops': self.row.flops,
                'bytes': self.row.bytes}


def run_row(row, everyone, rounds, quiet):
    """Times of each contender that has the kernel, by round."""
    ready = {}
    for contender in everyone:
        if prepared := contender.prepare(row):
            ready[contender] = prepared
    rivals = [contender for contender in ready if contender.is_rival]
    slowest_useful = 10 * min((ready[contender][1] for contender in rivals), default=0)
    taking_part = [contender for contender in ready if not contender.is_rival or ready[contender][1] <= slowest_useful]
    if min(ready[c][1] for c in taking_part) > 2e7:
        rounds = min(rounds, 7)
    times = contenders.take_turns(taking_part, rounds, quiet)
    for contender in everyone:
        contender.forget()
    return ready, times


def result_of(row, ready, times, ours):
    medians = {contender: statistics.median(values) for contender, values in times.items()}
    rivals = [c for c in times if c.is_rival]
    roofs = [c for c in times if c.name.startswith('roof')]
    if not rivals or not roofs:
        raise contenders.ContenderFailed(f'{row.name}: no rival or no roof took part')
    best = min(rivals, key=medians.get)
    roof = min(roofs, key=medians.get)
    to_best = ratios(times[best], times[ours])
    eigen = [statistics.median(ratios(times[c], times[ours])) for c in rivals if c.name.startswith('Eigen')]
    return Result(row, medians[ours], ready[ours][2], f'{best.name} {ready[best][0]}', statistics.median(to_best),
                  median_interval(to_best), ready[roof][0], statistics.median(ratios(times[roof], times[ours])),
                  min(eigen, default=float('inf')), {c.name: medians[c] for c in times})


def rate(row, nanoseconds):
    if row.flops:
        return f'{row.flops / nanoseconds:7.1f} GFLOP/s'
    return f'{row.bytes / nanoseconds:7.1f} GB/s   '


def print_result(result):
    low, high = result.interval
    print(f'{result.row.name:34} {result.time / 1e3:12.3f} us {rate(result.row, result.time)}  '
          f'{100 * result.roof_share:4.0f} % of {result.roof:13} {result.error:7.3f}  '
          f'{result.ratio:5.2f} ({low:.2f} to {high:.2f})  {result.rival}', flush=True)


def summary(results):
    led = sum(r.ratio > 1.05 for r in results)
    behind = sum(r.ratio < 0.95 for r in results)
    worst = min(results, key=lambda r: r.ratio)
    return (f'led {led}, tied {len(results) - led - behind} (within 5 %), behind {behind}, '
            f'worst {worst.row.name} {worst.ratio:.2f}')


def measure_roofs(roofs, rounds):
    """GFLOP/s of fma, and GB/s of reading, writing and updating half a cache of each level, and much more than all."""
    caches = contenders.cache_sizes()
    sizes = {level: size // 2 for level, size in caches.items()} | {'DRAM': max(8 * max(caches.values(), default=0), 1 << 28)}
    sizes['DRAM'] = min(sizes['DRAM'], 1 << 29)

    def best_rate(row, amount):
        times = []
        for roof in roofs:
            roof.prepare(row)
            times.append(statistics.median(roof.time(contenders.CHUNK) for _ in range(rounds)))
            roof.forget()
        return amount / min(times)

    fma = kernel_rows.Row('fma', 1, 1 << 20)
    measured = {'fma': best_rate(fma, fma.flops)}
    for level, size in sizes.items():
        rows = [kernel_rows.Row(kernel, 1, size // 4) for kernel in kernel_rows.ROOFS]
        measured[level] = {'bytes': size, **{row.kernel: best_rate(row, row.bytes) for row in rows}}
    return measured


def print_roofs(roofs):
    print(f'\nroofs: fma {roofs["fma"]:.1f} GFLOP/s; GB/s of reading, writing, updating (read and written):')
    for level, rates in roofs.items():
        if level != 'fma':
            print(f'  {level:5} {rates["read"]:7.1f} {rates["write"]:7.1f} {rates["update"]:7.1f}')


def compare(isa, arguments, report):
    """The results on one ISA; appends to report."""
    missing = []
    ours = contenders.start([contenders.lanewise(isa)], arguments.folder, missing)
    everyone = (ours + contenders.start(contenders.RIVALS[isa], arguments.folder, missing) +
                contenders.start(contenders.roofs(isa), arguments.folder, missing))
    print(f'\n{isa}, one thread. Contenders:')
    for contender in everyone:
        print(f'  {contender.name:20} {contender.description}')
    for name in missing:
        print(f'  {name:20} missing; ./tools/bench --install-rivals installs the rivals')
    roofs = measure_roofs([c for c in everyone if c.name.startswith('roof')], min(arguments.rounds, 7))
    print_roofs(roofs)
    print(f'\n{"kernel and shape":34} {"a call":>15} {"":15}  {"share of the roof":22} {"error":>7}  '
          'best rival / lanewise')
    results = []
    quiet = quiet_cpu(arguments.folder, isa)
    for row in kernel_rows.all_rows():
        if fnmatch.fnmatch(row.name, arguments.only):
            ready, times = run_row(row, everyone, arguments.rounds, quiet)
            results.append(result_of(row, ready, times, ours[0]))
            print_result(results[-1])
    for contender in everyone:
        contender.end()
    quiet.end()
    if not results:
        raise contenders.ContenderFailed(f'no row is named {arguments.only}')
    print(f'{isa}: {summary(results)}')
    report[isa] = {'contenders': {c.name: c.description for c in everyone}, 'missing': missing, 'roofs': roofs,
                   'rows': [result.as_json() for result in results]}
    return results, missing


def check(results, isa, missing):
    """Prints the marks; whether all hold. A missing rival is none that was beaten."""
    marks = kernel_rows.marks(results, isa)
    for mark in marks:
        print(f'  {"holds " if mark.holds else "MISSED"} {mark.text}: {mark.value:.3f} (mark {mark.wanted:.3f})')
    for name in missing:
        print(f'  MISSED {name} did not take part')
    return all(mark.holds for mark in marks) and not missing


def main():
    parser = contenders.argument_parser('tools/bench kernels', __doc__, 'rows by name, as "gemv *"', ROUNDS)
    parser.add_argument('--compilers', action='store_true',  # for which tools/bench starts compilers.py
                        help='compare what gcc and clang make of the kernels, without rivals')
    parser.add_argument('folder', type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()

    def compare_and_check(isa, report):
        results, missing = compare(isa, arguments, report)
        return not arguments.check or check(results, isa, missing)

    return contenders.compare_isas(arguments, arguments.folder, compare_and_check)


if __name__ == '__main__':
    sys.exit(main())
