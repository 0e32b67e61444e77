// SPDX-License-Identifier: MIT
// OpenBLAS and BLIS, by the interface that both have. Which of their kernels run is said by the environment.
#include "cblas.hpp"
#include "contender.hpp"

namespace lanewise::bench {

std::vector<variant> variants(problem& p) {
  const auto only = [](std::function<void()> run) { return std::vector<variant>{{"cblas", std::move(run)}}; };
  const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
  if (p.kernel == "gemv" || p.kernel == "gemv_t") {
    const CBLAS_TRANSPOSE form = p.kernel == "gemv" ? CblasNoTrans : CblasTrans;
    return only([&p, form, m, n] { cblas_sgemv(CblasRowMajor, form, m, n, 1, p.a, n, p.b, 1, 0, p.c, 1); });
  }
  if (p.kernel == "ger")
    return only([&p, m, n] {
      cblas_sger(CblasRowMajor, m, n, p.alpha, p.a, 1, p.b, 1, p.c, n);
      p.alpha = -p.alpha;
    });
  if (p.kernel == "sgd")
    return only([&p, n] {
      cblas_saxpy(n, -p.alpha, p.a, 1, p.c, 1);
      p.alpha = -p.alpha;
    });
  if (p.kernel.starts_with("gemm")) {
    const bool a_transposed = p.kernel == "gemm_tn", b_transposed = p.kernel == "gemm_nt";
    return only([=, &p] {
      cblas_sgemm(CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans, b_transposed ? CblasTrans : CblasNoTrans, m, n,
                  k, 1, p.a, a_transposed ? m : k, p.b, b_transposed ? k : n, 0, p.c, n);
    });
  }
  return {};
}

std::string describe() { return describe_blas(); }

}  // namespace lanewise::bench
