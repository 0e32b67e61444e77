// SPDX-License-Identifier: MIT
// The end of every matrix product in double: the specification of lanewise/epilogue.hpp.
#pragma once

#include <cmath>
#include <cstddef>

#include <lanewise/epilogue.hpp>

#include "activation.hpp"

namespace lanewise::ref {

// A sum, and the sum of its terms' absolute values: what the error bounds are relative to.
struct sum {
  double value = 0;
  double magnitude = 0;

  void add(double term) {
    value += term;
    magnitude += std::abs(term);
  }
};

// Output (i, j) of a product: `terms` holds the products. beta == 0: c is not read.
inline double finish(sum& terms, float beta, const float& c, const epilogue& e, std::size_t i, std::size_t j) {
  if (beta != 0) terms.add(static_cast<double>(beta) * c);
  if (!e.bias.empty()) terms.add(e.bias[j]);
  const double activated = value(e.act, terms.value);
  return e.residual.empty() ? activated : activated + e.residual(i, j);
}

}  // namespace lanewise::ref
