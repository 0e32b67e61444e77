// SPDX-License-Identifier: MIT
// OpenBLAS and BLIS, by the interface that both have.
#pragma once

#include <string>

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

// The library, its version, and which kernels it runs.
inline std::string describe_blas() {
  if (openblas_get_config != nullptr) return std::string(openblas_get_config()) + ' ' + openblas_get_corename();
  if (bli_arch_string == nullptr) return "?";
  bli_init();
  return std::string(bli_info_get_version_str()) + ' ' + bli_arch_string(bli_arch_query_id());
}

}  // namespace lanewise::bench
