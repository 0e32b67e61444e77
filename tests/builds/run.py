#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the tests and counts what ran: run.py [--all | --nightly] [--only PATTERN] BUILD

BUILD is the build of tools/test, already made. --all makes and tests each of BUILDS as well, in BUILD/builds/. A suite
that should have run and did not is a failure: an ISA that the CPU has, and with --all any test that was skipped.
--nightly is --all and what takes too long for it, on BUILD. --only leaves builds out, by name.
"""

import argparse
import fnmatch
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from builds import BUILDS, NATIVE, X86, is_nightly

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
MESON = os.environ.get('MESON', 'meson')  # the one that configured BUILD: others might refuse to work on it


class Failure(Exception):
    pass


def say(text):
    print(text, flush=True)


def run(command, log, env=None):
    """Appends what the command prints to log; the last of it is told where the command fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, 'a') as file:
        status = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, env=env, cwd=PROJECT).returncode
    if status != 0:
        lines = log.read_text(errors='replace').splitlines()
        wrong = [line for line in lines if re.search(r'error|FAILED', line)] or lines[-15:]
        raise Failure('\n'.join(wrong[:8] + [f'the whole log: {log}']))


def configure_and_build(build, folder, sysroot, usable):
    """Warnings are errors; a build that is there is brought up to date."""
    log = folder / 'build.log'
    log.unlink(missing_ok=True)
    if not (folder / 'build.ninja').exists():
        options = list(build.options)
        env = dict(os.environ)
        if 'neon64' in build.isas:
            options.append(f'--cross-file={sysroot}/{build.name.removesuffix("-neon")}.ini')
        else:
            env['CXX'] = build.compiler
        if build.only_usable:
            options.append('-Disas=' + ','.join(usable))
        run([MESON, 'setup', folder, PROJECT, '-Dwerror=true', *options], log, env)
    run(['ninja', '-C', folder, *build.programs], log)


@dataclass
class Outcome:
    """What ran: tests and doctest cases by suite, and what is wrong."""
    tests: Counter
    cases: Counter
    skipped: list
    failed: list


def suite_and_name(full_name):
    """Versions of meson join them differently: 'lanewise:kernels@avx2 / digest', 'kernels@avx2 - lanewise:digest'."""
    if ' - ' in full_name:
        suite, _, name = full_name.partition(' - ')
        return suite, name.partition(':')[2]
    suite, _, name = full_name.partition(' / ')
    return suite.rpartition(':')[2], name


def test(build, folder):
    listed = subprocess.run([MESON, 'test', '-C', folder, '--list', '--no-rebuild'],
                            capture_output=True, text=True, check=True)
    names = sorted({suite_and_name(line)[1] for line in listed.stdout.splitlines() if ':' in line})
    wanted = []
    for pattern in build.tests or ('*',):
        matching = fnmatch.filter(names, pattern)
        if not matching:
            raise Failure(f'{folder} has no test "{pattern}"')
        wanted += [name for name in matching if name not in build.left_out]
    results = folder / 'meson-logs' / 'testlog.json'
    results.unlink(missing_ok=True)
    subprocess.run([MESON, 'test', '-C', folder, '--no-rebuild', '--print-errorlogs',
                    f'--timeout-multiplier={build.timeouts}', f'--num-processes={os.cpu_count()}', *wanted],
                   stdout=None if build is NATIVE else subprocess.DEVNULL, check=False,
                   env={**os.environ, **({'LANEWISE_TEST_THINNED': 'grids'} if build.thinned else {})})
    outcome = Outcome(Counter(), Counter(), [], [])
    for line in results.read_text().splitlines() if results.exists() else []:
        record = json.loads(line)
        suite, name = suite_and_name(record['name'])
        if record['result'] == 'OK':
            outcome.tests[suite] += 1
            cases = re.search(r'\[doctest\] test cases: +(\d+)', record.get('stdout', ''))
            outcome.cases[suite] += int(cases[1]) if cases else 0
        elif record['result'] == 'SKIP':
            outcome.skipped.append((suite, name))
        else:
            outcome.failed.append(f'{suite} / {name}: {record["result"]}; see {folder}/meson-logs/testlog.txt')
            print(*(record.get('stdout', '') + record.get('stderr', '')).splitlines()[-40:], sep='\n')
    return outcome


