// SPDX-License-Identifier: MIT
#include "loss_calls.hpp"

#include <algorithm>
#include <cmath>

#include <lanewise/loss.hpp>

#include "../../kernels/ref/loss.hpp"
#include "../support/error_bound.hpp"
#include "../support/text.hpp"
#include "catalogue.hpp"

namespace lanewise::test {

// p within (4 + |z - max z|) u p + 2^-126; then a rounding where 1 is subtracted, and one for scale unless that is +-1.
expectation softmax_expectation(matrix_view<const float> z, std::span<const std::int32_t> labels, float scale) {
  expectation e;
  e.want.resize(z.rows() * z.cols());
  const matrix_view<double> dz(e.want.data(), z.rows(), z.cols());
  e.result = ref::softmax_cross_entropy(z, labels, scale, dz);
  const double s = std::abs(static_cast<double>(scale));
  for (std::size_t i = 0; i < z.rows(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    const double top = *std::max_element(z.row(i).begin(), z.row(i).end());
    double spread = 0;
    for (std::size_t j = 0; j < z.cols(); ++j) {
      const double p = dz(i, j) / scale + (j == label ? 1 : 0);
      const int roundings = (j == label ? 1 : 0) + (s == 1 ? 0 : 1);
      const double p_bound = (4 + (top - static_cast<double>(z(i, j)))) * unit_roundoff * p + 0x1p-126;
      e.tolerance.push_back(s * p_bound + roundings * unit_roundoff * std::abs(dz(i, j)));
      spread = std::max(spread, std::abs(static_cast<double>(z(i, j)) - z(i, label)));
    }
    e.result_tolerance += 4 * unit_roundoff * (1 + spread);
  }
  return e;
}

namespace {

operand labels(random_source& random, std::size_t rows, std::size_t classes) {
  operand o = output(1, rows);
  o.mode = access::in;
  o.integers = true;
  for (std::size_t i = 0; i < rows; ++i) o.values.push_back(static_cast<std::uint32_t>(random.below(classes)));
  return o;
}

kernel_call make_softmax_cross_entropy(const shape& s, std::size_t variant, values kind, random_source& random) {
  variant_digits digits(variant);
  const float scale = digits.choice(2) == 0 ? 1.0f : -0.3f;
  const std::size_t classes = std::max<std::size_t>(s.n, 1);
  kernel_call call;
  call.text = text("softmax_cross_entropy ", s.m, " x ", classes, ", scale ", scale);
  call.operands = {input(random, kind, s.m, classes), labels(random, s.m, classes), output(s.m, classes)};
  call.operands[2].in_memory_of = static_cast<int>(digits.choice(2)) - 1;
  // So far apart that sums of doubles are rounded: their order shows.
  for (std::uint32_t& bits : call.operands[0].values)
    bits = std::bit_cast<std::uint32_t>(30.0f * std::bit_cast<float>(bits));
  call.run = [scale](placed_operands p) {
    return softmax_cross_entropy(p[0].matrix(), p[1].integers(), scale, p[2].out_matrix());
  };
  call.reference = [scale](placed_operands p) { return softmax_expectation(p[0].matrix(), p[1].integers(), scale); };
  return call;
}

kernel_call make_argmax(const shape& s, std::size_t, values kind, random_source& random) {
  const std::size_t cols = std::max<std::size_t>(s.n, 1);
  kernel_call call;
  call.text = text("argmax ", s.m, " x ", cols);
  call.operands = {input(random, kind, s.m, cols), output(1, s.m)};
  call.operands[1].integers = true;
  call.run = [](placed_operands p) {
    argmax(p[0].matrix(), p[1].out_integers());
    return 0.0;
  };
  call.reference = [](placed_operands p) {
    std::vector<std::int32_t> out(p[1].cols);
    ref::argmax(p[0].matrix(), out);
    expectation e;
    e.want.assign(out.begin(), out.end());
    e.tolerance.assign(out.size(), 0);
    return e;
  };
  return call;
}

}  // namespace

std::vector<catalogued_kernel> loss_calls() {
  return {{"softmax_cross_entropy", 2, 4, make_softmax_cross_entropy}, {"argmax", 2, 1, make_argmax}};
}

}  // namespace lanewise::test
