// SPDX-License-Identifier: MIT
#include "simd/math.hpp"

#include "per_isa.hpp"
#include "simd/loop.hpp"

namespace lanewise {

using namespace simd;

template <class Isa>
void math_kernels<Isa>::exp(std::size_t n, const float* x, float* y) noexcept {
  for_each_register(n, [&](std::size_t i, auto lanes) { lanes.store(y + i, simd::exp(lanes.load(x + i))); });
}

template <class Isa>
void math_kernels<Isa>::log(std::size_t n, const float* x, float* y) noexcept {
  for_each_register(n, [&](std::size_t i, auto lanes) { lanes.store(y + i, simd::log(lanes.load(x + i))); });
}

template struct math_kernels<this_isa>;

}  // namespace lanewise
