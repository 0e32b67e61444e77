// SPDX-License-Identifier: MIT
// libxsmm: kernels made at run time for the very sizes, dispatched once for each problem. It knows no transposed first
// operand: that one is copied in each call. Column-major, so C^T = B^T A^T is computed.
#include <algorithm>
#include <memory>

#include <libxsmm.h>

#include "contender.hpp"

namespace lanewise::bench {
namespace {

libxsmm_smmfunction kernel_for(int m, int n, int k, int lda, int ldb, int ldc, float beta, bool b_transposed) {
  const float alpha = 1;
  const int flags = b_transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  return libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, nullptr);
}

// In libxsmm's terms: C (m x n) = A (m x k) B (k x n), column-major.
struct product {
  int m, n, k;
  const float* a;
  const float* b;
  float* c;
  int lda, ldb, ldc;
  bool b_transposed;
};

// One kernel for each size of block, the edges included: sums over blocks of k stay in C.
std::function<void()> blocked(const product& x, int block_m, int block_n, int block_k) {
  struct call {
    libxsmm_smmfunction kernel;
    const float *a, *b;
    float* c;
  };
  std::vector<call> calls;
  for (int j = 0; j < x.n; j += block_n)
    for (int i = 0; i < x.m; i += block_m)
      for (int p = 0; p < x.k; p += block_k) {
        const auto at = [](int row, int col, int stride) { return row + static_cast<std::ptrdiff_t>(col) * stride; };
        const libxsmm_smmfunction kernel =
            kernel_for(std::min(block_m, x.m - i), std::min(block_n, x.n - j), std::min(block_k, x.k - p), x.lda, x.ldb,
                       x.ldc, p == 0 ? 0.0f : 1.0f, x.b_transposed);
        if (kernel == nullptr) return {};
        calls.push_back({kernel, x.a + at(i, p, x.lda), x.b + (x.b_transposed ? at(j, p, x.ldb) : at(p, j, x.ldb)),
                         x.c + at(i, j, x.ldc)});
      }
  if (calls.size() == 1)
    return [only = calls.front()] { only.kernel(only.a, only.b, only.c); };
  return [calls = std::move(calls)] {
    for (const call& one : calls) one.kernel(one.a, one.b, one.c);
  };
}

void add_variants(const product& x, const std::function<void()>& before, std::vector<variant>& to) {
  const auto add = [&](const char* name, std::function<void()> run) {
    if (!run) return;
    if (before)
      to.push_back({name, [before, run = std::move(run)] { before(), run(); }});
    else
      to.push_back({name, std::move(run)});
  };
  if (static_cast<double>(x.m) * x.n * x.k < 2e8) add("jit", blocked(x, x.m, x.n, x.k));
  for (const auto& [name, m, n, k] : {std::tuple{"jit-64", 64, 64, 256}, {"jit-128", 128, 256, 256}, {"jit-256", 256, 64, 512}})
    if (x.m > m || x.n > n || x.k > k) add(name, blocked(x, m, n, k));
}

}  // namespace

std::vector<variant> variants(problem& p) {
  const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
  std::vector<variant> found;
  const auto transposed_first = [&](product x) {  // x.a is [k][lda], wanted [lda][k]
    const auto copy = std::make_shared<std::vector<float>>(static_cast<std::size_t>(x.m) * static_cast<std::size_t>(x.k));
    const float* from = x.a;
    const int rows = x.k, cols = x.m;  // of the copy's source, column-major
    x.a = copy->data();
    x.lda = x.m;
    add_variants(x, [=] { libxsmm_otrans(copy->data(), from, sizeof(float), rows, cols, rows, cols); }, found);
  };
  if (p.kernel == "gemv") {
    add_variants({1, m, n, p.b, p.a, p.c, 1, n, 1, false}, {}, found);
    transposed_first({m, 1, n, p.a, p.b, p.c, n, n, m, false});
  } else if (p.kernel == "gemv_t") {
    add_variants({n, 1, m, p.a, p.b, p.c, n, m, n, false}, {}, found);
  } else if (p.kernel == "ger") {
    // alpha is 1 in libxsmm's kernels: the short vector is scaled before.
    const float beta = 1;
    const int none = LIBXSMM_GEMM_FLAG_NONE, ldb = 1;
    const float one = 1;
    if (const auto kernel = libxsmm_smmdispatch(n, m, 1, &n, &ldb, &n, &one, &beta, &none, nullptr))
      found.push_back({"jit", [&p, kernel, scaled = std::vector<float>(p.m)]() mutable {
                         for (std::size_t i = 0; i < p.m; ++i) scaled[i] = p.alpha * p.a[i];
                         kernel(p.b, scaled.data(), p.c);
                         p.alpha = -p.alpha;
                       }});
  } else if (p.kernel == "gemm_nn") {
    add_variants({n, m, k, p.b, p.a, p.c, n, k, n, false}, {}, found);
  } else if (p.kernel == "gemm_tn") {
    add_variants({n, m, k, p.b, p.a, p.c, n, m, n, true}, {}, found);
  } else if (p.kernel == "gemm_nt") {
    transposed_first({n, m, k, p.b, p.a, p.c, k, k, n, false});
  }
  return found;
}

std::string describe() { return std::string(LIBXSMM_VERSION) + ' ' + libxsmm_get_target_arch(); }

}  // namespace lanewise::bench
