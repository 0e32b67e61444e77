# SPDX-License-Identifier: MIT
"""What a figure depends on beside the code."""

import os
import platform
from pathlib import Path


def describe():
    model = [line.partition(':')[2].strip() for line in Path('/proc/cpuinfo').read_text().splitlines()
             if line.startswith('model name')]
    return f'{model[0] if model else platform.machine()}, {os.cpu_count()} cores'
