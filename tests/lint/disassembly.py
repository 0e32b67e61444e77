# SPDX-License-Identifier: MIT
"""x86-64 machine code as Python sees it: functions of decoded instructions, from objdump's AT&T listing."""

import re
import struct
import subprocess
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

PREFIXES = {'lock', 'rep', 'repz', 'repe', 'repnz', 'repne', 'notrack', 'bnd', 'data16', 'addr32', 'cs', 'ds', 'es',
            'fs', 'gs', 'ss'}
SEGMENT_AND_ADDRESS_PREFIXES = {'26', '2e', '36', '3e', '64', '65', '67'}
WORDS = ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp'] + [f'r{i}' for i in range(8, 16)]
VECTOR = re.compile(r'%([xyz])mm(\d+)$')
MEMORY = re.compile(r'\*?(?:%\w+:)?(-?0x[0-9a-f]+)?\((%\w+)?(?:,(%\w+)(?:,\d)?)?\)$')


@dataclass
class Instruction:
    address: int
    encoding: str  # 'legacy', 'vex', 'evex'
    mnemonic: str
    operands: list  # AT&T order: the destination comes last; masks such as {%k1}{z} are left out
    target: int | None      # of a direct jump or call
    rip_target: int | None  # what an operand relative to rip names
    text: str
    kind: str | None = None  # data_flow.py's: what the instruction means for origins of pointers
    dirties: bool = False    # and whether it writes an upper register half

    @property
    def memory(self):
        return next((operand for operand in self.operands if '(' in operand), None)

    @property
    def is_call(self):
        return self.mnemonic.startswith('call')

    @property
    def is_jump(self):
        return self.mnemonic.startswith('j')

    @property
    def is_return(self):
        return self.mnemonic.startswith('ret')


@dataclass
class Function:
    name: str
    address: int
    instructions: list = field(default_factory=list)
    jump_tables: dict = field(default_factory=dict)  # address of the table -> addresses in this function

    @cached_property
    def addresses(self):
        return {instruction.address for instruction in self.instructions}


@lru_cache(maxsize=None)
def register(operand):
    """The location that an operand names: a 64-bit register, a vector register, or None."""
    vector = VECTOR.match(operand)
    if vector:
        return 'v' + vector[2]
    return operand[1:] if operand[1:] in WORDS else None


@lru_cache(maxsize=None)
def memory_parts(operand):
    """(displacement, base register, index register) of a memory operand; None where absent."""
    displacement, base, index = MEMORY.match(operand).groups()
    return int(displacement or '0', 16), base and base[1:], index and index[1:]


class Block:
    """Instructions that run one after the other, and the addresses of the blocks that may come next."""

    def __init__(self, instructions, successors):
        self.instructions, self.successors = instructions, successors


def leaders(function):
    """Where basic blocks begin: behind jumps, and where jumps go."""
    code = function.instructions
    found = {code[0].address}
    found.update(target for targets in function.jump_tables.values() for target in targets)
    found.update(instruction.target for instruction in code if instruction.is_jump)
    found.update(after.address for before, after in zip(code, code[1:]) if before.is_jump or before.is_return)
    return found


def split_blocks(function):
    """The basic blocks of a function by address."""
    code, starts = function.instructions, leaders(function)
    blocks = {}
    for start in range(len(code)):
        if code[start].address not in starts:
            continue
        end = start + 1
        while end < len(code) and code[end].address not in starts:
            end += 1
        last = code[end - 1]
        successors = [last.target] if last.is_jump and last.target in function.addresses else []
        if end < len(code) and not last.is_return and last.mnemonic != 'jmp':
            successors.append(code[end].address)
        blocks[code[start].address] = Block(code[start:end], successors)
    return blocks


