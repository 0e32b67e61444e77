// SPDX-License-Identifier: MIT
// Eigen, header-only: compiled for one ISA with gcc and with clang. Sizes that the seed's nets have are also tried as
// constants of the compiler, which Eigen unrolls.
#include <array>
#include <cmath>

#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

#include "contender.hpp"
#include "eigen_version.hpp"

namespace lanewise::bench {
namespace {

template <int rows, int cols>
using matrix = Eigen::Matrix<float, rows, cols, cols == 1 ? Eigen::ColMajor : Eigen::RowMajor>;
template <int rows, int cols> using view = Eigen::Map<matrix<rows, cols>, Eigen::Aligned64>;
template <int rows, int cols> using const_view = Eigen::Map<const matrix<rows, cols>, Eigen::Aligned64>;

constexpr int any = Eigen::Dynamic;

struct sizes {
  int m, n, k;
  explicit sizes(const problem& p)
      : m(static_cast<int>(p.m)), n(static_cast<int>(p.n)), k(static_cast<int>(p.k)) {}
};

// m x n, or `any`.
template <int m, int n> void add_vector_products(problem& p, const std::string& name, std::vector<variant>& to) {
  const sizes s(p);
  if ((m != any && m != s.m) || (n != any && n != s.n)) return;
  if (p.kernel == "gemv")
    to.push_back({name, [&p, s] {
                    view<m, 1>(p.c, s.m).noalias() = const_view<m, n>(p.a, s.m, s.n) * const_view<n, 1>(p.b, s.n);
                  }});
  if (p.kernel == "gemv_t")
    to.push_back({name, [&p, s] {
                    view<n, 1>(p.c, s.n).noalias() =
                        const_view<m, n>(p.a, s.m, s.n).transpose() * const_view<m, 1>(p.b, s.m);
                  }});
  if (p.kernel == "ger")
    to.push_back({name, [&p, s] {
                    view<m, n>(p.c, s.m, s.n).noalias() +=
                        (p.alpha * const_view<m, 1>(p.a, s.m)) * const_view<n, 1>(p.b, s.n).transpose();
                    p.alpha = -p.alpha;
                  }});
}

template <int m, int n, int k> void add_matrix_products(problem& p, const std::string& name, std::vector<variant>& to) {
  const sizes s(p);
  if ((m != any && m != s.m) || (n != any && n != s.n) || (k != any && k != s.k)) return;
  if (p.kernel == "gemm_nn")
    to.push_back({name, [&p, s] {
                    view<m, n>(p.c, s.m, s.n).noalias() = const_view<m, k>(p.a, s.m, s.k) * const_view<k, n>(p.b, s.k, s.n);
                  }});
  if (p.kernel == "gemm_nt")
    to.push_back({name, [&p, s] {
                    view<m, n>(p.c, s.m, s.n).noalias() =
                        const_view<m, k>(p.a, s.m, s.k) * const_view<n, k>(p.b, s.n, s.k).transpose();
                  }});
  if (p.kernel == "gemm_tn")
    to.push_back({name, [&p, s] {
                    view<m, n>(p.c, s.m, s.n).noalias() =
                        const_view<k, m>(p.a, s.k, s.m).transpose() * const_view<k, n>(p.b, s.k, s.n);
                  }});
}

void softmax_cross_entropy(problem& p, const sizes& s) {
  p.loss = 0;
  for (int i = 0; i < s.m; ++i) {
    const Eigen::Map<const Eigen::ArrayXf> z(p.a + static_cast<std::size_t>(i) * p.n, s.n);
    Eigen::Map<Eigen::ArrayXf> d(p.c + static_cast<std::size_t>(i) * p.n, s.n);
    const float top = z.maxCoeff();
    d = (z - top).exp();
    const float sum = d.sum();
    d *= p.alpha / sum;
    d[p.labels[i]] -= p.alpha;
    p.loss += std::log(static_cast<double>(sum)) + (top - z[p.labels[i]]);
  }
}

}  // namespace

std::vector<variant> variants(problem& p) {
  const sizes s(p);
  const auto in = [s](const float* x) { return Eigen::Map<const Eigen::ArrayXf, Eigen::Aligned64>(x, s.n); };
  const auto out = [s](float* x) { return Eigen::Map<Eigen::ArrayXf, Eigen::Aligned64>(x, s.n); };
  if (p.kernel == "relu") return {{"array", [&p, in, out] { out(p.c) = in(p.a).max(0.0f); }}};
  if (p.kernel == "leaky-relu")
    return {{"select", [&p, in, out] { out(p.c) = (in(p.a) > 0.0f).select(in(p.a), 0.01f * in(p.a)); }},
            {"max", [&p, in, out] { out(p.c) = in(p.a).max(0.01f * in(p.a)); }}};
  if (p.kernel == "elu")
    return {{"select", [&p, in, out] { out(p.c) = (in(p.a) > 0.0f).select(in(p.a), in(p.a).exp() - 1.0f); }},
            {"max", [&p, in, out] { out(p.c) = in(p.a).max(0.0f) + (in(p.a).min(0.0f).exp() - 1.0f); }},
            {"expm1", [&p, in, out] { out(p.c) = (in(p.a) > 0.0f).select(in(p.a), in(p.a).expm1()); }}};
  if (p.kernel == "gelu")
    return {{"erf", [&p, in, out] { out(p.c) = 0.5f * in(p.a) * (1.0f + (in(p.a) * 0.70710678f).erf()); }}};
  if (p.kernel == "gelu-tanh")
    return {{"tanh", [&p, in, out] {
               const auto x = in(p.a);
               out(p.c) = 0.5f * x * (1.0f + (x * (0.79788456f + 0.035677408f * x * x)).tanh());
             }}};
  if (p.kernel == "silu")
    return {{"logistic", [&p, in, out] { out(p.c) = in(p.a) * in(p.a).logistic(); }},
            {"exp", [&p, in, out] { out(p.c) = in(p.a) / (1.0f + (-in(p.a)).exp()); }}};
  if (p.kernel == "tanh") return {{"array", [&p, in, out] { out(p.c) = in(p.a).tanh(); }}};
  if (p.kernel == "sigmoid")
    return {{"logistic", [&p, in, out] { out(p.c) = in(p.a).logistic(); }},
            {"exp", [&p, in, out] { out(p.c) = 1.0f / (1.0f + (-in(p.a)).exp()); }}};
  if (p.kernel == "add") return {{"array", [&p, in, out] { out(p.c) = in(p.a) + in(p.b); }}};
  if (p.kernel == "exp") return {{"array", [&p, in, out] { out(p.c) = in(p.a).exp(); }}};
  if (p.kernel == "sgd")
    return {{"array", [&p, in, out] {
               out(p.c) -= p.alpha * in(p.a);
               p.alpha = -p.alpha;
             }}};
  if (p.kernel == "softmax_cross_entropy") return {{"array", [&p, s] { softmax_cross_entropy(p, s); }}};

  std::vector<variant> found;
  add_vector_products<any, any>(p, "dynamic", found);
  add_vector_products<10, 16>(p, "fixed", found);
  add_vector_products<16, 16>(p, "fixed", found);
  add_vector_products<24, 384>(p, "fixed", found);
  add_vector_products<16, 784>(p, "fixed", found);
  add_vector_products<32, 784>(p, "fixed", found);
  add_vector_products<any, 784>(p, "fixed-cols", found);
  add_vector_products<128, 128>(p, "fixed", found);
  add_matrix_products<any, any, any>(p, "dynamic", found);
  add_matrix_products<any, 16, 784>(p, "fixed", found);
  add_matrix_products<any, 784, 16>(p, "fixed", found);
  add_matrix_products<784, 16, any>(p, "fixed", found);
  add_matrix_products<any, 16, 16>(p, "fixed", found);
  add_matrix_products<16, 16, any>(p, "fixed", found);
  add_matrix_products<any, 10, 16>(p, "fixed", found);
  add_matrix_products<any, 16, 10>(p, "fixed", found);
  add_matrix_products<16, 10, any>(p, "fixed", found);
  return found;
}

std::string describe() { return describe_eigen(); }

}  // namespace lanewise::bench
