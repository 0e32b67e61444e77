// SPDX-License-Identifier: MIT
// Element by element: residual add, fused add and ReLU, axpy; and column sums (the gradient of a bias).
// Sizes must be equal. Where "in place" is said an output may be exactly an input; no other overlap is allowed.
// Overlap, alignment, shape errors, equal bits: as in gemv.hpp. References in double: kernels/ref/elementwise.hpp.
#pragma once

#include <span>

#include <lanewise/matrix_view.hpp>

namespace lanewise {

// out_i = a_i + b_i. One rounding. In place: out may be a or b.
void add(std::span<const float> a, std::span<const float> b, std::span<float> out) noexcept;

// out_i = r_i + relu(z_i): the seed's h_1 = ReLU(z_1), a_1 = a_0 + h_1 in one pass. One rounding. In place: out may be z or r.
void add_relu(std::span<const float> z, std::span<const float> r, std::span<float> out) noexcept;

// The gradients of add_relu: dz_i = z_i > 0 ? dout_i : 0, dr_i = dout_i. Exact. In place: dz may be z or dout; dr may be dout.
void add_relu_backward(std::span<const float> z, std::span<const float> dout, std::span<float> dz,
                       std::span<float> dr) noexcept;

// y_i = fma(alpha, x_i, y_i). One rounding.
void axpy(float alpha, std::span<const float> x, std::span<float> y) noexcept;

// y_j = beta y_j + sum_i A_ij                 A [m, n], y [n].  beta == 0: y is not read.
// One chain of additions over ascending i that starts at beta y_j: |err_j| <= gamma_{m+1} (sum_i |A_ij| + |beta y_j|).
void column_sums(const matrix_view<const float>& a, std::span<float> y, float beta = 0) noexcept;

}  // namespace lanewise
