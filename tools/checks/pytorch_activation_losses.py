#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the losses that PyTorch gets in 100 steps of SGD in double, for each activation, as rows for a C++ table:

    pip install torch==2.13.0
    tools/checks/pytorch_activation_losses.py >tests/model/pytorch_activation_losses.inc

tests/model/parity_test.cpp makes the same net, data and steps, and needs no PyTorch. All numbers that both start from
are fractions that a float holds exactly; so are the parameters of activations, as the floats that lanewise takes.
"""

import sys

import torch
from torch.nn import functional

WIDTHS = (7, 8, 8, 5)  # 7-8-8r-5
SAMPLES, STEPS, LR = 12, 100, 0.125


def as_float(x):
    return float(torch.tensor(x, dtype=torch.float32))


ACTIVATIONS = {
    'identity': lambda z: z,
    'relu': functional.relu,
    'leaky-relu:0.01': lambda z: functional.leaky_relu(z, as_float(0.01)),
    'leaky-relu:0.2': lambda z: functional.leaky_relu(z, as_float(0.2)),
    'elu:1': functional.elu,
    'elu:1.75': lambda z: functional.elu(z, 1.75),
    'gelu': functional.gelu,
    'gelu-tanh': lambda z: functional.gelu(z, approximate='tanh'),
    'silu': functional.silu,
    'tanh': torch.tanh,
    'sigmoid': torch.sigmoid,
}


def losses(activation):
    x = torch.tensor([[(i * 7 + j * 13) % 17 / 16 for j in range(WIDTHS[0])] for i in range(SAMPLES)])
    labels = torch.tensor([i * 3 % WIDTHS[-1] for i in range(SAMPLES)])
    parameters = []
    for l, (inputs, outputs) in enumerate(zip(WIDTHS, WIDTHS[1:])):
        weights = [[((o * 31 + i * 17 + l * 11) % 23 - 11) / 32 for i in range(inputs)] for o in range(outputs)]
        bias = [((o * 5 + l * 3) % 7 - 3) / 16 for o in range(outputs)]
        parameters += [torch.tensor(weights, requires_grad=True), torch.tensor(bias, requires_grad=True)]
    w0, b0, w1, b1, w2, b2 = parameters
    optimizer = torch.optim.SGD(parameters, lr=LR)
    for _ in range(STEPS):
        a0 = activation(functional.linear(x, w0, b0))
        a1 = a0 + activation(functional.linear(a0, w1, b1))
        loss = functional.cross_entropy(functional.linear(a1, w2, b2), labels)
        yield loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    print(f'// Made by tools/checks/pytorch_activation_losses.py, PyTorch {torch.__version__}: activation, step, loss.')
    for name, activation in ACTIVATIONS.items():
        for step, loss in enumerate(losses(activation), 1):
            if step == 1 or step % 10 == 0:
                print(f'{{"{name}", {step}, {loss.hex()}}},')
    return 0


if __name__ == '__main__':
    sys.exit(main())
