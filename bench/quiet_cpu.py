# SPDX-License-Identifier: MIT
"""Keeps contenders where nobody else is on their core.

Cores are often shared with threads of other machines. Then parts of a core are halved, for a tenth of a second or for some, and
code that needs them takes up to twice as long, other code as long as before: a ratio tells who was lucky. A short loop
that needs them (stores_behind_sums in peers/roofs.cpp) tells when that is so; then all move to another CPU, and the turn is
taken again.
"""

import collections
import os
import time

import contenders
import kernel_rows

PROBE = kernel_rows.Row('stores-behind-sums', 1, 640)
MICROSECONDS = 50
TOLERATED = 1.2  # times the best of the last times of the probe
REMEMBERED = 1000  # of these: a clock may fall for good
TRIES = 8  # of a turn
LONG = 0.1  # seconds of a turn: too long for a time before and after it to speak for it
PATIENCE = 120  # seconds that all waiting and all turns taken again may cost


class QuietCpu:
    """On the last of the CPUs all the time, if there is no probe."""

    def __init__(self, probe, cpus):
        self.probe = probe
        self.cpus = cpus
        self.at = len(cpus) - 1
        self.times = collections.deque(maxlen=REMEMBERED)
        self.patience = PATIENCE
        self.turns = self.disturbed = self.long = 0

    def is_quiet(self):
        if not self.probe:
            return True
        self.times.append(self.probe.time(MICROSECONDS))
        return self.times[-1] <= TOLERATED * min(self.times)

    def gather(self, everyone):
        """All on the CPU that was found last: who had no part in a row stayed behind."""
        for contender in [*everyone, *([self.probe] if self.probe else [])]:
            contender.run_on(self.cpus[self.at])

    def settle(self, everyone):
        """Looks for a quiet CPU, for some tenths of a second."""
        for attempt in range(1, 21):
            if self.is_quiet() or self.patience <= 0:
                return
            self.at = (self.at + 1) % len(self.cpus)
            self.gather(everyone)
            if attempt % len(self.cpus) == 0:
                time.sleep(0.02)
                self.patience -= 0.02

    def place(self, everyone):
        """The CPU, quiet if that can be had, where everyone is now."""
        self.settle(everyone)
        self.gather(everyone)
        return self.cpus[self.at]

    def turn(self, everyone, take):
        """What take() gives, in quiet if that can be had."""
        self.turns += 1
        for _ in range(TRIES):
            start = time.monotonic()
            result = take()
            taken = time.monotonic() - start
            if taken > LONG:
                self.long += 1
                self.settle(everyone)
                return result
            if self.is_quiet():
                return result
            if self.patience <= 0:
                break
            self.patience -= taken
            self.settle(everyone)
        self.disturbed += 1
        return result

    def end(self):
        if not self.probe:
            return
        self.probe.end()
        if self.turns > 0:
            print(f'{self.disturbed} of {self.turns} turns found no quiet core; {self.long} were too long to tell')


def quiet_cpu(folder, isa):
    """With a probe, where the roofs are built."""
    cpus = sorted(os.sched_getaffinity(0))
    probe = next(iter(contenders.start(contenders.roofs(isa)[:1], folder, [])), None)
    if probe and not probe.prepare(PROBE):
        probe.end()  # built before there was one
        probe = None
    quiet = QuietCpu(probe, cpus)
    if probe:
        for cpu in cpus * 20:  # what its time is in quiet; the last CPU comes last
            probe.run_on(cpu)
            quiet.is_quiet()
    return quiet
