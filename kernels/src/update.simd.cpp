// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/loop.hpp"

namespace lanewise {

using namespace simd;

template <class Isa>
void update_kernels<Isa>::sgd(std::size_t n, float lr, const float* g, float* w) noexcept {
  const vf minus_lr = splat(-lr);
  for_each_register<short_body>(n, [&](std::size_t i, auto lanes) {
    lanes.store(w + i, fma(minus_lr, lanes.load(g + i), lanes.load(w + i)));
  });
}

template struct update_kernels<this_isa>;

}  // namespace lanewise
