#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the figures of `tools/bench kernels --json FILE` as a roofline: roofline.py FILE SVG. `tools/bench roofline` does both.

One panel an ISA, both axes logarithmic: floating-point operations a byte that must move, and GFLOP/s. Lines are the roofs
measured in the same run; a dot is lanewise at one shape, a ring the best rival there.
"""

import json
import math
import sys
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 900, 560
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 50
COLORS = {'gemv': '#1f77b4', 'gemv_t': '#17becf', 'ger': '#2ca02c', 'gemm_nn': '#d62728', 'gemm_nt': '#ff7f0e',
          'gemm_tn': '#9467bd', 'add': '#7f7f7f', 'sgd': '#8c564b'}


class Scale:
    """From a logarithmic range to pixels."""

    def __init__(self, low, high, first, last):
        self.low, self.high = low, high
        self.first, self.last = first, last

    def __call__(self, value):
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.first + share * (self.last - self.first)

    def ticks(self):
        """Powers of ten within."""
        exponent = math.ceil(math.log10(self.low))
        while 10 ** exponent <= self.high:
            yield 10 ** exponent
            exponent += 1


def text(x, y, words, size=12, anchor='start', color='#222', more=''):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{color}" {more}>'
            f'{escape(words)}</text>')


def line(x1, y1, x2, y2, color, more=''):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" {more}/>'


def best_rival_time(row):
    return min(time for name, time in row['times'].items() if name != 'lanewise' and not name.startswith('roof'))


def panel(isa, figures, top):
    """The drawing of one ISA, from pixel row `top` on."""
    rows = [row for row in figures['rows'] if row['flops']]
    roofs = figures['roofs']
    intensities = [row['flops'] / row['bytes'] for row in rows]
    x = Scale(min(intensities + [0.1]) / 1.5, max(intensities + [100]) * 1.5, LEFT, WIDTH - RIGHT)
    y = Scale(0.5, roofs['fma'] * 1.6, top + HEIGHT - BOTTOM, top + TOP)
    parts = [text(LEFT, top + 22, f'{isa}: GFLOP/s over operations a byte', 15)]
    for tick in x.ticks():
        parts += [line(x(tick), y.first, x(tick), y.last, '#eee'), text(x(tick), y.first + 18, f'{tick:g}', 12, 'middle')]
    for tick in y.ticks():
        parts += [line(x.first, y(tick), x.last, y(tick), '#eee'), text(LEFT - 8, y(tick) + 4, f'{tick:g}', 12, 'end')]
    parts.append(text((x.first + x.last) / 2, y.first + 38, 'operations a byte', 12, 'middle'))
    parts += [line(x(roofs['fma'] / max(r['read'] for k, r in roofs.items() if k != 'fma')), y(roofs['fma']), x.last,
                   y(roofs['fma']), '#222', 'stroke-width="2"'),
              text(x.last - 4, y(roofs['fma']) - 6, f'fma {roofs["fma"]:.0f} GFLOP/s', 12, 'end')]
    for level, rates in roofs.items():
        if level == 'fma':
            continue
        for what, style in (('read', ''), ('update', 'stroke-dasharray="5 4"')):
            start = max(x.low, y.low / rates[what])
            end = min(x.high, roofs['fma'] / rates[what])
            parts.append(line(x(start), y(start * rates[what]), x(end), y(end * rates[what]), '#888', style))
        parts.append(text(x(start) + 4, y(start * rates['read']) - 8, f'{level} {rates["read"]:.0f} GB/s', 11, color='#666'))
    for row, intensity in zip(rows, intensities):
        color = COLORS[row['kernel']]
        tip = f'<title>{escape(row["row"])}: {row["flops"] / row["time"]:.1f} GFLOP/s, {row["ratio"]:.2f} of {escape(row["rival"])}</title>'
        rival = row['flops'] / best_rival_time(row)
        parts += [f'<circle cx="{x(intensity):.1f}" cy="{y(max(rival, y.low)):.1f}" r="5" fill="none" stroke="{color}"/>',
                  f'<circle cx="{x(intensity):.1f}" cy="{y(max(row["flops"] / row["time"], y.low)):.1f}" r="3" '
                  f'fill="{color}">{tip}</circle>']
    kernels = [kernel for kernel in COLORS if any(row['kernel'] == kernel for row in rows)]
    legend = WIDTH - RIGHT + 20
    for i, kernel in enumerate(kernels):
        parts += [f'<circle cx="{legend}" cy="{top + TOP + 20 * i}" r="4" fill="{COLORS[kernel]}"/>',
                  text(legend + 12, top + TOP + 20 * i + 4, kernel)]
    below = top + TOP + 20 * len(kernels) + 10
    parts += [text(legend - 4, below, 'dot: lanewise', 11), text(legend - 4, below + 16, 'ring: best rival', 11),
              text(legend - 4, below + 32, 'line: reading', 11), text(legend - 4, below + 48, 'dashed: updating', 11)]
    return parts


def draw(report):
    height = HEIGHT * len(report)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif">',
             f'<rect width="{WIDTH}" height="{height}" fill="white"/>']
    for i, (isa, figures) in enumerate(report.items()):
        parts += panel(isa, figures, i * HEIGHT)
    return '\n'.join(parts + ['</svg>', ''])


def main():
    source, drawing = map(Path, sys.argv[1:])
    drawing.write_text(draw(json.loads(source.read_text())))
    print(f'written: {drawing} and {source}')


if __name__ == '__main__':
    main()
