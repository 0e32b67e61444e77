# SPDX-License-Identifier: MIT
"""Keeps contenders where nobody else is on their core.

Cores are often shared with threads of other machines. Then parts of a core are halved, for a tenth of a second or for some, and
code that needs them takes up to twice as long, other code as long as before: a ratio tells who was lucky. A short loop
that needs them (stores_behind_sums in peers/roofs.cpp) tells when that is so; then all move to another CPU, and the turn is
taken again.
"""

import os
import time

import contenders
import kernel_rows

PROBE = kernel_rows.Row('stores-behind-sums', 1, 640)
MICROSECONDS = 50
TOLERATED = 1.2  # times the best time of the probe
TRIES = 8  # of a turn
LONG = 0.02  # seconds of a turn that no probe speaks for


class QuietCpu:
    """On any CPU, if there is no probe."""

    def __init__(self, probe, cpus):
        self.probe = probe
        self.cpus = cpus
        self.at = len(cpus) - 1
        self.best = float('inf')
        self.turns = self.disturbed = 0

    def is_quiet(self):
        if not self.probe:
            return True
        now = self.probe.time(MICROSECONDS)
        self.best = min(self.best, now)
        return now <= TOLERATED * self.best

    def settle(self, everyone):
        """Looks for a quiet CPU, for some tenths of a second."""
        for attempt in range(1, 21):
            if self.is_quiet():
                return
            self.at = (self.at + 1) % len(self.cpus)
            for contender in [*everyone, self.probe]:
                contender.run_on(self.cpus[self.at])
            if attempt % len(self.cpus) == 0:
                time.sleep(0.02)

    def turn(self, everyone, take):
        """What take() gives, in quiet if that can be had."""
        self.turns += 1
        for _ in range(TRIES):
            start = time.monotonic()
            result = take()
            if time.monotonic() - start > LONG or self.is_quiet():
                return result
            self.settle(everyone)
        self.disturbed += 1
        return result

    def end(self):
        if self.probe:
            self.probe.end()
            print(f'{self.disturbed} of {self.turns} turns found no quiet core')


def quiet_cpu(folder, isa):
    """Where the roofs are built. Contenders begin on the last of the CPUs."""
    probe = next(iter(contenders.start(contenders.roofs(isa), folder, [])), None)
    if probe:
        probe.prepare(PROBE)
    return QuietCpu(probe, sorted(os.sched_getaffinity(0)))