def must_have_run(build, outcome, usable):
    """Every ISA of the build that the CPU has, or the emulator. What ran without a single case did not run."""
    return [f'{suite}@{isa} did not run, or failed'
            for isa in build.isas if isa in usable or isa == 'neon64'
            for suite in ('kernels', 'model')
            if not (outcome.tests if build.tests else outcome.cases)[f'{suite}@{isa}']]


def wrongly_skipped(outcome, usable):
    """Only tests on an ISA that the CPU lacks may be skipped: the emulator runs what is on it."""
    return [f'{suite} / {name} was skipped' for suite, name in outcome.skipped
            if suite.partition('@')[2] not in set(X86) - set(usable)]


def describe(outcome):
    texts = []
    for suite in sorted(outcome.tests):
        cases = f' ({outcome.cases[suite]} cases)' if outcome.cases[suite] else ''
        texts.append(f'{suite} {outcome.tests[suite]}{cases}')
    return ', '.join(texts)


class EmulatedAvx512:
    """What the CPU here cannot run, in an emulator, from the finished programs of one build."""

    def __init__(self, build, folder):
        self.log = folder / 'avx512.log'
        commands = ' && '.join(build.emulated_avx512)
        programs = [folder / 'tests' / name for name in ('golden-run', 'bits-digest', 'model', 'kernels')
                    if f'./{name}' in commands]
        command = [str(HERE.parent / 'emulated' / 'avx512'), '--timeout', '3000']
        for file in (*programs, HERE.parent / 'model/golden.sha256', HERE.parent / 'kernels/bits_digest.txt'):
            command += ['--put', str(file)]
        with open(self.log, 'w') as log:
            self.process = subprocess.Popen([*command, '--', commands], stdout=log, stderr=subprocess.STDOUT)

    def result(self):
        status = self.process.wait()
        text = self.log.read_text(errors='replace')
        outcome = Outcome(Counter(), Counter(), [], [])
        if status != 0:
            print(*text.splitlines()[-40:], sep='\n')
            outcome.failed.append(f'exit status {status}; see {self.log}')
            return outcome
        cases = 0  # that doctest told of since the last suite
        for line in text.splitlines():
            if match := re.match(r'\[doctest\] test cases: +(\d+)', line):
                cases = int(match[1])
            elif match := re.match(r'ran (\S+)', line):
                outcome.tests[match[1]] += 1
                outcome.cases[match[1]] += cases
                cases = 0
        return outcome


# What the sweep's tests count: of each, two functions over all floats at least.
SWEPT = ('exp and log results', 'activations within', 'derivatives of activations within')
LEAST_SWEPT = 2 * 2**32


def nightly(folder, usable):
    """exp, log, tanh and sigmoid over all 2^32 floats on each ISA, side by side, and the other activations over many."""
    names = ','.join(('math: exp is within 1 ULP over all floats', 'math: log is within 1 ULP over all floats',
                      'activation: forward within its bound over many floats',
                      'activation: backward within its bound over many floats'))
    runs = [(isa, subprocess.Popen([folder / 'tests' / 'kernels', f'--test-case={names}'], text=True,
                                   env={**os.environ, 'LANEWISE_ISA': isa, 'LANEWISE_NIGHTLY': '1'},
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)) for isa in usable]
    outcome = Outcome(Counter(), Counter(), [], [])
    for isa, process in runs:
        text, _ = process.communicate()
        counts = [re.search(rf'([\d,]+) {what}', text) for what in SWEPT]
        if process.returncode == 0 and all(count and int(count[1].replace(',', '')) >= LEAST_SWEPT for count in counts):
            outcome.tests[f'all floats@{isa}'] += 4
        else:
            outcome.failed.append(f'sweep over all floats on {isa}: exit status {process.returncode}\n{text}')
    return outcome


