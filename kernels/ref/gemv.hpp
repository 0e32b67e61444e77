// SPDX-License-Identifier: MIT
// Matrix times vector in double: the specification of lanewise/gemv.hpp.
#pragma once

#include <cstddef>
#include <span>

#include <lanewise/gemv.hpp>

#include "epilogue.hpp"

namespace lanewise::ref {

// out = act(A x + beta y + bias) + residual; magnitude = |A| |x| + |beta y| + |bias|
inline void gemv(matrix_view<const float> a, std::span<const float> x, std::span<const float> y, float beta,
                 const epilogue& e, std::span<double> out, std::span<double> magnitude) {
  for (std::size_t i = 0; i < a.rows(); ++i) {
    sum terms;
    for (std::size_t j = 0; j < a.cols(); ++j) terms.add(static_cast<double>(a(i, j)) * x[j]);
    out[i] = finish(terms, beta, y[i], e, 0, i);
    magnitude[i] = terms.magnitude;
  }
}

// out = act(A^T x + beta y + bias) + residual; magnitude = |A|^T |x| + |beta y| + |bias|
inline void gemv_t(matrix_view<const float> a, std::span<const float> x, std::span<const float> y, float beta,
                   const epilogue& e, std::span<double> out, std::span<double> magnitude) {
  for (std::size_t j = 0; j < a.cols(); ++j) {
    sum terms;
    for (std::size_t i = 0; i < a.rows(); ++i) terms.add(static_cast<double>(a(i, j)) * x[i]);
    out[j] = finish(terms, beta, y[j], e, 0, j);
    magnitude[j] = terms.magnitude;
  }
}

// out = A + alpha x y^T; magnitude = |A| + |alpha x y^T|
inline void ger(float alpha, std::span<const float> x, std::span<const float> y, matrix_view<const float> a,
                matrix_view<double> out, matrix_view<double> magnitude) {
  for (std::size_t i = 0; i < a.rows(); ++i)
    for (std::size_t j = 0; j < a.cols(); ++j) {
      sum terms;
      terms.add(a(i, j));
      terms.add(static_cast<double>(alpha) * x[i] * y[j]);
      out(i, j) = terms.value;
      magnitude(i, j) = terms.magnitude;
    }
}

}  // namespace lanewise::ref
