# SPDX-License-Identifier: MIT
"""Who takes part in a comparison, at which setting, and how they are asked: see peers/contender.cpp for the protocol."""

import argparse
import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

CHUNK = 1000  # microseconds of calls in a turn
ONE_THREAD = {f'{library}_NUM_THREADS': '1' for library in ('OMP', 'OPENBLAS', 'BLIS', 'MKL')}
# From glibc's heap, in huge pages: small ones lie as luck has it, and who was lucky was half as fast again out of L2. With a
# threshold below them, arrays that are smaller than a huge page would be mapped one by one.
HUGE_PAGES = {'GLIBC_TUNABLES': f'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold={32 << 20}'}


def argument_parser(program, doc, only, rounds):
    """Of a comparison, which adds what it is called with by its script."""
    parser = argparse.ArgumentParser(prog=program, description=doc.splitlines()[0])
    parser.add_argument('--isa', action='append', choices=list(RIVALS), help='default: all that this CPU has')
    parser.add_argument('--only', default='*', metavar='PATTERN', help=only)
    parser.add_argument('--rounds', type=int, default=rounds)
    parser.add_argument('--json', type=Path, metavar='FILE', help='write all figures there')
    parser.add_argument('--check', action='store_true', help='print the marks; exit 1 if one is missed')
    return parser


@dataclass(frozen=True)
class Setting:
    """One program with the environment that holds it to an ISA, and what its description must then contain."""
    name: str
    program: str
    environment: dict = field(default_factory=dict)
    held_to: str = ''
    arguments: tuple = ()


def compiled(name, isa, label=None, arguments=()):
    return [Setting(f'{label or name} ({compiler})', f'{name}-{compiler}-{isa}', arguments=arguments)
            for compiler in ('gcc', 'clang')]


def blis(name, number):
    """BLIS 0.9 knows its kernels by number only."""
    return Setting(f'BLIS {name}', 'blis', {'BLIS_ARCH_TYPE': str(number)}, name)


# Each at its best on that ISA. What is not the best anywhere costs only time.
RIVALS = {
    'avx2': [
        Setting('OpenBLAS Haswell', 'openblas', {'OPENBLAS_CORETYPE': 'Haswell'}, 'Haswell'),
        Setting('OpenBLAS Zen', 'openblas', {'OPENBLAS_CORETYPE': 'ZEN'}, 'Zen'),
        blis('haswell', 3),
        blis('zen3', 6),
        Setting('oneDNN', 'onednn', {'ONEDNN_MAX_CPU_ISA': 'AVX2'}, 'avx2'),
        Setting('libxsmm', 'libxsmm', {'LIBXSMM_TARGET': 'hsw'}, 'hsw'),
        *compiled('eigen', 'avx2', 'Eigen'),
        *compiled('loops', 'avx2'),
    ],
    'avx512': [
        Setting('OpenBLAS SkylakeX', 'openblas', {'OPENBLAS_CORETYPE': 'SKYLAKEX'}, 'SkylakeX'),
        blis('skx', 0),
        Setting('oneDNN', 'onednn', {'ONEDNN_MAX_CPU_ISA': 'AVX512_CORE'}, 'avx512'),
        Setting('libxsmm', 'libxsmm', {'LIBXSMM_TARGET': 'clx'}, 'clx'),
        *compiled('eigen', 'avx512', 'Eigen'),
        *compiled('loops', 'avx512'),
    ],
}


def trainers(isa):
    """The rivals of the training step: each program is compiled for one ISA, as what lies between the products is."""
    suffix = f'-{isa}'
    return [replace(setting, program=setting.program.removesuffix(suffix) + suffix) for setting in RIVALS[isa]
            ] + compiled('zero-skipping-loops', isa)


def lanewise(isa, name='lanewise'):
    return Setting(name, 'lanewise', {'LANEWISE_ISA': isa}, isa)


