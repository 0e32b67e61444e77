# SPDX-License-Identifier: MIT
"""Reads a model file with Python's standard library alone: python3 tools/checks/read_model.py out/model.safetensors"""

import array
import json
import struct
import sys


def read_model(path):
    """Returns (metadata, {name: (shape, values as floats in row-major order)})."""
    with open(path, 'rb') as file:
        header = json.loads(file.read(struct.unpack('<Q', file.read(8))[0]))
        data = file.read()
    metadata = header.pop('__metadata__', {})
    tensors = {}
    for name, tensor in header.items():
        begin, end = tensor['data_offsets']
        values = array.array('f', data[begin:end])
        if sys.byteorder == 'big':
            values.byteswap()
        tensors[name] = tensor['shape'], values
    return metadata, tensors


if __name__ == '__main__':
    if len(sys.argv) != 2:
        print('usage: python3 read_model.py MODEL.safetensors', file=sys.stderr)
        sys.exit(2)
    for tensor_name, (shape, numbers) in read_model(sys.argv[1])[1].items():
        print(f'{tensor_name}  {shape}  {min(numbers):.4f} .. {max(numbers):.4f}')
