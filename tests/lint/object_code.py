#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the machine code of the kernels: object_code.py BUILD/kernels WHICH ISA...

WHICH is one of the ISAs, or "once": the objects that are compiled once, for the lowest CPU. Rules:

encoding    A CPU without AVX must be able to run "once" and sse2, one without AVX-512 must be able to run avx2: no
            VEX and no EVEX encoding (whatever the mnemonic: that catches BMI and mask instructions too), nothing newer
            than SSE2 there; no EVEX encoding in avx2.
vzeroupper  Upper register halves that are in use slow down the SSE code that runs next. So on no path may a global
            function of avx2 or avx512 return, or call out of the kernels, with upper halves of ymm0-15 or zmm0-15
            written since the last vzeroupper.
alignment   Kernels promise to work at any alignment. An instruction that needs alignment may access the stack frame and
            constants, which the compiler aligned itself, but no operand of the caller. Compilers copy frame addresses
            into any register and pass them between functions, so a pattern of registers cannot tell the two apart:
            data_flow.py follows each pointer to its origin. A hit is an address that may have come from the caller, or
            whose origin is unclear (none of 16,000 was, in builds of gcc 12, clang 14 and clang 19: if a hit is
            unclear because the compiler did something new, data_flow.py must learn it).
"""

import glob
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter

from data_flow import USER, Analysis, Constant, Frame, UnknownJump
from disassembly import disassemble, find_jump_tables, global_names, link, output_of, readable

ALLOWED_ENCODINGS = {'avx512': {'legacy', 'vex', 'evex'}, 'avx2': {'legacy', 'vex'}}
NEWER_THAN_SSE2 = re.compile(
    r'addsub|h(add|sub)p|mov[sd][hl]?dup|lddqu|fisttp|pshufb|ph(add|sub)|pmaddubsw|pmulhrsw|psign|pabs|palignr|dpp[sd]|'
    r'mpsadbw|pmul(ld|dq)|p?blend|p(min|max)([su]d|sb|uw)|(extract|insert)ps|p(insr|extr)[bdq]|pmov[sz]x|round[ps][sd]|'
    r'ptest|packusdw|pcmp(eqq|gtq|[ei]str)|movntdqa|crc32|aes|pclmul|sha\d|popcnt|lzcnt|movbe')
NEEDS_ALIGNMENT = re.compile(r'v?mov(ap[sd]|dqa(32|64)?|nt(p[sd]|dqa?))$')
# Of the legacy instructions on vectors, those whose memory operand may lie anywhere: unaligned or shorter moves.
ANY_ALIGNMENT = re.compile(r'mov(up[sd]|dqu|s[sd]|q|d|[lh]p[sd]|nti)$|cvt(ps2pd|dq2pd|t?s[sd]2sil?q?|si2s[sd][lq]?)$|'
                           r'pinsrw|[a-z0-9]*s[sd]$')


def needs_alignment(instruction):
    if instruction.memory is None or instruction.mnemonic.startswith('lea'):
        return False
    if NEEDS_ALIGNMENT.match(instruction.mnemonic):
        return True
    on_vectors = any(operand.startswith('%xmm') for operand in instruction.operands)
    return instruction.encoding == 'legacy' and on_vectors and not ANY_ALIGNMENT.match(instruction.mnemonic)


class Gate:
    def __init__(self, which):
        self.which = which
        self.hits = []
        self.counts = Counter()

    def hit(self, rule, function, instruction):
        self.hits.append(f'{rule}: {readable(function.name)}: {instruction.address:#x}: {instruction.text}')

    def check_encodings(self, functions):
        allowed = ALLOWED_ENCODINGS.get(self.which, {'legacy'})
        for function in functions:
            for instruction in function.instructions:
                self.counts['instructions'] += 1
                newer = allowed == {'legacy'} and NEWER_THAN_SSE2.match(instruction.mnemonic)
                if instruction.encoding not in allowed or newer:
                    self.hit('encoding', function, instruction)

    def check_paths(self, functions, global_names):
        analysis = Analysis(functions, global_names)

        def visit(function, state, instruction):
            if instruction.memory is not None and not instruction.mnemonic.startswith(('lea', 'nop')):
                origins = analysis.address(state, instruction.memory, instruction.rip_target)
                self.check_alignment(function, instruction, origins)
            if self.leaves(analysis, function, instruction):
                self.counts['ways out'] += 1
                if state.of('dirty'):
                    self.hit('vzeroupper', function, instruction)

        analysis.visit(visit)
        if not self.counts["through the caller's pointers"] or not self.counts['ways out']:
            sys.exit(f'object_code: {self.which}: no kernel was recognised; the gate itself is broken')

    def check_alignment(self, function, instruction, origins):
        if origins == {USER}:
            self.counts["through the caller's pointers"] += 1
        if not needs_alignment(instruction):
            return
        self.counts['aligned'] += 1
        if not origins or not all(isinstance(o, (Constant, Frame)) for o in origins):
            rule = 'alignment' if USER in origins else 'alignment (origin of the pointer unclear)'
            self.hit(rule, function, instruction)

    @staticmethod
    def leaves(analysis, function, instruction):
        if instruction.is_return:
            return analysis.is_global(function)
        if instruction.target is None:
            return instruction.is_call  # of a kernel that the caller chose
        if not (instruction.is_call or instruction.is_jump):
            return False
        return instruction.target not in function.addresses and instruction.target not in analysis.functions


def objects_by_isa(kernels, isas):
    objects = {isa: sorted(glob.glob(f'{kernels}/liblanewise-{isa}.a.p/*.o')) for isa in isas}
    of_isas = {path for paths in objects.values() for path in paths}
    objects['once'] = sorted(set(glob.glob(f'{kernels}/liblanewise*.p/*.o')) - of_isas)
    return objects


def check_nothing_left_out(kernels, objects):
    """What is installed must be what is checked: the archive has as many members as there are objects."""
    checked = sum(len(paths) for paths in objects.values())
    archive = f'{kernels}/liblanewise.a'
    if os.path.exists(archive):
        installed = len(output_of('ar', 't', archive).split())
        if installed != checked:
            sys.exit(f'{archive} holds {installed} objects, but {checked} were found to check')


def main():
    kernels, which, *isas = sys.argv[1:]
    objects = objects_by_isa(kernels, isas)
    if not objects[which]:
        sys.exit(f'no objects of {which} in {kernels}; build first')
    check_nothing_left_out(kernels, objects)
    gate = Gate(which)
    if which == 'once':
        for path in objects[which]:
            gate.check_encodings(disassemble(path))
    else:
        with tempfile.TemporaryDirectory() as folder:
            linked = link(objects[which], os.path.join(folder, 'linked.so'))
            functions = disassemble(linked)
            find_jump_tables(linked, functions)
        gate.check_encodings(functions)
        gate.check_paths(functions, global_names(objects[which]))
    print(f'object_code: {which}: {len(objects[which])} objects: ' +
          ', '.join(f'{count} {what}' for what, count in gate.counts.items()) + f': {len(gate.hits)} hits')
    print(*gate.hits, sep='\n', end='\n' if gate.hits else '')
    sys.exit(1 if gate.hits else 0)


if __name__ == '__main__':
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f'{" ".join(error.cmd[:2])}: {error.stderr.strip()}')
    except UnknownJump as error:
        sys.exit(f'object_code: {error}')
