// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/activations.hpp"

namespace lanewise {

using namespace simd;

template <class Isa>
void activation_kernels<Isa>::forward(activation act, std::size_t n, const float* x, float* y) noexcept {
  with_activation(act, [&](auto f) {
    map_registers<f.forward_at_once>(n, [=](std::size_t i, auto lanes) { return f.forward(lanes.load(x + i)); }, store_at(y));
  });
}

template <class Isa>
void activation_kernels<Isa>::backward(activation act, std::size_t n, const float* x, const float* dy,
                                       float* dx) noexcept {
  with_activation(act, [&](auto f) {
    map_registers<f.backward_at_once>(
        n, [=](std::size_t i, auto lanes) { return f.backward(lanes.load(x + i), lanes.load(dy + i)); }, store_at(dx));
  });
}

template struct activation_kernels<this_isa>;

}  // namespace lanewise
