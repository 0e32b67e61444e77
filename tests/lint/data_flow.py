# SPDX-License-Identifier: MIT
"""Where pointers come from, and whether upper register halves are dirty: a data-flow analysis of machine code.

Each register and each slot of a stack frame holds a set of origins:
  USER           came in with the arguments of a global function, or was loaded through such a pointer
  UNKNOWN        loaded from where the analysis does not see
  Constant(a)    address of a constant
  Frame(f, at)   address in the stack frame of function f; `at` is its offset, None where it is not known
Numbers have no origin. Base + index has the frame's origin where one of the two is in a frame: the other then is an
index.
Registers and the slots of a function's own frame are followed along all paths, arguments from call to function; slots
that a function reaches in a frame handed to it hold what was ever stored there.
Where paths meet, sets are united: they can hold too much. Only pointers that a function stores through an address with
an index, or in a frame other than its own, can be missing.
"""

import heapq
import re
from collections import namedtuple

from disassembly import memory_parts, register, reverse_postorder, split_blocks
from effects import MAKES_NUMBER, dirties_upper_half, kind_of, slots_written

USER, UNKNOWN = 'user', 'unknown'
Constant = namedtuple('Constant', 'address')
Frame = namedtuple('Frame', 'function at')
NOTHING = frozenset()
DIRTY = frozenset(['dirty'])  # of State's entry 'dirty': upper halves of vector registers may be in use

# More come from a loop that moves a pointer on and on, such as one of jumps that tables seem to allow, round a push.
MOST_ORIGINS = 64

ARGUMENTS = ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9']


def offset_address(origins, displacement, exact):
    return frozenset(Frame(o.function, o.at + displacement if exact and o.at is not None else None)
                     if isinstance(o, Frame) else o for o in origins)


def sum_of(*origins):
    together = frozenset().union(*origins)
    frames = frozenset(Frame(o.function, None) for o in together if isinstance(o, Frame))
    others = frozenset(o for o in together if not isinstance(o, Frame))
    only_frames = any(operand and not operand & others for operand in origins)
    return frames if only_frames else frames | others


def aligned_frame(function):
    """The name of a frame whose pointer was rounded down: offsets then count from a new origin."""
    return function.name + ' aligned'


class State(dict):
    """Origins by register and by slot of the function's own frame, where there are any; and the entries 'dirty' and
    'frames', the names of that frame."""

    def of(self, location):
        return self.get(location, NOTHING)

    def put(self, location, origins):
        if origins:
            self[location] = origins
        else:
            self.pop(location, None)

    def join(self, other):
        changed = False
        for location, origins in other.items():
            mine = self.get(location, NOTHING)
            if mine is not origins and not origins <= mine:
                together = mine | origins
                if len(together) > MOST_ORIGINS:
                    together = offset_address(together, 0, False)
                    if together == mine:
                        continue
                self[location] = together
                changed = True
        return changed


class UnknownJump(Exception):
    pass


