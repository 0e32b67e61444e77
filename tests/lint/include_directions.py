#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the sources against the rules of the house: include_directions.py PROJECT

Who may include whom, what code that is compiled once per ISA may use, and a few rules for all sources. A line of output
for each rule with what it looked at; then the hits. Any hit fails.
"""

import os
import re
import sys
from collections import Counter

FOLDERS = ('kernels', 'model', 'bench', 'tests', 'tools')
LONGEST = 300

# Who may include whom: the first row whose pattern matches a file says what its includes may be, each written as the
# path in the project or, from outside, in <>.
OUTSIDE = r'<(?!xsimd|\w*intrin\.h)[^>]+>'
FREESTANDING = r'<(cstddef|cstdint|cfloat|climits|limits|type_traits|concepts|version)>'
MAY_INCLUDE = [
    (r'kernels/include/', rf'kernels/include/|{OUTSIDE}'),
    (r'kernels/ref/', rf'kernels/(ref|include)/|{OUTSIDE}'),
    (r'kernels/src/simd/this_isa\.hpp', rf'kernels/src/|{FREESTANDING}|<xsimd/xsimd\.hpp>'),
    (r'kernels/src/simd/', rf'kernels/src/(simd/|per_isa\.hpp|isa\.hpp)|kernels/include/|{FREESTANDING}'),
    (r'kernels/src/\w+\.simd\.cpp', rf'kernels/src/(simd/|per_isa\.hpp)|{FREESTANDING}'),
    (r'kernels/src/', rf'kernels/src/(?!simd/)|kernels/include/|{OUTSIDE}'),
    (r'model/src/reference_net\.hpp', rf'model/|kernels/(ref|include)/|{OUTSIDE}'),  # the specification of the step
    (r'model/', rf'model/|kernels/include/|{OUTSIDE}'),
    (r'tools/', rf'tools/|model/include/|kernels/include/|{OUTSIDE}'),
    (r'tests/', rf'tests/|model/|kernels/(ref|include)/|{OUTSIDE}|<xmmintrin\.h>'),  # the floating-point state
    (r'bench/', rf'bench/|model/include/|kernels/(ref|include)/|{OUTSIDE}'),
]
INCLUDE_FOLDERS = ('kernels/include', 'model/include', 'kernels/src', 'kernels', 'model/src', 'tests', 'bench',
                   'tools/lanewise')

PER_ISA = r'kernels/src/(simd/\w+\.hpp|\w+\.simd\.cpp)$'
# Templates and types only: a function of std would become a symbol that all ISAs share.
PLAIN_STD = re.compile(r'std::(?!u?int(\d+|ptr)_t\b|size_t\b|ptrdiff_t\b|byte\b|numeric_limits\b|integral_constant\b|'
                       r'bool_constant\b|(true|false)_type\b|is_\w+|conditional_t\b|remove_\w+|same_as\b|'
                       r'(make_)?index_sequence\b)\w+')
INTRINSIC = re.compile(r'\b_mm\d*_\w+|\bv\w+_[fsu](8|16|32|64)\b(?=\()')
THREADS = re.compile(r'std::(thread|jthread|async|mutex|condition_variable)\b|\bpthread_')
PRINTS = re.compile(r'\b(f|s|sn)?printf\b|\bf?put[sc]\b|std::(cout|cerr|clog|print)\b')
ALLOCATES = re.compile(r'\bnew\b|\b(m|c|re)alloc\b|aligned_buffer|std::(vector|string|deque|list|map|set|function|'
                       r'unique_ptr|shared_ptr|make_\w+)\b')
# The contract handler prints, once; cpu.cpp lists names in a vector. Neither is a kernel.
MAY_PRINT, MAY_ALLOCATE = {'kernels/src/contract.cpp'}, {'kernels/src/cpu.cpp'}
KERNELS_HAVE_NO = (('threads in kernels', THREADS, ()), ('printing in kernels', PRINTS, MAY_PRINT),
                   ('allocation in kernels', ALLOCATES, MAY_ALLOCATE))
LEFT_FOR_LATER = re.compile(r'\b(TO[D]O|FIX[M]E|X[X]X)\b(?!.{0,3}#\d)')


class Report:
    def __init__(self):
        self.looked_at = Counter()
        self.hits = {}

    def check(self, rule, where, broken, what=''):
        self.looked_at[rule] += 1
        hits = self.hits.setdefault(rule, [])
        if broken:
            hits.append(f'{where}: {what}')

    def print(self):
        for rule, hits in self.hits.items():
            print(f'include_directions: {rule}: {self.looked_at[rule]} looked at: {len(hits)} hits')
            for hit in hits:
                print('  ' + hit)
        return any(self.hits.values())


def sources(project):
    """All sources by path in the project: code, scripts, build files; text by text."""
    found = {}
    paths = ['meson.build', 'meson_options.txt']
    for folder in FOLDERS:
        for parent, _, names in os.walk(os.path.join(project, folder)):
            paths += [os.path.relpath(os.path.join(parent, name), project) for name in names]
    for path in paths:
        with open(os.path.join(project, path), 'rb') as file:
            content = file.read()
        is_source = re.search(r'\.(cpp|hpp|h|c|py|sh|hpp\.in)$|(^|/)meson(\.build|_options\.txt)$', path)
        if is_source or content.startswith(b'#!'):
            found[path] = content.decode()
    return found


def without_comments(text):
    """Comments and the inside of string literals blanked out; lines keep their numbers."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match[0]) if match[0].startswith('/') else '""'
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(\\.|[^"\\\n])*"', blank, text, flags=re.DOTALL)


def resolve(project, path, name, quoted):
    """What an include names, as a path in the project, or as <name> if it comes from outside."""
    folders = ([os.path.dirname(path)] if quoted else []) + list(INCLUDE_FOLDERS)
    for folder in folders:
        candidate = os.path.normpath(os.path.join(folder, name))
        if os.path.exists(os.path.join(project, candidate)):
            return candidate.replace(os.sep, '/')
    return f'<{name}>'


def check_includes(report, project, path, text):
    allowed = next((may for pattern, may in MAY_INCLUDE if re.match(pattern, path)), None)
    for number, line in enumerate(text.splitlines(), 1):
        include = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if include and allowed:
            target = resolve(project, path, include[2], include[1] == '"')
            report.check('who includes whom', f'{path}:{number}', not re.match(allowed, target), f'includes {target}')


def conditional_lines(code):
    """The numbers of the lines inside a block of `if constexpr`."""
    inside, stack, statement, number = set(), [], '', 1
    for character in code:
        if character == '{':
            stack.append('if constexpr' in statement or (bool(stack) and stack[-1]))
        elif character == '}' and stack:
            stack.pop()
        elif character == '\n':
            number += 1
        if stack and stack[-1]:
            inside.add(number)
        statement = '' if character in '{};' else statement + character
    return inside


def check_kernel_code(report, path, code):
    conditional = conditional_lines(code)
    for number, line in enumerate(code.splitlines(), 1):
        where = f'{path}:{number}'
        if re.match(PER_ISA, path):
            std = PLAIN_STD.search(line)
            report.check('functions of std in code compiled per ISA', where, std, std and std[0])
        if not re.match(r'kernels/src/simd/ops(_\w+)?\.hpp', path):
            raw = INTRINSIC.search(line)
            report.check('intrinsics outside simd/ops*.hpp', where, raw and number not in conditional, raw and raw[0])
        if path.startswith('kernels/src/'):
            for rule, pattern, exempt in KERNELS_HAVE_NO:
                found = pattern.search(line)
                report.check(rule, where, found and path not in exempt, found and found[0])


def main():
    project = sys.argv[1]
    report = Report()
    for path, text in sorted(sources(project).items()):
        lines = text.splitlines()
        report.check(f'at most {LONGEST} lines', path, len(lines) > LONGEST, f'{len(lines)} lines')
        report.check('licence line', path, not any('SPDX-License-Identifier: MIT' in line for line in lines[:2]),
                     'no "SPDX-License-Identifier: MIT" in its first two lines')
        for number, line in enumerate(lines, 1):
            late = LEFT_FOR_LATER.search(line)
            report.check('work left for later names its issue', f'{path}:{number}', late, line.strip())
        if re.search(r'\.(cpp|hpp|h)$', path):
            code = without_comments(text)
            check_includes(report, project, path, text)
            if path.startswith(('kernels/', 'model/', 'tools/')):
                check_kernel_code(report, path, code)
    for rule in ('who includes whom', 'functions of std in code compiled per ISA'):
        if not report.looked_at[rule]:
            sys.exit(f'include_directions: {rule}: nothing to look at in {project}; is this the project?')
    sys.exit(1 if report.print() else 0)


if __name__ == '__main__':
    main()
