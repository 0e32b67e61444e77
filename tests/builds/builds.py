# SPDX-License-Identifier: MIT
"""The build of tools/test, those that tools/test --all makes beside it, and which of the tests run in each."""

from dataclasses import dataclass
from pathlib import Path

X86 = ('avx512', 'avx2', 'sse2')
BITS = ('golden', 'digest')  # the tests on one set of bits
BITS_PROGRAMS = ('tests/golden-run', 'tests/bits-digest')


# Commands beside the programs of the build and the files with what is expected.
EMULATED_BITS = (
    'export LANEWISE_ISA=avx512',
    'mkdir out && ./golden-run out && (cd out && sha256sum -c ../golden.sha256) && echo ran model@avx512',
    './bits-digest >digest && cmp digest bits_digest.txt && echo ran kernels@avx512')
EMULATED_SUITES = (
    'export LANEWISE_TEST_THINNED=guards',
    './model && echo ran model@avx512',
    './kernels && echo ran kernels@avx512')


@dataclass(frozen=True)
class Build:
    name: str  # of a build for AArch64: that of its cross file (see aarch64-sysroot) and -neon
    compiler: str = 'g++'
    options: tuple = ()  # for meson setup
    isas: tuple = X86
    tests: tuple = ()  # patterns of names; none: all
    programs: tuple = ('all',)  # that ninja makes
    timeouts: int = 4  # times those of the tests: emulation is slow, and two builds share the machine
    thinned: bool = False  # grids of like calls (tests/support/isa.hpp): where the CPU is emulated, or code is slow
    left_out: tuple = ()  # names of tests that other builds show as well
    nightly: bool = False  # left out of --all, for want of time
    nightly_if_emulated: bool = False  # the same where AVX-512 is emulated, which takes a core for over 20 minutes
    only_usable: bool = False  # compiles no ISA that the CPU here lacks: its tests would be skipped
    emulated_avx512: tuple = ()  # EMULATED_BITS and more: run on an emulated CPU where the one here has no AVX-512


def bits_only(name, compiler, **more):
    return Build(name, compiler, tests=BITS, programs=BITS_PROGRAMS, **more)


def last_flag(flag, compiler):
    return f'{Path(__file__).resolve().parent}/with-flag {flag} {compiler}'


SLOW_SCRIPTS = ('older x86 CPUs', 'fetch-mnist')  # gcc runs them
COMPILERS = {'gcc': 'g++', 'clang-14': 'clang++-14', 'clang-19': 'clang++-19'}
NATIVE = Build('gcc', timeouts=1, emulated_avx512=EMULATED_BITS + EMULATED_SUITES)  # the one that tools/test makes
BUILDS = [
    Build('clang-14', 'clang++-14', left_out=SLOW_SCRIPTS, emulated_avx512=EMULATED_BITS, options=('-Dbench=disabled',)),
    Build('clang-19', 'clang++-19', left_out=SLOW_SCRIPTS, emulated_avx512=EMULATED_BITS),
    Build('gcc-neon', isas=('neon64',), thinned=True),
    bits_only('clang-14-neon', '', isas=('neon64',)),
    bits_only('clang-19-neon', '', isas=('neon64',)),
    Build('gcc-debug-static', thinned=True, left_out=SLOW_SCRIPTS,
          options=('--buildtype=debug', '-Ddefault_library=static', '-Dbench=disabled')),
    # A -march from outside must not raise the ISA of any kernel; what it does to programs is what was asked for.
    Build('gcc-native-shared', tests=BITS + ('symbols', 'exports', 'object code*', 'consumer*'), programs=BITS_PROGRAMS,
          options=('-Ddefault_library=shared', '-Dcpp_args=-march=native', '-Dbench=disabled', '-Dtools=disabled')),
    Build('gcc-coverage', isas=(), tests=('kernel paths',), programs=('tests/kernels', 'tests/model'), only_usable=True,
          options=('-Db_coverage=true', '-Dbench=disabled', '-Dtools=disabled')),
    bits_only('gcc-avx2-sse2', 'g++', options=('-Disas=avx2,sse2',), isas=('avx2', 'sse2')),
    bits_only('gcc-sse2', 'g++', options=('-Disas=sse2',), isas=('sse2',)),
    *(bits_only(f'{name}{flag}', last_flag(flag, compiler), only_usable=True, nightly=name == 'clang-14',
                nightly_if_emulated=flag == '-O2')
      for name, compiler in COMPILERS.items() for flag in ('-O1', '-O2')),
]


def is_nightly(build, usable):
    return build.nightly or (build.nightly_if_emulated and 'avx512' not in usable)
