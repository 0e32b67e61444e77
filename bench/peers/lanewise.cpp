// SPDX-License-Identifier: MIT
#include <memory>
#include <string>

#include <lanewise/lanewise.hpp>

#include "contender.hpp"
#include "lanewise_version.hpp"

namespace lanewise::bench {

std::vector<variant> variants(problem& p) {
  const auto only = [](std::function<void()> run) { return std::vector<variant>{{"lanewise", std::move(run)}}; };
  const auto view = [](auto* data, std::size_t rows, std::size_t cols) { return matrix_view(data, rows, cols); };
  // Views are made once, as those who hold a matrix hold them.
  const matrix_view<const float> matrix = view(p.a, p.m, p.n);
  const matrix_view<float> out = view(p.c, p.m, p.n);
  const std::span a(p.a, p.n), b(p.b, p.n);
  const std::span c(p.c, p.n);
  if (p.kernel == "gemv") return only([matrix, b, y = std::span(p.c, p.m)] { gemv(matrix, b, y); });
  if (p.kernel == "gemv_t") return only([matrix, x = std::span(p.b, p.m), c] { gemv_t(matrix, x, c); });
  if (p.kernel == "ger")
    return only([&p, x = std::span(p.a, p.m), b, out] { ger(p.alpha, x, b, out), p.alpha = -p.alpha; });
  if (p.kernel == "softmax_cross_entropy") {
    return only([&p, matrix, labels = std::span(p.labels, p.m), out] {
      p.loss = softmax_cross_entropy(matrix, labels, p.alpha, out);
    });
  }
  if (const auto act = activation_from_name(p.kernel)) return only([=] { activate(*act, a, c); });
  if (p.kernel == "add") return only([a, b, c] { add(a, b, c); });
  if (p.kernel == "sgd") return only([&p, a, c] { sgd(p.alpha, a, c), p.alpha = -p.alpha; });
  if (p.kernel == "exp") return only([a, c] { exp(a, c); });
  for (const optimizer which : all_optimizers)
    if (p.kernel == "update_" + std::string(name(which)))
      return only([&p, which, a, c] {
        update({default_settings(which), p.alpha, 1000}, a, c, {p.c + p.n, (p.m - 1) * p.n});
        p.alpha = -p.alpha;
      });

  const auto scratch = std::make_shared<aligned_buffer<std::byte>>(gemm_scratch_bytes(p.m, p.n, p.k));
  const auto product = [&](auto gemm, matrix_view<const float> left, matrix_view<const float> right) {
    return only([=, c = view(p.c, p.m, p.n)] { gemm(left, right, c, 0, {}, scratch->span()); });
  };
  if (p.kernel == "gemm_nn") return product(gemm_nn, view(p.a, p.m, p.k), view(p.b, p.k, p.n));
  if (p.kernel == "gemm_nt") return product(gemm_nt, view(p.a, p.m, p.k), view(p.b, p.n, p.k));
  if (p.kernel == "gemm_tn") return product(gemm_tn, view(p.a, p.k, p.m), view(p.b, p.k, p.n));
  return {};
}

std::string describe() { return describe_lanewise(); }

}  // namespace lanewise::bench
