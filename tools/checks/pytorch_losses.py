#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What PyTorch makes of 100 steps of each optimiser and schedule, in float64: the losses that tests/model/parity_test.cpp
compares with. The tests need no PyTorch; to make the file anew: pip install torch==2.13.0, then

    python3 tools/checks/pytorch_losses.py >tests/model/pytorch_losses.inc

The net, its images and its labels come from SplitMix64, in numbers that are floats, so that both begin with the same.
"""

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR, StepLR

STEPS, STEPS_PER_EPOCH = 100, 10
WIDTHS = (12, 10, 10, 5)  # 12-10-10r-5
SAMPLES, BATCH = 64, 8


class SplitMix64:
    """tests/support/random.hpp"""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = 2 ** 64 - 1
        self.state = (self.state + 0x9e3779b97f4a7c15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & mask
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & mask
        return z ^ (z >> 31)

    def uniform(self):
        return (self.next() >> 40) * 2.0 ** -23 - 1


def problem():
    """Layers as (weight [out, in], bias), images, labels."""
    random = SplitMix64(1)

    def numbers(*shape, scale):
        count = torch.Size(shape).numel()
        return torch.tensor([random.uniform() * scale for _ in range(count)], dtype=torch.float64).reshape(shape)

    layers = []
    for inputs, outputs in zip(WIDTHS, WIDTHS[1:]):
        weight, bias = numbers(outputs, inputs, scale=0.5), numbers(outputs, scale=0.25)
        layers.append((weight.requires_grad_(), bias.requires_grad_()))
    images = numbers(SAMPLES, WIDTHS[0], scale=1)
    labels = torch.tensor([random.next() % WIDTHS[-1] for _ in range(SAMPLES)])
    return layers, images, labels


def logits(layers, x):
    for i, (weight, bias) in enumerate(layers):
        z = torch.nn.functional.linear(x, weight, bias)
        if i + 1 == len(layers):
            return z
        x = torch.relu(z) + (x if i == 1 else 0)


def losses(make_optimizer, make_schedule, clip_norm):
    layers, images, labels = problem()
    parameters = [p for layer in layers for p in layer]
    optimizer = make_optimizer(parameters)
    schedule = make_schedule(optimizer)
    for step in range(STEPS):
        chosen = [(step * BATCH + i) % SAMPLES for i in range(BATCH)]
        loss = torch.nn.functional.cross_entropy(logits(layers, images[chosen]), labels[chosen])
        yield loss.item()
        optimizer.zero_grad()
        loss.backward()
        if clip_norm:
            torch.nn.utils.clip_grad_norm_(parameters, clip_norm)
        optimizer.step()
        schedule.step()


def warm_up(steps, then):
    """(s + 1) / steps of the rate in step s, then the other schedule."""
    def make(optimizer):
        rising = LinearLR(optimizer, start_factor=1 / steps, end_factor=1, total_iters=steps - 1)
        return SequentialLR(optimizer, [rising, then(optimizer)], milestones=[steps])
    return make


def sgd(**settings):
    return lambda parameters: torch.optim.SGD(parameters, **settings)


def rmsprop(**settings):
    return lambda parameters: torch.optim.RMSprop(parameters, **settings)


def adam(**settings):
    return lambda parameters: torch.optim.Adam(parameters, **settings)


def adamw(**settings):
    return lambda parameters: torch.optim.AdamW(parameters, **settings)


def constant(optimizer):
    return LambdaLR(optimizer, lambda step: 1)


def linear(steps=STEPS):
    return lambda optimizer: LinearLR(optimizer, start_factor=1, end_factor=0, total_iters=steps)


def cosine(steps=STEPS):
    return lambda optimizer: CosineAnnealingLR(optimizer, T_max=steps)


# The flags of `lanewise train` that say the same: optimiser, schedule, clipping.
CASES = {
    '--optimizer sgd --lr 0.1': (sgd(lr=0.1), constant, 0),
    '--optimizer sgd --lr 0.1 --weight-decay 0.1': (sgd(lr=0.1, weight_decay=0.1), constant, 0),
    '--optimizer sgd --lr 0.1 --clip-norm 0.5': (sgd(lr=0.1), constant, 0.5),
    '--optimizer momentum --lr 0.02': (sgd(lr=0.02, momentum=0.9), constant, 0),
    '--optimizer momentum --lr 0.05 --momentum 0.5 --weight-decay 0.01':
        (sgd(lr=0.05, momentum=0.5, weight_decay=0.01), constant, 0),
    '--optimizer nesterov --lr 0.02': (sgd(lr=0.02, momentum=0.9, nesterov=True), constant, 0),
    '--optimizer nesterov --lr 0.02 --weight-decay 0.05 --clip-norm 1':
        (sgd(lr=0.02, momentum=0.9, nesterov=True, weight_decay=0.05), constant, 1),
    '--optimizer rmsprop --lr 0.003': (rmsprop(lr=0.003), constant, 0),
    '--optimizer rmsprop --lr 0.003 --alpha 0.9 --eps 0.001 --weight-decay 0.02':
        (rmsprop(lr=0.003, alpha=0.9, eps=0.001, weight_decay=0.02), constant, 0),
    '--optimizer adam --lr 0.01': (adam(lr=0.01), constant, 0),
    '--optimizer adam --lr 0.01 --betas 0.8,0.95 --eps 0.0001 --weight-decay 0.1':
        (adam(lr=0.01, betas=(0.8, 0.95), eps=0.0001, weight_decay=0.1), constant, 0),
    '--optimizer adam --lr 0.01 --clip-norm 0.3': (adam(lr=0.01), constant, 0.3),
    '--optimizer adamw --lr 0.01': (adamw(lr=0.01), constant, 0),
    '--optimizer adamw --lr 0.01 --weight-decay 1': (adamw(lr=0.01, weight_decay=1), constant, 0),
    '--optimizer sgd --lr 0.2 --schedule linear': (sgd(lr=0.2), linear(), 0),
    '--optimizer adam --lr 0.02 --schedule cosine': (adam(lr=0.02), cosine(), 0),
    '--optimizer momentum --lr 0.05 --schedule step:3:0.5':
        (sgd(lr=0.05, momentum=0.9), lambda o: StepLR(o, 3 * STEPS_PER_EPOCH, 0.5), 0),
    '--optimizer adam --lr 0.02 --schedule constant --warm-up 1': (adam(lr=0.02), warm_up(10, constant), 0),
    '--optimizer adamw --lr 0.02 --schedule linear --warm-up 2': (adamw(lr=0.02), warm_up(20, linear(STEPS - 20)), 0),
    '--optimizer sgd --lr 0.3 --schedule cosine --warm-up 1.5': (sgd(lr=0.3), warm_up(15, cosine(STEPS - 15)), 0),
}


def main():
    print(f'// Made by tools/checks/pytorch_losses.py, PyTorch {torch.__version__.partition("+")[0]}, float64: '
          f'the loss of each of {STEPS} steps.')
    print('R"(')
    for flags, case in CASES.items():
        print(flags)
        values = [loss.hex() for loss in losses(*case)]
        for first in range(0, STEPS, 5):
            print(' ', ' '.join(values[first:first + 5]))
    print(')"')


if __name__ == '__main__':
    main()
