// SPDX-License-Identifier: MIT
// The epilogue of a matrix product: out = act(product + bias) + residual, register by register. Of the activations only
// identity and relu are part of the products, which have a copy each for every shape of theirs: the others, some ten times as
// long, are there once, in activation.simd.cpp, and work on outputs that have just been written, in L1.
#pragma once

#include "../per_isa.hpp"
#include "activations.hpp"
#include "row_lanes.hpp"

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

// Whether there is nothing to be done; and whether y = products is all that is asked for.
inline bool is_plain(const raw_epilogue& e) noexcept {
  return e.bias == nullptr && e.residual == nullptr && e.act.kind == activation_kind::identity;
}
inline bool is_plain(const gemv_call& call) noexcept { return call.beta == 0 && is_plain(call.epilogue); }

// What gemv and gemv_t do with their products is one of two types. y = products:
struct plain_vector {
  float* y;

  // One register of products, at element j.
  template <class Lanes>
  void put(std::size_t j, vf product, Lanes lanes) const noexcept {
    lanes.store(y + j, product);
  }

  // Few registers of them, from element j on.
  template <std::size_t registers, class Last>
  void put_row(std::size_t j, const vf (&products)[registers], row_lanes<registers, Last> lanes) const noexcept {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < registers; ++v) lanes.store(y + j, v, products[v]);
  }
};

// y = act(products + beta y + bias) + residual. The residual may be y: each element is read before it is written.
struct output_vector {
  const gemv_call& call;

  bool reads_memory() const noexcept { return call.beta != 0 || call.epilogue.residual != nullptr; }

  // One register of products, at element j. The switch on the activation is always foreseen.
  template <class Lanes>
  void put(std::size_t j, vf product, Lanes lanes) const noexcept {
    with_inline_activation(call.epilogue.act, [&](auto act) { put(act, j, product, lanes); });
  }

  template <std::size_t registers, class Last>
  void put_row(std::size_t j, const vf (&products)[registers], row_lanes<registers, Last> lanes) const noexcept {
#pragma GCC unroll 8
    for (std::size_t v = 0; v + 1 < registers; ++v) put(j + v * width, products[v], whole{});
    put(j + (registers - 1) * width, products[registers - 1], lanes.last);
  }

  // n products, which may lie in y, from element j on.
  void put_all(std::size_t j, std::size_t n, const float* products) const noexcept {
    with_inline_activation(call.epilogue.act, [&](auto act) {
      for_each_register(n, [&](std::size_t i, auto lanes) { put(act, j + i, lanes.load(products + i), lanes); });
    });
  }

 private:
  template <class Act, class Lanes>
  void put(Act act, std::size_t j, vf product, Lanes lanes) const noexcept {
    if (call.beta != 0) product = fma(splat(call.beta), lanes.load(call.y + j), product);
    lanes.store(call.y + j, finish(act, product, call.epilogue.bias, call.epilogue.residual, j, lanes));
  }
};

// n products over nothing.
template <class Out>
[[gnu::noinline]] void put_zeros(std::size_t n, Out out) noexcept {
  for_each_register(n, [&](std::size_t j, auto lanes) { out.put(j, zero(), lanes); });
}

// A product with an activation that is not inline, so many outputs at a time that they stay in L1:
// product(first, count, part) makes `count` outputs from `first` on in a buffer, without activation and residual. A function
// of its own: other products shall not pay for the buffer.
template <class Product>
[[gnu::noinline]] void in_blocks(const gemv_call& call, std::size_t outputs, const Product& product) noexcept {
  constexpr std::size_t most = 1024;  // 4 KB
  alignas(64) float z[most];
  const raw_epilogue& e = call.epilogue;
  for (std::size_t first = 0; first < outputs; first += most) {
    const std::size_t count = smaller(most, outputs - first);
    float* y = call.y + first;
    gemv_call part = call;
    part.y = z;
    part.epilogue = {e.bias == nullptr ? nullptr : e.bias + first, nullptr, 0, {}};
    if (call.beta != 0) for_each_register(count, [&](std::size_t i, auto lanes) { lanes.store(z + i, lanes.load(y + i)); });
    product(first, count, part);
    activation_kernels<this_isa>::forward(e.act, count, z, z);
    for_each_register(count, [&](std::size_t i, auto lanes) {
      const vf out = lanes.load(z + i);
      lanes.store(y + i, e.residual == nullptr ? out : out + lanes.load(e.residual + first + i));
    });
  }
}

}  // namespace
}  // namespace lanewise::simd
