// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/activations.hpp"

namespace lanewise {

using namespace simd;

template <class Isa>
void activation_kernels<Isa>::forward(activation act, std::size_t n, const float* x, float* y) noexcept {
  with_activation(act, [&](auto f) {
    for_each_register<f.forward_at_once>(n, [&](std::size_t i, auto lanes) { lanes.store(y + i, f.forward(lanes.load(x + i))); });
  });
}

template <class Isa>
void activation_kernels<Isa>::backward(activation act, std::size_t n, const float* x, const float* dy,
                                       float* dx) noexcept {
  with_activation(act, [&](auto f) {
    for_each_register<f.backward_at_once>(n, [&](std::size_t i, auto lanes) {
      lanes.store(dx + i, f.backward(lanes.load(x + i), lanes.load(dy + i)));
    });
  });
}

template struct activation_kernels<this_isa>;

}  // namespace lanewise
