# SPDX-License-Identifier: MIT
"""A scratch copy of the project, configured once, in which faults are planted, built and tested one at a time."""

import json
import os
import re
import resource
import subprocess
import time
from dataclasses import dataclass

from fault_list import PROJECT

# As in kernels/src/cpu.cpp. What this CPU lacks is not built: each fault compiles a third less.
NEEDED_FLAGS = {'avx512': {'avx2', 'fma', 'avx512f', 'avx512cd', 'avx512dq', 'avx512bw', 'avx512vl'},
                'avx2': {'avx2', 'fma'}, 'sse2': {'sse2'}}
SKIPPED = 77
SUITE = re.compile(r'(?:.*:)?(?:(kernels|model)@(\w+)|kernels)$')


class Failed(Exception):
    """A step that must work did not; the message is what it printed last."""


@dataclass
class Test:
    name: str
    isa: str  # '' if it runs on all of them
    command: list
    env: dict
    programs: list  # what must be built for it
    seconds: float = 0


def usable_isas():
    """The ISAs that this CPU runs, or ['auto'] where it is no x86."""
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        line = re.search(r'^flags\s*:(.*)$', file.read(), re.M)
    flags = set(line[1].split()) if line else set()
    return [isa for isa, needed in NEEDED_FLAGS.items() if needed <= flags] or ['auto']


def run(command, timeout=None, **options):
    """(exit status, output); a negative status is a signal, None a time-out."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
                              stdin=subprocess.DEVNULL, errors='replace', check=False, **options)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return None, ''


class Scratch:
    def __init__(self, folder, jobs):
        self.tree, self.build = os.path.join(folder, 'tree'), os.path.join(folder, 'build')
        self.jobs = jobs
        self.isas = usable_isas()
        self.tests = []
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def prepare(self):
        """Copies what git has or would add, configures and builds it, and runs the tests: all must pass."""
        self.copy()
        if not os.path.exists(os.path.join(self.build, 'build.ninja')):
            self.must(['meson', 'setup', self.build, self.tree, f'-Disas={",".join(self.isas)}',
                       '-Ddefault_library=shared'])
        self.tests = self.find_tests()
        self.must(['ninja', '-C', self.build, 'build.ninja'])
        status, output = self.compile()
        if status != 0:
            raise Failed(output)
        for test in list(self.tests):
            begin = time.monotonic()
            status, output = self.run_test(test, None)
            test.seconds = time.monotonic() - begin
            if status == SKIPPED:
                self.tests.remove(test)
            elif status != 0:
                raise Failed(f'{output}\n{test.name} fails without any fault')
        self.tests.sort(key=lambda test: test.seconds)

    def copy(self):
        list_files = ['git', '-C', PROJECT, 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
        status, listed = run(list_files)
        if status != 0:
            raise Failed(listed)
        for path in filter(None, listed.split('\0')):
            source, target = os.path.join(PROJECT, path), os.path.join(self.tree, path)
            if not os.path.isfile(source):
                continue
            with open(source, 'rb') as file:
                content = file.read()
            if os.path.exists(target):
                with open(target, 'rb') as file:
                    if file.read() == content:
                        continue  # keeps its time: nothing to compile again
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, 'wb') as file:
                file.write(content)
            os.chmod(target, os.stat(source).st_mode)

    def must(self, command):
        status, output = run(command)
        if status != 0:
            raise Failed(output)

    def find_tests(self):
        """The suites kernels, kernels@ISA and model@ISA, as meson knows them."""
        status, output = run(['meson', 'introspect', '--tests', '--targets', '--force-object-output', self.build])
        if status != 0:
            raise Failed(output)
        known = json.loads(output)
        files = {target['id']: target['filename'][0] for target in known['targets']}
        found = []
        for test in known['tests']:
            suites = [suite for suite in map(SUITE.match, test['suite']) if suite]
            if suites:
                name = test['name'] + (f'@{suites[0][2]}' if suites[0][2] else '')
                programs = [os.path.relpath(files[target], self.build) for target in test['depends']]
                found.append(Test(name, suites[0][2] or '', test['cmd'], test['env'], programs))
        if not found:
            raise Failed('meson knows no tests of the kernels; is doctest installed?')
        return found

    def compile(self):
        programs = sorted({program for test in self.tests for program in test.programs})
        return run(['ninja', '-C', self.build, f'-j{self.jobs}', *programs])

    def run_test(self, test, timeout):
        stop_early = [] if test.command[0].endswith('.sh') else ['--abort-after=1']
        return run(test.command + stop_early, timeout, cwd=self.build, env={**os.environ, **test.env})

    def write(self, path, text):
        with open(os.path.join(self.tree, path), 'w', encoding='utf-8') as file:
            file.write(text)

    def caught_by(self, fault):
        """The test that fails, and how; None if all pass."""
        for test in self.tests:
            if fault.isa and test.isa and fault.isa != test.isa:
                continue  # its code is as it was
            status, output = self.run_test(test, 60 + 10 * test.seconds)
            if status == 0:
                continue
            cases = re.findall(r'^TEST CASE:\s+(.*)$', output.partition('ERROR:')[0], re.M)
            how = 'ran too long' if status is None else cases[-1] if cases else f'exit status {status}'
            return f'{test.name}: {how}'
        return None
