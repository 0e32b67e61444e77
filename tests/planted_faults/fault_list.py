# SPDX-License-Identifier: MIT
"""The planted faults: FAMILY.toml beside this file, and what must hold of them.

A file names the source that its faults change (`file`; a fault may name its own) and lists them:
  kernel  what it breaks: a name in the catalogue of tests/kernels, several, or a part that they share
  kind    tail: an element, row or column too few or too many at an end
          bits: other roundings, or another treatment of NaN, zeros and denormals, on one ISA
          rule: anything else that the contract rules out
  what    the fault in words, unique
  old     text that occurs exactly once in the file
  new     what takes its place
  isa     the only ISA whose code it changes; by default all
"""

import glob
import os
import re
import tomllib
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
KINDS = ('tail', 'bits', 'rule')
FIELDS = {'kernel', 'kind', 'what', 'old', 'new'}
MAY_HAVE = FIELDS | {'isa', 'file'}


class BadList(Exception):
    """The list is malformed; the message says where."""


@dataclass
class Fault:
    family: str
    kernels: list
    kind: str
    what: str
    file: str
    old: str
    new: str
    isa: str

    def title(self):
        where = f' ({self.isa})' if self.isa else ''
        return f'{self.family}: {", ".join(self.kernels)}, {self.kind}{where}: {self.what}'


def parse(family, fault, default_file):
    if not FIELDS <= fault.keys() <= MAY_HAVE or fault['kind'] not in KINDS:
        raise BadList(f'{family}.toml: "{fault.get("what", fault)}": needs {sorted(FIELDS)}, may have '
                      f'{sorted(MAY_HAVE - FIELDS)}; kind is one of {KINDS}')
    kernels = fault['kernel'] if isinstance(fault['kernel'], list) else [fault['kernel']]
    return Fault(family, kernels, fault['kind'], fault['what'], fault.get('file', default_file),
                 fault['old'].rstrip('\n'), fault['new'].rstrip('\n'), fault.get('isa', ''))


def load():
    """All faults, those of one file together: so that a build after one undoes and plants in the same source."""
    faults = []
    for path in sorted(glob.glob(os.path.join(HERE, '*.toml'))):
        family = os.path.splitext(os.path.basename(path))[0]
        with open(path, 'rb') as file:
            try:
                table = tomllib.load(file)
            except tomllib.TOMLDecodeError as error:
                raise BadList(f'{family}.toml: {error}') from error
        faults += [parse(family, fault, table.get('file', '')) for fault in table['fault']]
    return sorted(faults, key=lambda fault: fault.file)


def read(path):
    with open(os.path.join(PROJECT, path), encoding='utf-8') as file:
        return file.read()


def known_isas():
    tag = r'^struct (\w+) \{\n  static constexpr std::string_view name'
    return set(re.findall(tag, read('kernels/src/isa.hpp'), re.M))


def catalogued_kernels():
    """The names in the tables at the end of tests/kernels/*_calls.cpp, and a row for each optimiser."""
    optimizers = re.findall(r'return \{\.name = "(\w+)", ', read('kernels/include/lanewise/update.hpp'))
    names = ['update_' + name for name in optimizers]
    for path in sorted(glob.glob(os.path.join(PROJECT, 'tests/kernels/*_calls.cpp'))):
        names += re.findall(r'\{"(\w+)", [123], ', read(path))
    return names


def complaints(faults):
    """What is wrong with the list: texts that no longer match, kernels without a fault. Empty if all is well."""
    found, seen, isas = [], set(), known_isas()
    for fault in faults:
        count = read(fault.file).count(fault.old) if os.path.isfile(os.path.join(PROJECT, fault.file)) else 0
        if count != 1:
            found.append(f'{fault.title()}: "old" occurs {count} times in {fault.file}; it must occur once')
        if fault.old == fault.new or fault.what in seen or (fault.isa and fault.isa not in isas):
            found.append(f'{fault.title()}: changes nothing, is there twice, or names an unknown ISA')
        seen.add(fault.what)
    kernels = catalogued_kernels()
    if not kernels:
        found.append('no kernel found in tests/kernels/*_calls.cpp')
    for kernel in kernels:
        for kind in ('tail', 'bits'):
            if not any(kernel in f.kernels and f.kind == kind and f.isa in ('', 'avx2', 'sse2') for f in faults):
                found.append(f'kernel {kernel} has no fault of kind {kind}; add one in tests/planted_faults')
    return found
