// SPDX-License-Identifier: MIT
// Softmax cross-entropy with its gradient in one pass over each row, and argmax.
#pragma once

#include <cstdint>
#include <span>

#include <lanewise/matrix_view.hpp>

namespace lanewise {

// For each row z of logits [rows, classes] and its label y:
//   loss += log(sum_j exp(z_j)) - z_y                        never log(p): finite logits give a finite loss
//   dlogits_j = scale (p_j - [j == y]),  p = softmax(z)      the gradient of scale * loss
// Returns the sum of the losses over the rows, in double, in row order. dlogits has the shape of logits and may be logits
// itself, exactly. labels.size() == rows, 0 <= label < classes <= 2^24: anything else goes to the contract handler before
// anything is read from or written to any row; so do rows without classes. No rows at all have the loss 0. A row with NaN
// or +inf gives a NaN loss and NaN gradients; -inf is a class of probability 0.
// Error: p within (4 + |z_j - max z|) u p_j + 2^-126; the row's gradients add up to 0 within 4 ulp of scale (2^-23 scale each);
// loss within 4 u (1 + max_j |z_j - z_y|). Equal bits on every ISA. Reference: kernels/ref/loss.hpp. Seed: p_i, L_i.
double softmax_cross_entropy(const matrix_view<const float>& logits, std::span<const std::int32_t> labels, float scale,
                             const matrix_view<float>& dlogits) noexcept;

// out_i = the lowest j whose A_ij is the row's maximum; NaN counts as the maximum (as in NumPy and PyTorch).
// A [rows, cols], cols >= 1, out.size() == rows.
void argmax(const matrix_view<const float>& a, std::span<std::int32_t> out) noexcept;

}  // namespace lanewise
