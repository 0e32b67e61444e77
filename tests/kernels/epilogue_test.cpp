// SPDX-License-Identifier: MIT
// Fusion is only fusion: bias, activation and residual in the epilogue give the bits of separate steps in that order.
#include <doctest/doctest.h>

#include <functional>
#include <string>

#include <lanewise/gemm.hpp>
#include <lanewise/gemv.hpp>

#include "../support/bits.hpp"
#include "../support/isa.hpp"
#include "../support/random.hpp"

namespace lanewise::test {
namespace {

std::vector<float> random_floats(random_source& random, std::size_t n) {
  std::vector<float> x(n);
  fill(random, values::uniform, x);
  return x;
}

struct fused_product {
  std::string name;
  std::size_t rows, cols;  // of the output
  std::function<void(matrix_view<float> out, float beta, const epilogue&)> run;
};

std::vector<float> in_steps(const fused_product& p, std::vector<float> c, float beta, const epilogue& e) {
  p.run({c.data(), p.rows, p.cols}, beta, {});
  for (std::size_t i = 0; i < p.rows; ++i)
    for (std::size_t j = 0; j < p.cols && !e.bias.empty(); ++j) c[i * p.cols + j] += e.bias[j];
  activate(e.act, c, c);
  for (std::size_t i = 0; i < p.rows && !e.residual.empty(); ++i)
    for (std::size_t j = 0; j < p.cols; ++j) c[i * p.cols + j] += e.residual(i, j);
  return c;
}

void check_every_epilogue(random_source& random, const fused_product& p) {
  const std::vector<float> bias = random_floats(random, p.cols);
  const std::vector<float> c = random_floats(random, p.rows * p.cols), other = random_floats(random, p.rows * p.cols);
  for (const float beta : {0.0f, 1.0f, -0.75f})
    for (const bool with_bias : {false, true})
      for (const activation act : all_activations)
        for (const int residual : {0, 1, 2}) {
          std::vector<float> out = c;
          epilogue e{with_bias ? std::span<const float>(bias) : std::span<const float>(), act, {}};
          if (residual == 1) e.residual = {other.data(), p.rows, p.cols};
          if (residual == 2) e.residual = {c.data(), p.rows, p.cols};
          const std::vector<float> want = in_steps(p, c, beta, e);
          if (residual == 2) e.residual = {out.data(), p.rows, p.cols};
          p.run({out.data(), p.rows, p.cols}, beta, e);
          INFO(p.name, " ", p.rows, " x ", p.cols, ", beta ", beta, ", bias ", with_bias, ", ", name(act),
               ", residual ", residual);
          CHECK(difference(out, want) == "");
        }
}

void check_every_product(std::size_t m, std::size_t n, std::size_t k, random_source& random) {
  const std::vector<float> left = random_floats(random, m * k), right = random_floats(random, k * n);
  const matrix_view<const float> a(left.data(), m, k), b(right.data(), k, n);
  const matrix_view<const float> at(left.data(), k, m), bt(right.data(), n, k);
  const auto x = a.row(0);
  check_every_epilogue(random, {"gemv", 1, n, [&](auto y, float beta, auto& e) { gemv(bt, x, y.row(0), beta, e); }});
  check_every_epilogue(random, {"gemv_t", 1, n, [&](auto y, float beta, auto& e) { gemv_t(b, x, y.row(0), beta, e); }});
  check_every_epilogue(random, {"gemm_nn", m, n, [&](auto c, float beta, auto& e) { gemm_nn(a, b, c, beta, e); }});
  check_every_epilogue(random, {"gemm_nt", m, n, [&](auto c, float beta, auto& e) { gemm_nt(a, bt, c, beta, e); }});
  check_every_epilogue(random, {"gemm_tn", m, n, [&](auto c, float beta, auto& e) { gemm_tn(at, b, c, beta, e); }});
}

TEST_CASE("epilogue: fused or in steps, every combination gives the same bits") {
  random_source random(3);
  for (const std::size_t m : {1u, 5u, 7u, 8u, 13u, 100u})
    for (const std::size_t n : {1u, 4u, 7u, 16u, 19u, 33u, 50u})
      for (const std::size_t k : {1u, 20u, 400u})
        if ((m + n + k) % emulated_step(1, 4) == 0) check_every_product(m, n, k, random);
  check_every_product(2, 2500, 10, random);  // beyond every block of outputs
  check_every_product(3, 900, 300, random);  // sums of a product lie in C between its blocks of k
}

}  // namespace
}  // namespace lanewise::test
