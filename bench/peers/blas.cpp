// SPDX-License-Identifier: MIT
// OpenBLAS and BLIS, by the interface that both have. Which of their kernels run is said by the environment.
#include "contender.hpp"

// As the standard has them: the libraries put their headers where only one of the two is found.
extern "C" {
enum CBLAS_ORDER { CblasRowMajor = 101 };
enum CBLAS_TRANSPOSE { CblasNoTrans = 111, CblasTrans = 112 };
void cblas_sgemv(CBLAS_ORDER, CBLAS_TRANSPOSE, int m, int n, float alpha, const float* a, int lda, const float* x,
                 int incx, float beta, float* y, int incy);
void cblas_sger(CBLAS_ORDER, int m, int n, float alpha, const float* x, int incx, const float* y, int incy, float* a,
                int lda);
void cblas_saxpy(int n, float alpha, const float* x, int incx, float* y, int incy);
void cblas_sgemm(CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, int m, int n, int k, float alpha, const float* a, int lda,
                 const float* b, int ldb, float beta, float* c, int ldc);

// Each library has its own.
[[gnu::weak]] char* openblas_get_config();
[[gnu::weak]] char* openblas_get_corename();
[[gnu::weak]] const char* bli_info_get_version_str();
[[gnu::weak]] void bli_init();
[[gnu::weak]] int bli_arch_query_id();
[[gnu::weak]] const char* bli_arch_string(int id);
}

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

std::string describe() {
  if (openblas_get_config != nullptr) return std::string(openblas_get_config()) + ' ' + openblas_get_corename();
  if (bli_arch_string == nullptr) return "?";
  bli_init();
  return std::string(bli_info_get_version_str()) + ' ' + bli_arch_string(bli_arch_query_id());
}

}  // namespace lanewise::bench
