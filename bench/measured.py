# SPDX-License-Identifier: MIT
"""Figures from rounds in which contenders took turns."""

import math


def median_interval(values):
    """Of the median, at 95 %: order statistics, by the binomial distribution."""
    ordered, n = sorted(values), len(values)
    reach = math.ceil(0.98 * math.sqrt(n))
    return ordered[max(0, n // 2 - reach)], ordered[min(n - 1, n // 2 + reach)]


def ratios(theirs, ours):
    return [a / b for a, b in zip(theirs, ours)]
