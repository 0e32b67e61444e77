// SPDX-License-Identifier: MIT
// Products with sparse rows in double: the specification of lanewise/sparse_rows.hpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lanewise/sparse_rows.hpp>

#include "epilogue.hpp"

namespace lanewise::ref {

inline std::size_t nonzero_pixels(std::span<const std::uint8_t> bytes, std::span<std::uint32_t> index,
                                  std::span<float> value) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == 0) continue;
    index[count] = static_cast<std::uint32_t>(i);
    value[count++] = static_cast<float>(bytes[i]) / 255.0f;
  }
  return count;
}

// out = act(A B + bias) + residual; magnitude = |A| |B| + |bias|
inline void spmm_nn(const sparse_rows& a, matrix_view<const float> b, const epilogue& e, matrix_view<double> out,
                    matrix_view<double> magnitude) {
  for (std::size_t i = 0; i < out.rows(); ++i)
    for (std::size_t j = 0; j < out.cols(); ++j) {
      sum terms;
      for (std::size_t p = a.starts()[i]; p < a.starts()[i + 1]; ++p)
        terms.add(static_cast<double>(a.value()[p]) * b(a.index()[p], j));
      out(i, j) = finish(terms, 0, 0, e, i, j);
      magnitude(i, j) = terms.magnitude;
    }
}

// out = C + A^T B; magnitude = |C| + |A|^T |B|
inline void spmm_tn(const sparse_rows& a, matrix_view<const float> b, matrix_view<const float> c,
                    matrix_view<double> out, matrix_view<double> magnitude) {
  for (std::size_t l = 0; l < c.rows(); ++l)
    for (std::size_t j = 0; j < c.cols(); ++j) {
      out(l, j) = c(l, j);
      magnitude(l, j) = std::abs(static_cast<double>(c(l, j)));
    }
  for (std::size_t i = 0; i < a.rows(); ++i)
    for (std::size_t p = a.starts()[i]; p < a.starts()[i + 1]; ++p)
      for (std::size_t j = 0; j < c.cols(); ++j) {
        const double term = static_cast<double>(a.value()[p]) * b(i, j);
        out(a.index()[p], j) += term;
        magnitude(a.index()[p], j) += std::abs(term);
      }
}

}  // namespace lanewise::ref
