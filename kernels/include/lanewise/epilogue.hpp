// SPDX-License-Identifier: MIT
// What a matrix product does to its result before storing it: bias, activation, residual. Fusion is data.
#pragma once

#include <span>

#include <lanewise/activation.hpp>
#include <lanewise/matrix_view.hpp>

namespace lanewise {

// out = act(product + bias) + residual, in this order (the seed's: a_1 = a_0 + ReLU(W_1 a_0 + b_1)).
// `product` includes the beta term. Every part is optional.
struct epilogue {
  std::span<const float> bias = {};            // one per output column (gemm), per output element (gemv, gemv_t)
  activation act = activation::identity;
  matrix_view<const float> residual = {};      // shape of the output; gemv: one row. May be the output itself, exactly.
};

// What products have if nothing is said: in one place, so that no call has to make one.
inline constexpr epilogue no_epilogue{};

}  // namespace lanewise
