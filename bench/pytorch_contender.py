# SPDX-License-Identifier: MIT
"""PyTorch among the contenders of `tools/bench train`, where a python has it: this one, or the one in LANEWISE_PYTORCH."""

import os
import subprocess
import sys
from pathlib import Path

from contenders import Setting
from trainer_contender import Trainer

PYTHON = os.environ.get('LANEWISE_PYTORCH', sys.executable)
HINT = 'LANEWISE_PYTORCH=PYTHON names a python that has torch and numpy'
INSTRUCTIONS = {'avx2': 'AVX2', 'avx512': 'AVX512'}


class PyTorch(Trainer):
    """It reads what another contender writes."""

    @classmethod
    def command(cls, setting, folder):
        return [PYTHON, Path(__file__).parent / 'peers/training/pytorch.py']


def is_there():
    try:
        return subprocess.run([PYTHON, '-c', 'import numpy, torch'], capture_output=True).returncode == 0
    except OSError:
        return False


def contenders(isa, scratch):
    """Both of its ways; `scratch` is the folder of the tasks."""
    name = INSTRUCTIONS[isa]
    held = {'ATEN_CPU_CAPABILITY': isa, 'MKL_ENABLE_INSTRUCTIONS': name,
            'ONEDNN_MAX_CPU_ISA': {'avx2': 'AVX2', 'avx512': 'AVX512_CORE'}[isa]}
    return [PyTorch(Setting(f'PyTorch {way}', 'pytorch', held, name, (way, scratch)), None) for way in ('eager', 'best')]
