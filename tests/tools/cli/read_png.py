#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints one row of an 8-bit grey PNG file in hexadecimal: read_png.py FILE ROW. Written from the PNG specification."""

import sys
import zlib


def chunks(content):
    at = 8
    while at < len(content):
        size = int.from_bytes(content[at:at + 4], 'big')
        yield content[at + 4:at + 8], content[at + 8:at + 8 + size]
        at += size + 12


def predicted(filter_type, left, up, corner):
    if filter_type == 4:
        estimate = left + up - corner
        return min((left, up, corner), key=lambda near: abs(estimate - near))
    return (0, left, up, (left + up) // 2)[filter_type]


def rows(content):
    header = next(data for name, data in chunks(content) if name == b'IHDR')
    width = int.from_bytes(header[:4], 'big')
    assert header[8:] == bytes([8, 0, 0, 0, 0]), 'not 8-bit grey without interlacing'
    packed = zlib.decompress(b''.join(data for name, data in chunks(content) if name == b'IDAT'))
    above = bytes(width)
    for start in range(0, len(packed), width + 1):
        row = bytearray()
        for x, byte in enumerate(packed[start + 1:start + 1 + width]):
            left, corner = (row[x - 1], above[x - 1]) if x else (0, 0)
            row.append((byte + predicted(packed[start], left, above[x], corner)) % 256)
        above = row
        yield row


with open(sys.argv[1], 'rb') as file:
    print(list(rows(file.read()))[int(sys.argv[2])].hex())
