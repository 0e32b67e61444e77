#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does `lanewise eval` predict what the model file says? python3 tools/checks/compare_with_numpy.py MODEL DATA_DIR

Reads the model and the test images without the project's code, computes the logits in NumPy's float64, and compares
accuracy and the class of each image with the program's. Images whose two best logits are closer than float32 rounding
can move them may differ: they are counted as ties. Needs NumPy (Debian: python3-numpy); exits 77 without it.
"""

import glob
import gzip
import json
import math
import os
import struct
import subprocess
import sys
import tempfile

from read_model import read_model

try:
    import numpy as np
except ImportError:
    print('NumPy is not installed: apt-get install python3-numpy')
    sys.exit(77)

PROGRAM = os.path.join(os.path.dirname(os.path.realpath(__file__)), '../../build/tools/lanewise')
UNIT_ROUNDOFF = 2.0 ** -24


def find_file(folder, kind):
    """images-idx3 or labels-idx1 of the test set, by either spelling, plain or .gz."""
    found = [path for place in (folder, os.path.join(folder, 'MNIST', 'raw'))
             for path in sorted(glob.glob(os.path.join(place, f't10k-{kind.replace("-", "?")}-ubyte*')))]
    if not found:
        sys.exit(f'{folder}: no t10k-{kind}-ubyte[.gz]')
    return found[0]


def read_idx(path):
    with open(path, 'rb') as file:
        content = file.read()
    if content[:2] == b'\x1f\x8b':
        content = gzip.decompress(content)
    rank = content[3]
    dims = struct.unpack(f'>{rank}I', content[4:4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(dims)


def logits_and_errors(metadata, tensors, images):
    """The logits in float64, and bounds on how far float32 arithmetic (a chain of any order) may be from them."""
    a = (images.reshape(len(images), -1).astype(np.float32) / np.float32(255)).astype(np.float64)
    error = np.zeros_like(a)
    widths = metadata['layers'].split('-')[1:]
    for i, width in enumerate(widths):
        shape, values = tensors[f'{i}.weight']
        w = np.array(values, np.float64).reshape(shape)
        b = np.array(tensors[f'{i}.bias'][1], np.float64)
        gamma = (shape[1] + 2) * UNIT_ROUNDOFF / (1 - (shape[1] + 2) * UNIT_ROUNDOFF)
        z = a @ w.T + b
        z_error = gamma * ((np.abs(a) + error) @ np.abs(w).T + np.abs(b)) + error @ np.abs(w).T
        if i + 1 < len(widths):
            z, z_error = activated(metadata['act'], z, z_error)
        if width.endswith('r'):
            z, z_error = z + a, z_error + error + UNIT_ROUNDOFF * (np.abs(z) + z_error + np.abs(a) + error)
        a, error = z, z_error
    return a, error


def activated(act, z, z_error):
    """lanewise's activations are within 4 ULP, and no slope is above 1.13."""
    kind, _, parameter = act.partition(':')
    exact = {'identity': lambda z: z, 'relu': lambda z: np.maximum(z, 0)}
    if kind in exact:
        return exact[kind](z), z_error
    number = float(np.float32(parameter or 0))
    others = {
        'leaky-relu': lambda z: np.where(z > 0, z, number * z),
        'elu': lambda z: np.where(z > 0, z, number * np.expm1(np.minimum(z, 0))),
        'gelu': lambda z: z * np.vectorize(math.erfc)(-z / math.sqrt(2)) / 2,
        'gelu-tanh': lambda z: z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z ** 3))) / 2,
        'silu': lambda z: z / (1 + np.exp(-z)),
        'tanh': np.tanh,
        'sigmoid': lambda z: 1 / (1 + np.exp(-z)),
    }
    a = others[kind](z)
    return a, max(1.13, number) * z_error + 8 * UNIT_ROUNDOFF * (np.abs(a) + np.abs(z))


def count_ties(logits, errors):
    rows = np.arange(len(logits))
    best = logits.argmax(axis=1)
    gaps = logits[rows, best][:, None] - logits
    may_win = gaps <= errors[rows, best][:, None] + errors
    return int((may_win.sum(axis=1) > 1).sum())


def evaluate(model, data):
    output = subprocess.run([PROGRAM, 'eval', model, '--data', data, '--json'], check=True, stdout=subprocess.PIPE)
    return json.loads(output.stdout)


def program_agrees(model, data, predictions):
    """How many predictions are the program's too: its accuracy on the same images with our predictions as labels."""
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.dirname(find_file(data, 'images-idx3'))
        for path in glob.glob(os.path.join(place, '*-ubyte*')):
            if not os.path.basename(path).startswith('t10k-labels'):
                os.symlink(os.path.abspath(path), os.path.join(folder, os.path.basename(path)))
        with open(os.path.join(folder, 't10k-labels-idx1-ubyte'), 'wb') as file:
            file.write(struct.pack('>II', 0x801, len(predictions)) + predictions.astype(np.uint8).tobytes())
        return evaluate(model, folder)['correct']


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    model, data = sys.argv[1:]
    images, labels = read_idx(find_file(data, 'images-idx3')), read_idx(find_file(data, 'labels-idx1'))
    logits, errors = logits_and_errors(*read_model(model), images)
    predictions = logits.argmax(axis=1)
    correct = int((predictions == labels).sum())
    ties = count_ties(logits, errors)
    program = evaluate(model, data)
    agreed = program_agrees(model, data, predictions)
    print(f'NumPy, float64:  {correct} of {len(labels)} correct')
    print(f'lanewise ({program["isa"]}): {program["correct"]} of {program["images"]} correct')
    print(f'same class: {agreed} of {len(labels)} images; ties within the error bound: {ties}')
    agree = abs(correct - program['correct']) <= ties and len(labels) - agreed <= ties
    print('agree' if agree else 'DISAGREE')
    sys.exit(0 if agree else 1)


if __name__ == '__main__':
    main()
