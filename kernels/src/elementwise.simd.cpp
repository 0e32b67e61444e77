// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/activations.hpp"
#include "simd/row_updates.hpp"

namespace lanewise {

using namespace simd;

template <class Isa>
void elementwise_kernels<Isa>::add(std::size_t n, const float* a, const float* b, float* out) noexcept {
  map_registers<short_body>(n, [=](std::size_t i, auto lanes) { return lanes.load(a + i) + lanes.load(b + i); }, store_at(out));
}

template <class Isa>
void elementwise_kernels<Isa>::add_relu(std::size_t n, const float* z, const float* r, float* out) noexcept {
  map_registers<short_body>(
      n, [=](std::size_t i, auto lanes) { return lanes.load(r + i) + relu::forward(lanes.load(z + i)); }, store_at(out));
}

template <class Isa>
void elementwise_kernels<Isa>::add_relu_backward(std::size_t n, const float* z, const float* dout, float* dz,
                                                 float* dr) noexcept {
  struct gradients {
    vf z, r;
  };
  map_registers<short_body>(
      n,
      [=](std::size_t i, auto lanes) {
        const vf d = lanes.load(dout + i);
        return gradients{relu::backward(lanes.load(z + i), d), d};
      },
      [=](std::size_t i, auto lanes, const gradients& d) {
        lanes.store(dz + i, d.z);
        lanes.store(dr + i, d.r);
      });
}

template <class Isa>
void elementwise_kernels<Isa>::axpy(std::size_t n, float alpha, const float* x, float* y) noexcept {
  update_row(n, alpha, x, y);
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
