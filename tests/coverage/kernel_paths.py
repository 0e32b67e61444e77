#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts which paths of the kernels ran: kernel_paths.py BUILD/kernels PROGRAM...

BUILD was configured for gcc with -Db_coverage=true; the programs are its tests, which this runs on $LANEWISE_ISA. A path is
a function that is compiled for that ISA, each instance of a template by itself (a tile of 3 rows and one partial register is
another than one of 4 and two whole ones), or a line of kernels/src in any of them. Prints how many there are, and those that
never ran, which fail. Exits with 77, as the programs do, where the CPU lacks the ISA.
"""

import glob
import json
import os
import re
import subprocess
import sys
from collections import Counter

# Instances of templates that no call can reach, and why.
UNREACHABLE = [r'in_blocks<[^>]*product_in_blocks.*auto:1\)#1']  # reads beta y, but products of sparse rows have no beta


def counts_of(kernels, isa):
    """How often functions, by name and file, and lines, by file and number, ran in the objects of one ISA."""
    functions, lines = Counter(), Counter()
    for data in sorted(glob.glob(f'{kernels}/liblanewise-{isa}.a.p/*.gcda')):
        text = subprocess.run(['gcov', '--json-format', '--stdout', data], capture_output=True, text=True, check=True).stdout
        for document in text.splitlines():
            for file in json.loads(document)['files']:
                path = file['file']
                if 'kernels/src/' not in path:
                    continue
                place = path[path.index('kernels/src/'):]
                for function in file['functions']:
                    functions[f'{place}: {function["demangled_name"]}'] += function['execution_count']
                for line in file['lines']:
                    lines[place, line['line_number']] += line['count']
    return functions, lines


def main():
    kernels, *programs = sys.argv[1:]
    isa = os.environ['LANEWISE_ISA']
    for old in glob.glob(f'{kernels}/liblanewise-{isa}.a.p/*.gcda'):
        os.remove(old)
    for program in programs:
        ran = subprocess.run([program], stdout=subprocess.DEVNULL)
        if ran.returncode != 0:
            sys.exit(ran.returncode)
    functions, lines = counts_of(kernels, isa)
    never = [name for name, count in sorted(functions.items())
             if count == 0 and not any(re.search(pattern, name) for pattern in UNREACHABLE)]
    never += [f'{file}:{number}' for (file, number), count in sorted(lines.items()) if count == 0]
    for what in never:
        print(f'never ran on {isa}: {what}')
    print(f'kernel_paths: {isa}: {len(functions)} functions and {len(lines)} lines, {len(never)} of which never ran')
    sys.exit(1 if never or not functions else 0)


if __name__ == '__main__':
    main()
