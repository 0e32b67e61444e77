// SPDX-License-Identifier: MIT
// What calls of gemv, gemv_t and gemm have in common: beta, the epilogue, and the error bound around it.
#pragma once

#include <cstddef>
#include <string>

#include <lanewise/epilogue.hpp>

#include "catalogue.hpp"

namespace lanewise::test {

enum class residual_in { none, own_memory, output };

struct product_options {
  float beta = 0;
  bool bias = false;
  activation act = activation::identity;
  residual_in residual = residual_in::none;

  std::string text() const;
};

// Rows of the catalogue have the activations that are in a product's own code, or the others.
enum class activations { in_product, others };
constexpr std::size_t count_of(activations which) {
  return which == activations::in_product ? inline_activations : all_activations.size() - inline_activations;
}
activation take_activation(activations which, variant_digits& digits);

constexpr std::size_t product_variants(activations which) { return 3 * 2 * count_of(which) * 3; }
product_options take_product_options(activations which, variant_digits& digits);

// The operands of a product in this order. a and b are there already; adds c, bias and residual.
struct product_operands {
  static constexpr std::size_t a = 0, b = 1, c = 2, bias = 3, residual = 4, scratch = 5;
};
void add_output_and_epilogue(kernel_call& call, const product_options& options, values kind, random_source& random,
                             std::size_t rows, std::size_t cols);
epilogue epilogue_of(const product_options& options, placed_operands operands);

// Turns {double result, magnitude} into {result, tolerance}: `roundings` before the activation, its own error, then one more
// rounding if there is a residual. `terms` is the length of the sum.
expectation product_expectation(std::vector<double> want, const std::vector<double>& magnitude, std::size_t roundings,
                                std::size_t terms, const product_options& options);

}  // namespace lanewise::test
