# SPDX-License-Identifier: MIT
"""The builds that tools/test --all makes beside that of tools/test, and which of the tests run in each."""

from dataclasses import dataclass
from pathlib import Path

X86 = ('avx512', 'avx2', 'sse2')
BITS = ('golden', 'digest')  # the tests on one set of bits
BITS_PROGRAMS = ('tests/golden-run', 'tests/bits-digest')


@dataclass(frozen=True)
class Build:
    name: str  # of a build for AArch64: that of its cross file (see aarch64-sysroot) and -neon
    compiler: str = 'g++'
    options: tuple = ()  # for meson setup
    isas: tuple = X86
    tests: tuple = ()  # patterns of names; none: all
    programs: tuple = ('all',)  # that ninja makes


def bits_only(name, compiler, **more):
    return Build(name, compiler, tests=BITS, programs=BITS_PROGRAMS, **more)


def last_flag(flag, compiler):
    return f'{Path(__file__).resolve().parent}/with-flag {flag} {compiler}'


COMPILERS = {'gcc': 'g++', 'clang-14': 'clang++-14', 'clang-19': 'clang++-19'}
BUILDS = [
    Build('clang-14', 'clang++-14'),
    Build('clang-19', 'clang++-19'),
    Build('gcc-neon', isas=('neon64',)),
    bits_only('clang-14-neon', '', isas=('neon64',)),
    bits_only('clang-19-neon', '', isas=('neon64',)),
    Build('gcc-debug-static', options=('--buildtype=debug', '-Ddefault_library=static', '-Dbench=disabled')),
    # A -march from outside must not raise the ISA of any kernel; what it does to programs is what was asked for.
    Build('gcc-native-shared', options=('-Ddefault_library=shared', '-Dcpp_args=-march=native', '-Dbench=disabled'),
          tests=BITS + ('symbols', 'exports', 'object code*', 'consumer*')),
    bits_only('gcc-avx2-sse2', 'g++', options=('-Disas=avx2,sse2',), isas=('avx2', 'sse2')),
    bits_only('gcc-sse2', 'g++', options=('-Disas=sse2',), isas=('sse2',)),
    *(bits_only(f'{name}{flag}', last_flag(flag, compiler))
      for name, compiler in COMPILERS.items() for flag in ('-O1', '-O2')),
]
