# SPDX-License-Identifier: MIT
"""How long the load, store and fma units are busy at least with one sample of a training at batch 1 that skips zero pixels.

Counted are the instructions that the algorithm cannot do without, on vectors of the ISA's width: a weight is loaded once in the
forward pass, and once for its update and the gradient of its layer's input, and stored once; of W0 only the rows of pixels that
are not zero. Units work beside each other; nothing waits. So it is a bound, and none that can be reached: the chain from the
first sum to the first update alone has some hundred cycles of latency.
"""

from dataclasses import dataclass

WIDTH = {'avx512': 16, 'avx2': 8, 'sse2': 4, 'neon64': 4}  # floats of a vector
CLASSES = 16  # 10, padded


@dataclass(frozen=True)
class Counts:
    """Of one sample. weight_*: vectors of the first layer; small_*: of the others; list_*: of the list of pixels."""
    weight_loads: float
    weight_stores: float
    small_loads: float
    small_stores: float
    list_loads: float
    list_stores: float
    fma: float

    @property
    def loads(self):
        return self.weight_loads + self.small_loads + self.list_loads

    @property
    def stores(self):
        return self.weight_stores + self.small_stores + self.list_stores


def counts(isa, hidden, nonzero, inputs=784):
    width = WIDTH[isa]
    row = hidden / width
    small = hidden * hidden / width + hidden * CLASSES / width  # vectors of W1 and W2
    listed = nonzero / width  # vectors of indices, and as many of values
    return Counts(weight_loads=2 * nonzero * row, weight_stores=nonzero * row, small_loads=2 * small, small_stores=small,
                  # made once (bytes read, both lists written), read in the forward pass and in the update
                  list_loads=inputs / (4 * width) + 2 * 2 * listed, list_stores=2 * listed,
                  fma=2 * nonzero * row + 3 * small)


@dataclass(frozen=True)
class Rates:
    """Vectors a nanosecond, measured: loads and stores in L1 and where a sample's rows of W0 lie, fma in registers."""
    load: float
    store: float
    weight_load: float
    weight_store: float
    fma: float


def bound(c, rates):
    """Nanoseconds by unit; the largest is the bound."""
    return {'loads': c.weight_loads / rates.weight_load + (c.loads - c.weight_loads) / rates.load,
            'stores': c.weight_stores / rates.weight_store + (c.stores - c.weight_stores) / rates.store,
            'fma': c.fma / rates.fma}


def measure(isa, hidden, nonzero, best_rate):
    """best_rate(kernel, floats): GB/s of 'read' and 'write' of that many floats, GFLOP/s of 'fma'."""
    vector = 4 * WIDTH[isa]
    in_l1, weights = 2048, round(nonzero) * hidden
    rates = {(kernel, size): best_rate(kernel, size) / vector for kernel in ('read', 'write') for size in (in_l1, weights)}
    return Rates(rates['read', in_l1], rates['write', in_l1], rates['read', weights], rates['write', weights],
                 best_rate('fma', 1 << 20) / (2 * WIDTH[isa]))


def explain(isa, hidden, nonzero, c, rates, by_unit):
    """Lines that give the model with its inputs."""
    unit = max(by_unit, key=by_unit.get)
    return [
        f'784-{hidden}-{hidden}r-10, batch 1, {nonzero:.1f} non-zero pixels a sample (mean of the data), vectors of '
        f'{WIDTH[isa]} floats:',
        f'  loads  {c.loads:7.0f} = {c.weight_loads:.0f} of W0 (forward, update) + {c.small_loads:.0f} of W1 and W2 + '
        f'{c.list_loads:.0f} of lists; a ns: {rates.load:.2f} in L1, {rates.weight_load:.2f} in those rows'
        f' -> {by_unit["loads"]:.0f} ns',
        f'  stores {c.stores:7.0f} = {c.weight_stores:.0f} + {c.small_stores:.0f} + {c.list_stores:.0f}; a ns: '
        f'{rates.store:.2f} in L1, {rates.weight_store:.2f} in those rows -> {by_unit["stores"]:.0f} ns',
        f'  fma    {c.fma:7.0f}; a ns: {rates.fma:.2f} -> {by_unit["fma"]:.0f} ns',
        f'  bound: {by_unit[unit]:.0f} ns ({unit})',
    ]
