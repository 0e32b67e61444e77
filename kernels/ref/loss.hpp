// SPDX-License-Identifier: MIT
// Softmax cross-entropy and argmax in double: the specification of lanewise/loss.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lanewise/loss.hpp>

namespace lanewise::ref {

// One row: p = softmax(z); returns log(sum_j exp(z_j)) - z_y. The maximum is taken out first, so nothing overflows.
inline double softmax_cross_entropy(std::span<const float> z, std::int32_t label, std::span<double> p) {
  const double top = *std::max_element(z.begin(), z.end());
  double total = 0;
  for (std::size_t j = 0; j < z.size(); ++j) total += p[j] = std::exp(z[j] - top);
  for (double& probability : p) probability /= total;
  return std::log(total) + (top - z[static_cast<std::size_t>(label)]);
}

// dlogits = scale (p - onehot); returns the sum of the rows' losses.
inline double softmax_cross_entropy(matrix_view<const float> logits, std::span<const std::int32_t> labels, float scale,
                                    matrix_view<double> dlogits) {
  double loss = 0;
  for (std::size_t i = 0; i < logits.rows(); ++i) {
    loss += softmax_cross_entropy(logits.row(i), labels[i], dlogits.row(i));
    dlogits(i, static_cast<std::size_t>(labels[i])) -= 1;
    for (double& d : dlogits.row(i)) d *= scale;
  }
  return loss;
}

inline void argmax(matrix_view<const float> a, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < a.rows(); ++i) {
    std::size_t best = 0;
    for (std::size_t j = 1; j < a.cols(); ++j)
      if (a(i, j) > a(i, best) || (std::isnan(a(i, j)) && !std::isnan(a(i, best)))) best = j;
    out[i] = static_cast<std::int32_t>(best);
  }
}

}  // namespace lanewise::ref
