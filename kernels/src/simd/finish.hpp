// SPDX-License-Identifier: MIT
// The epilogue of a matrix product: out = act(product + bias) + residual, register by register.
#pragma once

#include "../per_isa.hpp"
#include "activations.hpp"
#include "loop.hpp"

namespace lanewise::simd {
namespace {

// One register of products at columns j, j + 1, ...; `bias` and `residual` are rows, either may be null.
template <class Act, class Lanes>
inline vf finish(Act act, vf product, const float* bias, const float* residual, std::size_t j, Lanes lanes) noexcept {
  if (bias != nullptr) product = product + lanes.load(bias + j);
  product = act.forward(product);
  if (residual != nullptr) product = product + lanes.load(residual + j);
  return product;
}

// y = act(products + beta y + bias) + residual for n elements. `products` is not y, but e.residual may be y: each element
// is read before it is written.
inline void finish_row(std::size_t n, const float* products, float beta, float* y, const raw_epilogue& e) noexcept {
  with_activation(e.act, [&](auto act) {
    for_each_register(n, [&](std::size_t j, auto lanes) {
      vf product = lanes.load(products + j);
      if (beta != 0) product = fma(splat(beta), lanes.load(y + j), product);
      lanes.store(y + j, finish(act, product, e.bias, e.residual, j, lanes));
    });
  });
}

inline raw_epilogue advanced(const raw_epilogue& e, std::size_t j) noexcept {
  return {e.bias == nullptr ? nullptr : e.bias + j, e.residual == nullptr ? nullptr : e.residual + j,
          e.residual_stride, e.act};
}

}  // namespace
}  // namespace lanewise::simd
