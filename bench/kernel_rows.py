# SPDX-License-Identifier: MIT
"""The shapes that `tools/bench kernels` compares, what they cost, and the marks that they must reach."""

from dataclasses import dataclass

VECTOR_PRODUCTS = ('gemv', 'gemv_t', 'ger')
MATRIX_PRODUCTS = ('gemm_nn', 'gemm_nt', 'gemm_tn')
ROOFS = ('read', 'write', 'update')  # and fma
SMOOTH = ('leaky-relu', 'elu', 'gelu', 'gelu-tanh', 'silu', 'tanh', 'sigmoid')
ELEMENTWISE = ('relu', 'add', 'sgd', 'exp') + SMOOTH
# How many arrays each changes.
UPDATES = {'update_sgd': 1, 'update_momentum': 2, 'update_nesterov': 2, 'update_rmsprop': 2, 'update_adam': 3,
           'update_adamw': 3}
LARGE_UPDATE = 1 << 24


@dataclass(frozen=True)
class Row:
    kernel: str
    m: int
    n: int
    k: int = 1

    @property
    def name(self):
        if self.kernel in MATRIX_PRODUCTS:
            return f'{self.kernel} {self.m}x{self.n}x{self.k}'
        return f'{self.kernel} {self.n}' if self.kernel in (*ELEMENTWISE, *UPDATES) else f'{self.kernel} {self.m}x{self.n}'

    @property
    def flops(self):
        if self.kernel in VECTOR_PRODUCTS + MATRIX_PRODUCTS:
            return 2 * self.m * self.n * self.k
        return {'add': self.n, 'sgd': 2 * self.n, 'fma': 2 * self.n}.get(self.kernel, 0)

    @property
    def bytes(self):
        """Each operand once when it is read and once when it is written."""
        if self.kernel in ROOFS:
            return 4 * self.n * (2 if self.kernel == 'update' else 1)
        m, n, k = self.m, self.n, self.k
        if self.kernel in UPDATES:
            return 4 * (1 + 2 * m) * n
        if self.kernel in SMOOTH:
            return 4 * 2 * n
        floats = {'gemv': m * n + n + m, 'gemv_t': m * n + n + m, 'ger': 2 * m * n + m + n, 'relu': 2 * n, 'exp': 2 * n,
                  'add': 3 * n, 'sgd': 3 * n, 'softmax_cross_entropy': 2 * m * n + m}
        return 4 * floats.get(self.kernel, m * k + k * n + m * n)


def vector_products():
    shapes = [(10, 16), (16, 16), (24, 384), (16, 784), (32, 784), (64, 784), (128, 784), (128, 128)]
    shapes += [(n, n) for n in (512, 1024, 2048, 4096, 8192)]
    return [Row(kernel, m, n) for kernel in VECTOR_PRODUCTS for m, n in shapes]


def matrix_products():
    """A layer in -> out on a batch: forward, gradient of its input, gradient of its weights; and squares."""
    rows = []
    for inputs, outputs in ((784, 16), (16, 16), (16, 10), (784, 128), (128, 128), (512, 512), (1024, 1024)):
        for batch in (8, 64, 256, 1024):
            rows += [Row('gemm_nn', batch, outputs, inputs), Row('gemm_nt', batch, inputs, outputs),
                     Row('gemm_tn', inputs, outputs, batch)]
    rows += [Row(kernel, n, n, n) for n in (64, 128, 256, 512, 1024, 2048) for kernel in MATRIX_PRODUCTS]
    return list(dict.fromkeys(rows))


def elementwise():
    rows_and_batches = [(n, batch) for n in (10, 100, 1000) for batch in (1, 64, 1024)]
    return ([Row('softmax_cross_entropy', batch, n) for n, batch in rows_and_batches] +
            [Row(kernel, 1, n * batch) for kernel in ('relu', 'add', 'sgd', 'exp') for n, batch in rows_and_batches] +
            [Row(kernel, 1, n) for kernel in SMOOTH for n in (1 << 10, 1 << 16, 1 << 22)])


def updates():
    return [Row(kernel, m, n) for kernel, m in UPDATES.items() for n in (1000, 64000, LARGE_UPDATE)]


def all_rows():
    return vector_products() + matrix_products() + elementwise() + updates()


@dataclass(frozen=True)
class Mark:
    """What a set of results must reach. `value` is a fraction of the set, or the least of a figure over it."""
    text: str
    wanted: float
    value: float

    @property
    def holds(self):
        return self.value >= self.wanted


def share(results, holds):
    """1 where there is nothing to hold."""
    return sum(map(holds, results)) / len(results) if results else 1.0


def least(results, figure):
    return min(map(figure, results), default=float('inf'))


def marks(results, isa):
    """results: each with .row, .ratio (best rival / lanewise), .roof_share, .eigen_ratio, .error."""
    def of(kernels):
        return [result for result in results if result.row.kernel in kernels]

    def ratio(result):
        return result.ratio

    found = []
    for kernels, text, most, least_ratio, led in ((VECTOR_PRODUCTS, 'gemv, gemv_t, ger', 0.9, 0.85, 0.5),
                                                  (MATRIX_PRODUCTS, 'gemm', 0.8, 0.8, 1 / 3)):
        some = of(kernels)
        found += [Mark(f'{text}: rows at 0.95x the best rival or better', most, share(some, lambda r: r.ratio >= 0.95)),
                  Mark(f'{text}: least ratio', least_ratio, least(some, ratio)),
                  Mark(f'{text}: rows led', led, share(some, lambda r: r.ratio > 1))]
    vector = of(VECTOR_PRODUCTS)
    found += [Mark('gemv, gemv_t, ger: least share of the loop that only moves, above 64 KB', 0.9,
                   least([r for r in vector if 4 * r.row.m * r.row.n > 65536], lambda r: r.roof_share)),
              Mark('the same, 24 to 64 KB', 0.8 if isa == 'avx512' else 0.65,
                   least([r for r in vector if 24576 <= 4 * r.row.m * r.row.n <= 65536], lambda r: r.roof_share))]
    large = [r for r in of(MATRIX_PRODUCTS) if r.row.m * r.row.n * r.row.k >= 64 * 784 * 128]
    found += [Mark('gemm from 64x784x128 up: least share of the FMA peak', 0.85, least(large, lambda r: r.roof_share)),
              Mark('the same: rows at 90 % of the peak', 0.5, share(large, lambda r: r.roof_share >= 0.9)),
              Mark('softmax_cross_entropy, relu, add, sgd: least ratio', 0.95,
                   least(of(('softmax_cross_entropy', 'relu', 'add', 'sgd')), ratio)),
              Mark('update by any optimiser, 16M weights: least share of the loop that only moves', 0.9,
                   least([r for r in of(UPDATES) if r.row.n == LARGE_UPDATE], lambda r: r.roof_share)),
              Mark('activations: least ratio', 0.95, least(of(SMOOTH), ratio)),
              Mark("exp: least ratio to Eigen's", 0.85, least(of(('exp',)), lambda r: r.eigen_ratio)),
              Mark('exp: 1 / largest error in ULP', 1.0, 1 / max([r.error for r in of(('exp',))], default=1.0))]
    return found