class Analysis:
    def __init__(self, functions, global_names):
        self.functions = {f.address: f for f in functions if not re.search(r'[@.]plt', f.name)}
        self.global_names = global_names
        self.entries = {address: self.first_state(f) for address, f in self.functions.items()}
        self.slots = {}    # (function, offset) -> origins
        self.callers = {}  # function -> {(caller, offset of the return address in its frame)}
        self.exits = {}    # function -> whether it may return with dirty upper halves
        self.blocks = {address: split_blocks(f) for address, f in self.functions.items()}
        self.orders = {address: reverse_postorder(blocks, address) for address, blocks in self.blocks.items()}
        for function in self.functions.values():
            for instruction in function.instructions:
                instruction.kind, instruction.dirties = kind_of(instruction), dirties_upper_half(instruction)
        self.stale = set(self.functions)  # to be looked at again: what they depend on has changed
        self.dependent = set()            # depend on more than their entry: on frames of others, on what they call
        while self.stale:
            self.run(self.functions[self.stale.pop()])

    def is_global(self, function):
        return function.name in self.global_names

    def first_state(self, function):
        state = State({'rsp': frozenset([Frame(function.name, 0)]),
                       'frames': frozenset([function.name, aligned_frame(function)])})
        if self.is_global(function):
            state.update({argument: frozenset([USER]) for argument in ARGUMENTS})
        return state

    # ---- one function: states at the starts of its blocks until nothing changes ----

    def run(self, function, visit=None):
        self.current = function
        blocks, order = self.blocks[function.address], self.orders[function.address]
        states = {function.address: State(self.entries[function.address])}
        pending = [(0, function.address)]
        while pending:
            _, start = heapq.heappop(pending)
            if pending and pending[0][1] == start:
                continue
            state = State(states[start])
            for instruction in blocks[start].instructions:
                self.step(function, state, instruction)
            for successor in blocks[start].successors or self.switch_cases(function, state, blocks[start]):
                if successor not in states or states[successor].join(state):
                    states.setdefault(successor, State(state))
                    heapq.heappush(pending, (order[successor], successor))
        for start, state in states.items() if visit else ():
            for instruction in blocks[start].instructions:
                visit(function, state, instruction)
                self.step(function, state, instruction)

    @staticmethod
    def switch_cases(function, state, block):
        last = block.instructions[-1]
        if last.mnemonic != 'jmp' or last.target is not None:
            return []
        tables = [o.address for o in state.of(register(last.operands[0].lstrip('*'))) if isinstance(o, Constant)]
        if not any(table in function.jump_tables for table in tables):
            raise UnknownJump(f'{function.name}: {last.address:#x}: {last.text}: goes where no jump table was found')
        return [case for table in tables for case in function.jump_tables.get(table, [])]

    def visit(self, visitor):
        """Calls visitor(function, state before, instruction) for each instruction that can be reached."""
        for function in self.functions.values():
            self.run(function, visitor)

    # ---- one instruction ----

    def step(self, function, state, instruction):
        kind, operands = instruction.kind, instruction.operands
        if kind == 'assign':
            self.assign(state, operands[-1], self.result(state, instruction), slots_written(instruction))
        elif kind == 'forget':
            state.pop(register(operands[-1]), None)
        elif kind == 'transfer':
            self.transfer(function, state, instruction)
        elif kind == 'return':
            self.grow(self.exits, function.name, state.of('dirty'))
        elif kind == 'clean':
            state.pop('dirty', None)
        elif kind == 'push':
            self.move_stack(state, -8)
            self.store(state, '(%rsp)', self.value(state, operands[0]), 1)
        elif kind == 'pop':
            self.assign(state, operands[0], self.value(state, '(%rsp)'), 1)
            self.move_stack(state, 8)
        elif kind == 'stack':
            self.change_stack(function, state, instruction.mnemonic[:3], operands[0])
        if instruction.dirties:
            state['dirty'] = DIRTY

    def result(self, state, instruction):
        mnemonic, operands = instruction.mnemonic, instruction.operands
        if mnemonic.startswith('lea'):
            return self.address(state, operands[0], instruction.rip_target)
        if MAKES_NUMBER.match(mnemonic) or (mnemonic[:3] in ('xor', 'sub') and operands[0] == operands[-1]):
            return NOTHING
        sources = [self.value(state, operand) for operand in operands[:-1]]
        if mnemonic.startswith('cmov'):
            return sources[0] | self.value(state, operands[-1])
        if mnemonic.startswith(('mov', 'vmov')) and sources:
            return sources[0]
        if instruction.encoding == 'legacy' and '(' not in operands[-1]:
            sources.append(self.value(state, operands[-1]))
        return sum_of(*sources)

    def address(self, state, operand, rip_target=None):
        displacement, base, index = memory_parts(operand)
        if base == 'rip':
            return frozenset([Constant(rip_target)])
        # Offsets are followed from the stack pointer only: along other registers a loop would count for ever.
        exact = index is None and base in ('rsp', 'rbp')
        base_origins = offset_address(state.of(base), displacement, exact) if base else NOTHING
        return sum_of(base_origins, state.of(index)) if index else base_origins

    def slots_of(self, state, operand):
        """The frame slots that a memory operand may name, and the other origins of its address."""
        displacement, base, index = memory_parts(operand)
        if base is None or base == 'rip' or index:
            return set(), self.address(state, operand)
        origins = offset_address(state.of(base), displacement, True)
        slots = {o for o in origins if isinstance(o, Frame) and o.at is not None}
        return slots, origins - slots

    def value(self, state, operand):
        if '(' not in operand:
            return state.of(register(operand)) if operand.startswith('%') else NOTHING
        slots, others = self.slots_of(state, operand)
        origins = NOTHING.union(*(self.load_slot(state, slot) for slot in slots))
        if USER in others:
            origins |= {USER}
        if not slots and others != {USER}:
            origins |= {UNKNOWN}
        return origins

    def load_slot(self, state, slot):
        if slot.at < 8 and slot.function in state['frames']:
            return state.of(slot)
        self.dependent.add(self.current.address)
        return state.of(slot) | self.stack_argument(slot) if slot.at >= 8 else self.slots.get(slot, NOTHING)

    def stack_argument(self, slot, depth=0):
        """What callers put above the return address."""
        if slot.function in self.global_names:
            return frozenset([USER])
        origins = NOTHING
        for caller, at in self.callers.get(slot.function, ()) if depth < 4 else ():
            place = Frame(caller, at + slot.at)
            origins |= self.slots.get(place, NOTHING)
            if place.at >= 8:
                origins |= self.stack_argument(place, depth + 1)
        return origins

    def assign(self, state, operand, origins, slot_count):
        if '(' in operand:
            self.store(state, operand, origins, slot_count)
        elif register(operand):
            state.put(register(operand), origins)
        elif re.match(r'%e|%r\d+d$', operand):  # the 32-bit half of a register: no pointer is left in it
            state.pop('r' + operand[2:] if operand[1] == 'e' else operand[1:-1], None)

    def store(self, state, operand, origins, slot_count):
        """In the state the new origins replace the old ones; for functions that are handed the frame they are added."""
        slots = self.slots_of(state, operand)[0]
        for slot in slots:
            for at in range(slot.at, slot.at + 8 * slot_count, 8):
                part = Frame(slot.function, at)
                state.put(part, origins if len(slots) == 1 else origins | state.of(part))
                self.grow(self.slots, part, origins)

    def grow(self, table, key, origins):
        before = table.setdefault(key, NOTHING)
        if not origins <= before:
            table[key] = before | origins
            self.stale |= self.dependent

    # ---- the stack pointer, calls ----

    @staticmethod
    def move_stack(state, by):
        state['rsp'] = offset_address(state.of('rsp'), by, True)

    def change_stack(self, function, state, operation, operand):
        if operation == 'and':
            state['rsp'] = frozenset([Frame(aligned_frame(function), 0)])
        elif operand.startswith('$'):
            self.move_stack(state, int(operand[1:], 16) * (1 if operation == 'add' else -1))

    def transfer(self, function, state, instruction):
        callee = self.functions.get(instruction.target)
        is_tail_call = instruction.is_jump and callee is not None and callee is not function
        if callee is not None and (instruction.is_call or is_tail_call) and not self.is_global(callee):
            arguments = State({a: state.of(a) for a in ARGUMENTS + ['dirty']})
            if self.entries[callee.address].join(arguments):
                self.stale.add(callee.address)
            return_address = {(o.function, o.at - (8 if instruction.is_call else 0))
                              for o in state.of('rsp') if isinstance(o, Frame) and o.at is not None}
            self.grow(self.callers, callee.name, frozenset(return_address))
        if instruction.is_call:
            self.dependent.add(self.current.address)
            state.pop('rax', None)
            state.put('dirty', self.exits.get(callee.name, NOTHING) if callee else NOTHING)