def reverse_postorder(blocks, first):
    """Rank of each block: predecessors before successors, but for loops."""
    postorder, seen, stack = [], {first}, [(first, iter(blocks[first].successors))]
    while stack:
        block, successors = stack[-1]
        following = next((s for s in successors if s not in seen), None)
        if following is None:
            postorder.append(block)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(blocks[following].successors)))
    rest = [address for address in blocks if address not in seen]  # the cases of switches
    return {address: rank for rank, address in enumerate(postorder[::-1] + rest)}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def link(objects, shared_object):
    """Resolves the calls between sections and objects, which are blank in the object files."""
    output_of('ld', '-shared', '--unresolved-symbols=ignore-all', '-o', shared_object, *objects)
    return shared_object


def encoding_of(raw_bytes):
    # In 64-bit mode these bytes begin nothing else.
    for byte in raw_bytes.split():
        if byte not in SEGMENT_AND_ADDRESS_PREFIXES:
            return {'c4': 'vex', 'c5': 'vex', '62': 'evex'}.get(byte, 'legacy')
    return 'legacy'


def split_operands(text):
    text = re.sub(r'\{[^}]*\}', '', text)
    return [operand.strip() for operand in re.split(r',(?![^(]*\))', text) if operand.strip()]


def decode(line):
    address, raw_bytes, text = line.split('\t', 2)
    text, _, comment = text.partition('#')
    words = text.split()
    while len(words) > 1 and words[0] in PREFIXES:
        words = words[1:]
    target = None
    operands = split_operands(' '.join(words[1:]))
    if re.match(r'j|call', words[0]) and len(words) > 1 and re.fullmatch(r'[0-9a-f]+', words[1]):
        target = int(words[1], 16)
        operands = []
    rip_target = int(comment.split()[0], 16) if '(%rip)' in text else None
    return Instruction(int(address.strip(' :'), 16), encoding_of(raw_bytes), words[0], operands, target, rip_target,
                       ' '.join(text.split()))


def global_names(objects):
    """The symbols that other objects can call; to be asked of the objects: linking makes hidden ones local."""
    return {line.split()[-1] for line in output_of('nm', '--defined-only', *objects).splitlines()
            if re.search(r' [TWVuiD] ', line)}


def disassemble(path):
    """The functions of an object file or shared object. NAME.cold, unlikely paths of NAME, counts as part of NAME."""
    functions, cold = {}, {}
    for line in output_of('objdump', '-dw', path).splitlines():
        start = re.fullmatch(r'([0-9a-f]+) <(.*)>:', line)
        if start:
            address, name = int(start[1], 16), start[2]
            table = cold if name.endswith('.cold') else functions
            function = table[address, name] = Function(name.removesuffix('.cold'), address)
        elif line.count('\t') >= 2 and '(bad)' not in line:
            function.instructions.append(decode(line))
    for part in cold.values():
        # Local functions of several files can have one name: the right one is where the cold part jumps back to.
        targets = {instruction.target for instruction in part.instructions}
        whole = [f for f in functions.values() if f.name == part.name]
        whole = next((f for f in whole if targets & {i.address for i in f.instructions}), whole[0])
        whole.instructions += part.instructions
    return [function for function in functions.values() if function.instructions]


def find_jump_tables(shared_object, functions):
    """Compilers make a switch of a table of 4-byte offsets from the table itself; the code loads it relative to rip."""
    section = re.search(r' \.rodata +PROGBITS +(\w+) (\w+) (\w+)', output_of('readelf', '-SW', shared_object))
    if section is None:
        return
    start, offset, size = (int(number, 16) for number in section.groups())
    with open(shared_object, 'rb') as file:
        constants = file.read()[offset:offset + size]
    for function in functions:
        for instruction in function.instructions:
            table = instruction.rip_target
            if not instruction.mnemonic.startswith('lea') or table is None or not 0 <= table - start < size:
                continue
            targets = []
            entries = constants[table - start:]
            for (entry,) in struct.iter_unpack('<i', entries[:len(entries) // 4 * 4]):
                if table + entry not in function.addresses:
                    break
                targets.append(table + entry)
            if targets:
                function.jump_tables[table] = targets


def readable(name):
    return output_of('c++filt', name).strip()
