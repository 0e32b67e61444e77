// SPDX-License-Identifier: MIT
// Element by element, and column sums, in double: the specification of lanewise/elementwise.hpp.
#pragma once

#include <cstddef>
#include <span>

#include <lanewise/elementwise.hpp>

#include "epilogue.hpp"

namespace lanewise::ref {

inline void add(std::span<const float> a, std::span<const float> b, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(a[i]) + b[i];
}

inline void add_relu(std::span<const float> z, std::span<const float> r, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = r[i] + value(activation::relu, z[i]);
}

inline void add_relu_backward(std::span<const float> z, std::span<const float> dout, std::span<double> dz,
                              std::span<double> dr) {
  activate_backward(activation::relu, z, dout, dz);
  for (std::size_t i = 0; i < dr.size(); ++i) dr[i] = dout[i];
}

inline void axpy(float alpha, std::span<const float> x, std::span<const float> y, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(alpha) * x[i] + y[i];
}

// out = beta y + the sums of A's columns; magnitude = |beta y| + the sums of |A|'s columns. beta == 0: y is not read.
inline void column_sums(matrix_view<const float> a, std::span<const float> y, float beta, std::span<double> out,
                        std::span<double> magnitude) {
  for (std::size_t j = 0; j < a.cols(); ++j) {
    sum terms;
    if (beta != 0) terms.add(static_cast<double>(beta) * y[j]);
    for (std::size_t i = 0; i < a.rows(); ++i) terms.add(a(i, j));
    out[j] = terms.value;
    magnitude[j] = terms.magnitude;
  }
}

}  // namespace lanewise::ref
