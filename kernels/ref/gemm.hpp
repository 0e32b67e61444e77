// SPDX-License-Identifier: MIT
// Matrix times matrix in double: the specification of lanewise/gemm.hpp.
#pragma once

#include <cstddef>

#include <lanewise/gemm.hpp>

#include "epilogue.hpp"

namespace lanewise::ref {

// out = act(A B + beta C + bias) + residual; magnitude = |A| |B| + |beta C| + |bias|
// a(i, p) and b(p, j) give the elements of op(A) and op(B).
template <class A, class B>
void gemm(std::size_t k, const A& a, const B& b, matrix_view<const float> c, float beta, const epilogue& e,
          matrix_view<double> out, matrix_view<double> magnitude) {
  for (std::size_t i = 0; i < c.rows(); ++i)
    for (std::size_t j = 0; j < c.cols(); ++j) {
      sum terms;
      for (std::size_t p = 0; p < k; ++p) terms.add(static_cast<double>(a(i, p)) * b(p, j));
      out(i, j) = finish(terms, beta, c(i, j), e, i, j);
      magnitude(i, j) = terms.magnitude;
    }
}

inline auto transposed(matrix_view<const float> a) {
  return [a](std::size_t i, std::size_t j) { return a(j, i); };
}

inline void gemm_nn(matrix_view<const float> a, matrix_view<const float> b, matrix_view<const float> c, float beta,
                    const epilogue& e, matrix_view<double> out, matrix_view<double> magnitude) {
  gemm(a.cols(), a, b, c, beta, e, out, magnitude);
}

inline void gemm_nt(matrix_view<const float> a, matrix_view<const float> b, matrix_view<const float> c, float beta,
                    const epilogue& e, matrix_view<double> out, matrix_view<double> magnitude) {
  gemm(a.cols(), a, transposed(b), c, beta, e, out, magnitude);
}

inline void gemm_tn(matrix_view<const float> a, matrix_view<const float> b, matrix_view<const float> c, float beta,
                    const epilogue& e, matrix_view<double> out, matrix_view<double> magnitude) {
  gemm(a.rows(), transposed(a), b, c, beta, e, out, magnitude);
}

}  // namespace lanewise::ref
