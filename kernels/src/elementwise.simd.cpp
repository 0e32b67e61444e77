// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/activations.hpp"
#include "simd/loop.hpp"

namespace lanewise {

using namespace simd;

template <class Isa>
void elementwise_kernels<Isa>::add(std::size_t n, const float* a, const float* b, float* out) noexcept {
  for_each_register<short_body>(n, [&](std::size_t i, auto lanes) { lanes.store(out + i, lanes.load(a + i) + lanes.load(b + i)); });
}

template <class Isa>
void elementwise_kernels<Isa>::add_relu(std::size_t n, const float* z, const float* r, float* out) noexcept {
  for_each_register<short_body>(n, [&](std::size_t i, auto lanes) {
    lanes.store(out + i, lanes.load(r + i) + relu::forward(lanes.load(z + i)));
  });
}

template <class Isa>
void elementwise_kernels<Isa>::add_relu_backward(std::size_t n, const float* z, const float* dout, float* dz,
                                                 float* dr) noexcept {
  for_each_register<short_body>(n, [&](std::size_t i, auto lanes) {
    const vf d = lanes.load(dout + i);
    lanes.store(dz + i, relu::backward(lanes.load(z + i), d));
    lanes.store(dr + i, d);
  });
}

template <class Isa>
void elementwise_kernels<Isa>::axpy(std::size_t n, float alpha, const float* x, float* y) noexcept {
  const vf factor = splat(alpha);
  for_each_register<short_body>(n, [&](std::size_t i, auto lanes) {
    lanes.store(y + i, fma(factor, lanes.load(x + i), lanes.load(y + i)));
  });
}

template <class Isa>
void elementwise_kernels<Isa>::column_sums(std::size_t m, std::size_t n, const float* a, std::size_t lda, float beta,
                                           float* y) noexcept {
  for_each_register(n, [&](std::size_t j, auto lanes) {
    vf sum = beta == 0 ? zero() : splat(beta) * lanes.load(y + j);
    for (std::size_t i = 0; i < m; ++i) sum = sum + lanes.load(a + i * lda + j);
    lanes.store(y + j, sum);
  });
}

template struct elementwise_kernels<this_isa>;

}  // namespace lanewise
