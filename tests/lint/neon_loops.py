#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the inner loops of the NEON kernels: neon_loops.py BUILD/kernels OBJDUMP

An inner loop is the code from the target of a backward branch to that branch, with no other branch in it (tails go lane by
lane, with branches, and are not looked at). Rules:

vector      The families whose work is multiply-add have inner loops with fmla on whole vectors (v0.4s), at least as many
            as MINIMUM says, and gemm one with 16 of them a step: a tile of 8 x 2 registers.
spills      No inner loop with such an fmla moves vector registers to or from the stack: its sums stay in registers.
"""

import glob
import os
import re
import subprocess
import sys
from collections import namedtuple

MINIMUM = {'elementwise': 1, 'gemm': 16, 'gemv': 8, 'update': 1}  # inner loops with vector fmla
FUNCTION = re.compile(r'^[0-9a-f]+ <(.+)>:$')
INSTRUCTION = re.compile(r'^ +([0-9a-f]+):\s+(\S+)\s*(.*)$')
BRANCH = re.compile(r'^(b|b\.\w+|cbn?z|tbn?z)$')
VECTOR_FMLA = re.compile(r'^v\d+\.4s, v\d+\.4s, v\d+\.(4s|s\[\d\])$')
SPILL = re.compile(r'^[qv]\d+.*\[(sp|x29)\b')

Instruction = namedtuple('Instruction', 'address mnemonic operands')


def functions_of(path, objdump):
    text = subprocess.run([objdump, '-dC', '--no-show-raw-insn', path], capture_output=True, text=True, check=True).stdout
    name, body = None, []
    for line in text.splitlines():
        if match := FUNCTION.match(line):
            if body:
                yield name, body
            name, body = match[1], []
        elif match := INSTRUCTION.match(line):
            body.append(Instruction(int(match[1], 16), match[2], match[3]))
    if body:
        yield name, body


def inner_loops(body):
    branches = [i for i, instruction in enumerate(body) if BRANCH.match(instruction.mnemonic)]
    addresses = {instruction.address: i for i, instruction in enumerate(body)}
    for last in branches:
        target = re.search(r'\b([0-9a-f]+) <', body[last].operands)
        first = addresses.get(int(target[1], 16), last + 1) if target else last + 1
        if first <= last and not any(first <= branch < last for branch in branches):
            yield body[first:last + 1]


def main():
    kernels, objdump = sys.argv[1:]
    hits, found, widest = [], dict.fromkeys(MINIMUM, 0), 0
    objects = sorted(glob.glob(f'{kernels}/liblanewise-neon64.a.p/*.o'))
    for path in objects:
        family = re.search(r'src_(\w+)\.simd', os.path.basename(path))[1]
        for name, body in functions_of(path, objdump):
            for loop in inner_loops(body):
                fmlas = [i for i in loop if i.mnemonic == 'fmla' and VECTOR_FMLA.match(i.operands)]
                if not fmlas:
                    continue
                found[family] = found.get(family, 0) + 1
                widest = max(widest, len(fmlas) if family == 'gemm' else 0)
                hits += [f'spills: {family}: {name}: {i.address:#x}: {i.mnemonic} {i.operands}'
                         for i in loop if SPILL.match(i.operands)]
    hits += [f'vector: {family}: {found[family]} inner loops with vector fmla instead of {least} or more'
             for family, least in MINIMUM.items() if found[family] < least]
    if widest < 16:
        hits.append(f'vector: gemm: {widest} vector fmla in the widest inner loop instead of 16 or more')
    print(f'neon_loops: {len(objects)} objects; inner loops with vector fmla: ' +
          ', '.join(f'{family} {count}' for family, count in sorted(found.items())) +
          f'; {widest} in the widest of gemm: {len(hits)} hits')
    print(*hits, sep='\n', end='\n' if hits else '')
    sys.exit(1 if hits else 0)


if __name__ == '__main__':
    main()
