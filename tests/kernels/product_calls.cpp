// SPDX-License-Identifier: MIT
#include "product_calls.hpp"

#include <array>
#include <cmath>

#include "../support/activation_bounds.hpp"
#include "../support/error_bound.hpp"
#include "../support/text.hpp"

namespace lanewise::test {

std::string product_options::text() const {
  constexpr std::array residuals{"no residual", "residual", "residual in place"};
  return test::text("beta ", beta, ", ", name(act), bias ? ", bias, " : ", ",
                    residuals[static_cast<std::size_t>(residual)]);
}

activation take_activation(activations which, variant_digits& digits) {
  const std::size_t choice = digits.choice(count_of(which));
  return all_activations[which == activations::in_product ? choice : inline_activations + choice];
}

product_options take_product_options(activations which, variant_digits& digits) {
  constexpr std::array betas{0.0f, 1.0f, -0.75f};
  product_options options;
  options.beta = betas[digits.choice(betas.size())];
  options.bias = digits.choice(2) == 1;
  options.residual = static_cast<residual_in>(digits.choice(3));
  options.act = take_activation(which, digits);
  return options;
}

void add_output_and_epilogue(kernel_call& call, const product_options& options, values kind, random_source& random,
                             std::size_t rows, std::size_t cols) {
  call.operands.push_back(options.beta == 0 ? output(rows, cols) : updated(random, kind, rows, cols));
  call.operands.push_back(input(random, kind, 1, options.bias ? cols : 0));
  const bool has_residual = options.residual != residual_in::none;
  operand residual = input(random, kind, has_residual ? rows : 0, has_residual ? cols : 0);
  if (options.residual == residual_in::output) {
    residual.in_memory_of = product_operands::c;
    if (options.beta != 0) residual.values = call.operands[product_operands::c].values;
  }
  call.operands.push_back(residual);
}

epilogue epilogue_of(const product_options& options, placed_operands operands) {
  epilogue e{operands[product_operands::bias].vector(), options.act, {}};
  if (options.residual != residual_in::none) e.residual = operands[product_operands::residual].matrix();
  return e;
}

expectation product_expectation(std::vector<double> want, const std::vector<double>& magnitude, std::size_t roundings,
                                std::size_t terms, const product_options& options) {
  expectation e;
  e.want = std::move(want);
  e.tolerance.resize(e.want.size());
  for (std::size_t i = 0; i < e.want.size(); ++i) {
    double& tolerance = e.tolerance[i];
    tolerance = gamma(roundings) * magnitude[i] + static_cast<double>(terms + 8) * smallest_float;
    tolerance *= largest_slope(options.act);
    // |f(t)| is at most |t| + 1, and where an activation's relative error is larger than 8 u, it is small.
    const bool is_exact = options.act == activation::identity || options.act == activation::relu;
    if (!is_exact) tolerance += gamma(8) * (magnitude[i] + 1);
    if (options.residual != residual_in::none) tolerance += unit_roundoff * (std::abs(e.want[i]) + tolerance);
  }
  return e;
}

}  // namespace lanewise::test