class Summary:
    def __init__(self):
        self.lines = []
        self.wrong = []
        self.passed = 0
        self.skipped = 0
        self.builds = 0

    def add(self, name, outcome, wrong=()):
        self.builds += 1
        self.passed += sum(outcome.tests.values())
        self.skipped += len(outcome.skipped)
        self.wrong += [f'{name}: {text}' for text in (*outcome.failed, *wrong)]
        lines = [f'{name}: {describe(outcome) or "nothing ran"}']
        lines += [f'{name}: skipped {suite} / {test_name}' for suite, test_name in outcome.skipped]
        say('\n'.join(['', *lines]))
        self.lines += lines

    def print(self):
        if self.builds > 1:  # else they stand just above
            print(*self.lines, sep='\n')
        data = os.environ.get('LANEWISE_DATA')
        print(f'the tests on MNIST ran, with {data}' if data else
              'LANEWISE_DATA is not set: what needs MNIST was left out')
        print(*self.wrong, sep='\n', end='\n' if self.wrong else '')
        say(f'{self.passed} passed, {len(self.wrong)} failed, {self.skipped} skipped')
        return 1 if self.wrong or not self.passed else 0


def usable_isas(folder):
    info = subprocess.run([folder / 'tools' / 'lanewise', 'info', '--json'], capture_output=True, check=True)
    return json.loads(info.stdout)['isas']['usable']


def make_and_test(build, folder, sysroot, usable, summary):
    started = time.monotonic()
    say(f'{build.name}: building')
    try:
        if 'neon64' in build.isas:
            run([HERE / 'aarch64-sysroot', sysroot], folder.with_name('aarch64-sysroot.log'))
        configure_and_build(build, folder, sysroot, usable)
        say(f'{build.name}: testing, after {time.monotonic() - started:.0f} s')
        outcome = test(build, folder)
        if build.only_usable:
            outcome.skipped += [(f'{suite}@{isa}', 'not compiled: this CPU lacks the ISA') for suite in ('kernels', 'model')
                                for isa in build.isas if isa not in usable]
    except Failure as failure:
        summary.wrong.append(f'{build.name}: {failure}')
        return False
    summary.add(build.name, outcome, must_have_run(build, outcome, usable) + wrongly_skipped(outcome, usable))
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build', type=Path)
    parser.add_argument('--all', action='store_true')
    parser.add_argument('--nightly', action='store_true')
    parser.add_argument('--only', default='*')
    arguments = parser.parse_args()
    arguments.all |= arguments.nightly
    native, summary = arguments.build.resolve(), Summary()
    usable = usable_isas(native)
    builds = native / 'builds'
    emulated = {}

    def emulate_avx512(build, folder):
        if arguments.all and build.emulated_avx512 and 'avx512' not in usable:
            emulated[f'{build.name} on an emulated CPU with AVX-512'] = EmulatedAvx512(build, folder)

    if fnmatch.fnmatch(NATIVE.name, arguments.only):
        emulate_avx512(NATIVE, native)
        outcome = test(NATIVE, native)
        summary.add(NATIVE.name, outcome, must_have_run(NATIVE, outcome, usable) +
                    (wrongly_skipped(outcome, usable) if arguments.all else []))
    for build in BUILDS if arguments.all else ():
        if not fnmatch.fnmatch(build.name, arguments.only):
            continue
        if is_nightly(build, usable) and not arguments.nightly:
            say(f'{build.name}: left out, --nightly makes it')
        elif make_and_test(build, builds / build.name, builds / 'aarch64-sysroot', usable, summary):
            emulate_avx512(build, builds / build.name)
    if arguments.nightly:
        say('exp, log, tanh and sigmoid over all floats, the other activations over many: half an hour')
        summary.add('gcc, nightly', nightly(native, usable))
    for name, run_of_it in emulated.items():
        say(f'{name}: waiting for its end')
        summary.add(name, run_of_it.result())
    print()
    return summary.print()


if __name__ == '__main__':
    sys.exit(main())
