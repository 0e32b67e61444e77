#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PyTorch as a contender: pytorch.py eager|best FOLDER, commands and answers as in contender.cpp. FOLDER holds what another
contender's `write` put there. eager: a module, autograd and SGD as everybody writes them; best: the fastest of a backward pass
by hand with updates in place, and the same compiled."""

import sys
import time
from pathlib import Path

import numpy as np
import torch

TOLERANCE = 1e-4


class Task:
    def __init__(self, folder, hidden, batch):
        def read(name, kind):
            return np.fromfile(folder / f'{hidden}-{batch}-{name}', kind)

        self.batch = batch
        self.lr, self.checked_samples, self.loss = read('check', np.float64)
        self.classes = torch.from_numpy(read('classes', np.int32).astype(np.int64))
        self.labels = torch.from_numpy(read('labels', np.int32).astype(np.int64))
        self.bytes = torch.from_numpy(read('bytes', np.uint8).reshape(-1, 784))
        self.images = self.bytes.to(torch.float32) / 255
        shapes = [(hidden, 784), (hidden,), (hidden, hidden), (hidden,), (10, hidden), (10,)]
        self.start, self.expected = (self.split(read(name, np.float32), shapes) for name in ('start', 'expected'))

    @staticmethod
    def split(values, shapes):
        """W0 [out, in], b0, W1, ..."""
        parts, first = [], 0
        for shape in shapes:
            count = int(np.prod(shape))
            parts.append(torch.from_numpy(values[first:first + count].reshape(shape).copy()))
            first += count
        return parts


class Net(torch.nn.Module):
    def __init__(self, parameters):
        super().__init__()
        self.layers = torch.nn.ModuleList(torch.nn.Linear(w.shape[1], w.shape[0]) for w in parameters[::2])
        self.restart(parameters)

    def restart(self, parameters):
        with torch.no_grad():
            for mine, start in zip(self.parameters(), parameters):
                mine.copy_(start)

    def forward(self, x):
        first, second, third = self.layers
        a0 = torch.relu(first(x))
        return third(a0 + torch.relu(second(a0)))


class Eager:
    name = 'eager'

    def __init__(self, task):
        self.task = task
        self.net = Net(task.start)
        self.optimiser = torch.optim.SGD(self.net.parameters(), lr=task.lr)

    def restart(self):
        self.net.restart(self.task.start)

    def step(self, x, labels):
        self.optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(self.net(x), labels)
        loss.backward()
        self.optimiser.step()
        return loss.detach()

    def parameters(self):
        return list(self.net.parameters())

    def train(self, first, count):
        """The sum of the losses; each step's is read at the end."""
        x, labels, batch = self.task.images, self.task.labels, self.task.batch
        losses = [self.step(x[s:s + batch], labels[s:s + batch]) for s in range(first, first + count, batch)]
        return float(torch.stack(losses).double().sum()) * batch

    def classify(self, count):
        with torch.no_grad():
            return self.net(self.task.bytes[:count].to(torch.float32) * (1 / 255)).argmax(1)


def step_by_hand(w0, b0, w1, b1, w2, b2, x, labels, onehot, lr):
    a0 = torch.addmm(b0, x, w0.t()).relu_()
    r1 = torch.addmm(b1, a0, w1.t()).relu_()
    a1 = a0 + r1
    logs = torch.log_softmax(torch.addmm(b2, a1, w2.t()), 1)
    scale = -lr / x.shape[0]
    d2 = (logs.exp() - onehot[labels]).mul_(scale)
    da1 = d2 @ w2
    w2.addmm_(d2.t(), a1)
    b2.add_(d2.sum(0))
    d1 = da1 * (r1 > 0)
    d0 = torch.addmm(da1, d1, w1).mul_(a0 > 0)
    w1.addmm_(d1.t(), a0)
    b1.add_(d1.sum(0))
    w0.addmm_(d0.t(), x)
    b0.add_(d0.sum(0))
    return -logs.gather(1, labels[:, None]).mean()


class ByHand(Eager):
    name = 'backward by hand'
    function = staticmethod(step_by_hand)

    def __init__(self, task):
        super().__init__(task)
        self.values = [p.detach() for p in self.net.parameters()]
        self.onehot = torch.eye(10)

    def step(self, x, labels):
        with torch.inference_mode():
            return self.function(*self.values, x, labels, self.onehot, self.task.lr)


class Compiled(ByHand):
    name = 'backward by hand, compiled'
    function = staticmethod(torch.compile(step_by_hand))

    def step(self, x, labels):
        with torch.no_grad():
            return self.function(*self.values, x, labels, self.onehot, self.task.lr)


WAYS = {'eager': [Eager], 'best': [ByHand, Compiled]}


def difference(run, classifies):
    task = run.task
    run.restart()
    if classifies:
        return float((run.classify(len(task.classes)) != task.classes).double().mean())
    samples = int(task.checked_samples)
    found = [abs(run.train(0, samples) - task.loss) / task.loss]
    found += [float((mine.detach() - wanted).abs().max()) for mine, wanted in zip(run.parameters(), task.expected)]
    return max(found)


def time_of(run, first, count, classifies):
    """Microseconds of this thread a sample; the second of two passes."""
    for _ in range(2):
        run.restart()
        start = time.thread_time()
        if classifies:
            run.classify(count)
        else:
            run.train(first, count)
        seconds = time.thread_time() - start
    return 1e6 * seconds / count


def prepare(task, ways, classifies):
    """The fastest, its time and difference."""
    torch.compiler.reset()  # compiled anew for these sizes
    best = None
    for way in ways:
        run = way(task)
        try:
            found = difference(run, classifies)
        except Exception as error:  # torch.compile needs a compiler that it likes
            print(f'{way.name}: {str(error).splitlines()[0]}', file=sys.stderr)
            continue
        if not found <= TOLERANCE:
            raise SystemExit(f'{way.name} differs by {found} from what it should compute')
        microseconds = time_of(run, 0, 10000 if classifies else 1024, classifies)
        if best is None or microseconds < best[1]:
            best = run, microseconds, found
    return best


def main():
    ways, folder = WAYS[sys.argv[1]], Path(sys.argv[2])
    torch.set_num_threads(1)
    run, classifies = None, False
    for line in sys.stdin:
        command, *words = line.split()
        if command == 'describe':
            print(f'{torch.__version__} {torch.backends.cpu.get_cpu_capability()}')
        elif command == 'prepare':
            classifies = words[2] == 'classify'
            best = prepare(Task(folder, int(words[0]), int(words[1])), ways, classifies)
            run = best and best[0]
            print(f'ready {run.name} {best[1]:.4f} {best[2]:.2e}' if run else 'none')
        elif command == 'time':
            print(f'{time_of(run, int(words[0]), int(words[1]), classifies):.5f}')
        sys.stdout.flush()


if __name__ == '__main__':
    main()