def roofs(isa):
    return compiled('roofs', isa, 'roof', ('unchecked',))


def cache_sizes():
    """Bytes of L1d, L2, L3, as far as there are such."""
    found = {}
    for folder in sorted(Path('/sys/devices/system/cpu/cpu0/cache').glob('index*')):
        text = {name: (folder / name).read_text().strip() for name in ('level', 'type', 'size')}
        if text['type'] != 'Instruction':
            found[f'L{text["level"]}'] = int(text['size'].rstrip('K')) * 1024
    return found


class ContenderFailed(Exception):
    pass


class Contender:
    """A running program. prepare() tells whether it has the kernel; time() is nanoseconds a call."""
    program = 'contender'  # of its file's name

    def __init__(self, setting, folder):
        self.setting = setting
        self.name = setting.name
        self.is_rival = setting.program != 'lanewise' and not setting.program.startswith('roofs')
        self.process = subprocess.Popen([*self.command(setting, folder), *setting.arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env={**os.environ, **ONE_THREAD, **HUGE_PAGES, **setting.environment})
        self.run_on(max(os.sched_getaffinity(0)))  # all on one, or who was on the faster CPU would lead
        self.description = self.ask('describe')
        if setting.held_to not in self.description:
            raise ContenderFailed(f'{self.name}: should be held to {setting.held_to}, but says "{self.description}"')

    def run_on(self, cpu):
        os.sched_setaffinity(self.process.pid, {cpu})

    @classmethod
    def file(cls, setting, folder):
        return Path(folder) / f'{cls.program}-{setting.program}'

    @classmethod
    def command(cls, setting, folder):
        return [cls.file(setting, folder)]

    def ask(self, command):
        try:
            self.process.stdin.write(command + '\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the empty answer tells
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise ContenderFailed(f'{self.name}: ended at "{command}", status {self.process.wait()}')
        return answer

    def prepare(self, row):
        """None, or (variant, nanoseconds, error)."""
        answer = self.ask(f'prepare {row.kernel} {row.m} {row.n} {row.k}').split()
        if answer == ['none']:
            return None
        _, *variant, nanoseconds, error = answer
        return ' '.join(variant), float(nanoseconds), float(error)

    def time(self, microseconds):
        return float(self.ask(f'time {microseconds}'))

    def forget(self):
        """Frees the operands: large ones of many contenders would fill the memory."""
        self.ask('prepare relu 1 16 1')

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def take_turns(contenders, rounds, quiet, time=lambda contender, turn: contender.time(CHUNK)):
    """What time(contender, turn) gives for each, by round, in an order drawn anew each round. quiet: a QuietCpu."""
    times = {contender: [] for contender in contenders}
    order = list(contenders)
    quiet.gather(order)
    quiet.settle(order)
    for turn in range(rounds):
        random.shuffle(order)
        for contender in order:
            times[contender].append(quiet.turn(order, lambda: time(contender, turn)))
    return times


def usable_isas(folder, kind=Contender):
    """Of those that there are rivals for."""
    ours = kind(Setting('lanewise', 'lanewise'), folder)
    ours.end()
    return [isa for isa in RIVALS if isa in ours.description.partition('usable:')[2].split()]


def compare_isas(arguments, folder, compare):
    """compare(isa, report) for each ISA, which appends to the report and tells whether all marks hold. The exit status."""
    report, good = {}, True
    try:
        for isa in arguments.isa or usable_isas(folder):
            good &= compare(isa, report)
    except ContenderFailed as failure:
        print(f'bench: {failure}', file=sys.stderr)
        return 1
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + '\n')
    return 0 if good or not arguments.check else 1


def start(settings, folder, missing, kind=Contender):
    """Those that are built; the names of the others go to `missing`."""
    started = []
    for setting in settings:
        if kind.file(setting, folder).exists():
            started.append(kind(setting, folder))
        else:
            missing.append(setting.name)
    return started
