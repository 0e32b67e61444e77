// SPDX-License-Identifier: MIT
#include <lanewise/gemv.hpp>

#include <algorithm>
#include <bit>

#include "../../kernels/ref/gemv.hpp"
#include "../support/error_bound.hpp"
#include "../support/text.hpp"
#include "product_calls.hpp"

namespace lanewise::test {
namespace {

using op = product_operands;

// `kernel` takes all that gemv does, or hands on the three operands only.
template <auto kernel, auto reference, bool transposed>
kernel_call make_product(const shape& s, const product_options& options, values kind, random_source& random) {
  const std::size_t terms = transposed ? s.m : s.n;
  const std::size_t outputs = transposed ? s.n : s.m;
  const std::size_t roundings = transposed ? (s.m + 7) / 8 + 10 : (s.n + 31) / 32 + 8;

  kernel_call call;
  call.text = text(transposed ? "gemv_t " : "gemv ", s.m, " x ", s.n, ", ", options.text());
  call.operands = {input(random, kind, s.m, s.n), input(random, kind, 1, terms)};
  add_output_and_epilogue(call, options, kind, random, 1, outputs);
  call.run = [options](placed_operands p) {
    kernel(p[op::a].matrix(), p[op::b].vector(), p[op::c].out_vector(), options.beta, epilogue_of(options, p));
    return 0.0;
  };
  call.reference = [=](placed_operands p) {
    std::vector<double> want(outputs), magnitude(outputs);
    reference(p[op::a].matrix(), p[op::b].vector(), p[op::c].vector(), options.beta, epilogue_of(options, p), want,
              magnitude);
    return product_expectation(want, magnitude, roundings, terms, options);
  };
  return call;
}

template <activations which>
kernel_call make_gemv(const shape& s, std::size_t variant, values kind, random_source& random) {
  constexpr auto kernel = [](auto a, auto x, auto y, float beta, const epilogue& e) { gemv(a, x, y, beta, e); };
  variant_digits digits(variant);
  return make_product<kernel, ref::gemv, false>(s, take_product_options(which, digits), kind, random);
}

template <activations which>
kernel_call make_gemv_t(const shape& s, std::size_t variant, values kind, random_source& random) {
  constexpr auto kernel = [](auto a, auto x, auto y, float beta, const epilogue& e) { gemv_t(a, x, y, beta, e); };
  variant_digits digits(variant);
  return make_product<kernel, ref::gemv_t, true>(s, take_product_options(which, digits), kind, random);
}

kernel_call make_plain_gemv(const shape& s, std::size_t, values kind, random_source& random) {
  constexpr auto kernel = [](auto a, auto x, auto y, float, const epilogue&) { gemv(a, x, y); };
  return make_product<kernel, ref::gemv, false>(s, {}, kind, random);
}

kernel_call make_plain_gemv_t(const shape& s, std::size_t, values kind, random_source& random) {
  constexpr auto kernel = [](auto a, auto x, auto y, float, const epilogue&) { gemv_t(a, x, y); };
  return make_product<kernel, ref::gemv_t, true>(s, {}, kind, random);
}

// The kernel leaves out groups of rows whose factors are all zero, of either sign, which random ones hardly ever are.
void zero_some_groups(operand& factors, random_source& random) {
  for (std::size_t first = 0; first < factors.cols; first += 8) {
    if (!random.chance(25)) continue;
    for (std::size_t i = first; i < std::min(first + 8, factors.cols); ++i)
      factors.values[i] = std::bit_cast<std::uint32_t>(random.chance(50) ? 0.0f : -0.0f);
  }
}

kernel_call make_ger(const shape& s, std::size_t variant, values kind, random_source& random) {
  const float alpha = variant == 0 ? -0.7f : 1.0f;
  kernel_call call;
  call.text = text("ger ", s.m, " x ", s.n, ", alpha ", alpha);
  call.operands = {input(random, kind, 1, s.m), input(random, kind, 1, s.n), updated(random, kind, s.m, s.n)};
  zero_some_groups(call.operands[0], random);
  call.run = [alpha](placed_operands p) {
    ger(alpha, p[0].vector(), p[1].vector(), p[2].out_matrix());
    return 0.0;
  };
  call.reference = [alpha, s](placed_operands p) {
    expectation e;
    e.want.resize(s.m * s.n);
    e.tolerance.resize(s.m * s.n);
    ref::ger(alpha, p[0].vector(), p[1].vector(), p[2].matrix(), {e.want.data(), s.m, s.n},
             {e.tolerance.data(), s.m, s.n});
    for (double& t : e.tolerance) t = gamma(2) * t + 2 * smallest_float;
    return e;
  };
  return call;
}

}  // namespace

std::vector<catalogued_kernel> gemv_calls() {
  using enum activations;
  return {{"gemv", 2, product_variants(in_product), make_gemv<in_product>},
          {"gemv_t", 2, product_variants(in_product), make_gemv_t<in_product>},
          {"ger", 2, 2, make_ger},
          {"gemv, activated", 2, product_variants(others), make_gemv<others>},
          {"gemv_t, activated", 2, product_variants(others), make_gemv_t<others>},
          {"gemv, plain", 2, 1, make_plain_gemv},
          {"gemv_t, plain", 2, 1, make_plain_gemv_t}};
}

}  // namespace lanewise::test
