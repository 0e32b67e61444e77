// SPDX-License-Identifier: MIT
// Matrix times vector, in both directions, and the rank-1 update. Row-major, float, any shape, any stride.
//
// Common to all: only the operands' elements are touched. Alignment is never required. Operands that are written may
// not overlap others, except as the epilogue says. Empty dimensions are fine: a product over nothing is 0.
// Shape errors go to the contract handler (contract.hpp). No allocation, no threads, no state but the active ISA.
// Bits are the same on every ISA. u = 2^-24, gamma_k = k u / (1 - k u); bounds hold without under- or overflow.
// References in double: kernels/ref/gemv.hpp.
#pragma once

#include <span>

#include <lanewise/epilogue.hpp>
#include <lanewise/matrix_view.hpp>

namespace lanewise {

// y = act(A x + beta y + bias) + residual         A [m, n], x [n], y [m], bias [m], residual [1, m]
// beta == 0: y is not read. Sum: 32 virtual lanes (column mod 32), each a chain of fma, added by a tree 16-8-4-2-1.
// Error before act: |err_i| <= gamma_{ceil(n/32)+8} ((|A| |x|)_i + |beta y_i| + |bias_i|).
void gemv(const matrix_view<const float>& a, std::span<const float> x, std::span<float> y, float beta,
          const epilogue& epilogue = no_epilogue) noexcept;
void gemv(const matrix_view<const float>& a, std::span<const float> x, std::span<float> y) noexcept;  // y = A x

// y = act(A^T x + beta y + bias) + residual       A [m, n], x [m], y [n], bias [n], residual [1, n]
// beta == 0: y is not read. Sum: rows in groups of 8, a chain of fma in each; the groups are added in order, beta y last.
// Error before act: |err_j| <= gamma_{ceil(m/8)+10} ((|A|^T |x|)_j + |beta y_j| + |bias_j|).
void gemv_t(const matrix_view<const float>& a, std::span<const float> x, std::span<float> y, float beta,
            const epilogue& epilogue = no_epilogue) noexcept;
void gemv_t(const matrix_view<const float>& a, std::span<const float> x, std::span<float> y) noexcept;  // y = A^T x

// A = A + alpha x y^T                             A [m, n], x [m], y [n]
// A_ij = fma(alpha x_i, y_j, A_ij): |err_ij| <= gamma_2 (|A_ij| + |alpha x_i y_j|). Whole groups of 8 rows (0 to 7, 8 to 15,
// ...) whose x_i are all zero are left as they are, whatever alpha and y: the reference BLAS does so with single rows.
void ger(float alpha, std::span<const float> x, std::span<const float> y, const matrix_view<float>& a) noexcept;

}  // namespace lanewise
