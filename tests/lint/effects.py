# SPDX-License-Identifier: MIT
"""What an instruction does that data_flow.py cares for: pointers, the stack, upper halves of vector registers."""

import re

from disassembly import VECTOR

WITHOUT_RESULT = re.compile(r'cmp[bwlq]?$|test[bwlq]?$|v?u?comis|bt[wlq]?$|v?ptest|vtestp|k(or)?test|prefetch|nop|'
                            r'vzero|ud2|int3')
MOVES_POINTERS = re.compile(r'v?mov([aud]|q)|v?pinsrq|v?punpcklqdq|vinsert[fi]128')
MAKES_NUMBER = re.compile(r'imul|mul|i?div|sh[lr]|sa[lr]|ro[lr]|set|mov[sz][bwl]|cvt|vcvt|popcnt|bs[fr]')


def dirties_upper_half(instruction):
    vector = VECTOR.match(instruction.operands[-1]) if instruction.operands else None
    return bool(vector) and vector[1] in 'yz' and int(vector[2]) < 16  # 16-31 slow no SSE code down


def slots_written(instruction):
    """How many slots of 8 bytes a store covers."""
    source = VECTOR.match(instruction.operands[0])
    if source is None or re.search(r's[sd]$|mov[dq]$|[lh]p[sd]$', instruction.mnemonic):
        return 1
    return {'x': 2, 'y': 4, 'z': 8}[source[1]]


def kind_of(instruction):
    """What the analysis does with an instruction; 'forget': its result, as of arithmetic on vectors, is no pointer."""
    mnemonic, operands = instruction.mnemonic, instruction.operands
    if instruction.is_call or instruction.is_jump:
        return 'transfer'
    if instruction.is_return:
        return 'return'
    if mnemonic.startswith('vzero'):
        return 'clean'
    if mnemonic.startswith('push'):
        return 'push'
    if mnemonic.startswith('pop') and mnemonic != 'popcnt':
        return 'pop'
    if operands and operands[-1] == '%rsp' and mnemonic[:3] in ('add', 'sub', 'and'):
        return 'stack'
    if not operands or WITHOUT_RESULT.match(mnemonic):
        return None
    carries_pointers = not VECTOR.match(operands[-1]) or MOVES_POINTERS.match(mnemonic)
    return 'assign' if carries_pointers else 'forget'
