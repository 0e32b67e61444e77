// SPDX-License-Identifier: MIT
// The operands of one row, the same for every contender, and how far a result is from the double reference.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <lanewise/aligned_buffer.hpp>

#include "contender.hpp"
#include "ref/activation.hpp"
#include "ref/elementwise.hpp"
#include "ref/gemm.hpp"
#include "ref/gemv.hpp"
#include "ref/loss.hpp"
#include "ref/update.hpp"

namespace lanewise::bench {

// Uniform in [-1, 1), of the index alone.
inline void fill(std::span<float> values, std::uint32_t seed) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint32_t h = static_cast<std::uint32_t>(i) * 0x9e3779b9u + seed;
    h = (h ^ (h >> 16)) * 0x7feb352du;
    h = (h ^ (h >> 15)) * 0x846ca68bu;
    values[i] = static_cast<float>(static_cast<std::int32_t>(h ^ (h >> 16))) * 0x1p-31f;
  }
}

class bench_operands {
 public:
  bench_operands(const std::string& kernel, std::size_t m, std::size_t n, std::size_t k) {
    p_.kernel = kernel;
    p_.m = m, p_.n = n, p_.k = k;
    struct counts {
      std::size_t a, b, c;
    };
    const counts size = kernel == "gemv"                    ? counts{m * n, n, m}
                        : kernel == "gemv_t"                ? counts{m * n, m, n}
                        : kernel == "ger"                   ? counts{m, n, m * n}
                        : kernel == "softmax_cross_entropy" ? counts{m * n, 0, m * n}
                        : kernel.starts_with("gemm")        ? counts{m * k, k * n, m * n}
                        : is_update()                       ? counts{n, 0, m * n}
                                                            : counts{n, n, n};
    lay_out(size.a, size.b, size.c);
    fill(a_, 1);
    fill(b_, 2);
    if (kernel == "exp")
      for (float& x : a_) x *= 80;
    if (kernel == "softmax_cross_entropy")
      for (float& x : a_) x *= 8;
    if (is_activation(kernel) && kernel != "relu")
      for (float& x : a_) x *= 4;  // where such functions bend
    labels_.resize(m);
    for (std::size_t i = 0; i < m; ++i) labels_[i] = static_cast<std::int32_t>(i * 7 % n);
    p_.a = a_.data(), p_.b = b_.data(), p_.c = c_.data(), p_.labels = labels_.data();
    reset();
  }
  bench_operands(const bench_operands&) = delete;
  bench_operands& operator=(const bench_operands&) = delete;

  problem& get() { return p_; }
  bool is_update() const { return p_.kernel.starts_with("update_"); }

  void reset() {
    fill(c_, 3);
    if (is_update())
      for (float& kept : c_.subspan(p_.n)) kept = std::abs(kept);
    p_.alpha = 0x1p-7f;
  }

  // After one run from reset() on: the largest error in units of its bound.
  double error() const {
    const std::string_view kernel = p_.kernel;
    if (kernel.starts_with("gemm")) return gemm_error();
    if (kernel == "softmax_cross_entropy") return loss_error();
    if (kernel == "gemv" || kernel == "gemv_t") return gemv_error();
    if (is_update()) return update_error();
    if (is_activation(kernel) && kernel != "relu") return activation_error();
    double worst = 0;
    aligned_buffer<float> before(c_.size());
    fill(before.span(), 3);
    for (std::size_t i = 0; i < c_.size(); ++i) {
      const double a = kernel == "ger" ? a_[i / p_.n] : a_[i], b = kernel == "ger" ? b_[i % p_.n] : b_[i];
      const double c = before[i], alpha = 0x1p-7;
      const double want = kernel == "ger"    ? c + alpha * a * b
                          : kernel == "sgd"  ? c - alpha * a
                          : kernel == "add"  ? a + b
                          : kernel == "relu" ? std::max(a, 0.0)
                                             : std::exp(a);
      const double size = kernel == "ger" ? std::abs(c) + std::abs(alpha * a * b) : std::abs(want);
      worst = std::max(worst, excess(c_[i], want, kernel == "ger" ? gamma(2) * size : ulp(want)));
    }
    return worst;
  }

 private:
  // One behind another, so that for every contender they lie alike: a load waits for earlier stores to addresses of the same
  // last 12 bits, and what the allocator makes of three buffers cost the one or the other contender up to 1.6 times.
  void lay_out(std::size_t a, std::size_t b, std::size_t c) {
    constexpr std::size_t line = 16;
    const auto in_lines = [](std::size_t n) { return (n + line - 1) / line * line; };
    memory_ = aligned_buffer<float>(in_lines(a) + in_lines(b) + c);
    a_ = memory_.span().first(a);
    b_ = memory_.span().subspan(in_lines(a), b);
    c_ = memory_.span().subspan(in_lines(a) + in_lines(b), c);
  }

  static double gamma(std::size_t k) { return static_cast<double>(k) * 0x1p-24; }
  static double ulp(double x) { return std::ldexp(1.0, std::max(std::ilogb(x == 0 ? 0x1p-126 : x), -126) - 23); }
  static double excess(double got, double want, double bound) {
    const double error = std::abs(got - want);
    return error <= 0 ? 0 : error <= std::numeric_limits<double>::max() ? error / bound : 1e300;
  }

  // Against 16 u max(|result|, 1): small results of negative inputs rivals take from differences, which lose digits. Eigen's
  // gelu comes to 12 u.
  double activation_error() const {
    const activation act = *activation_from_name(p_.kernel);
    double worst = 0;
    for (std::size_t i = 0; i < c_.size(); ++i) {
      const double want = ref::value(act, a_[i]);
      worst = std::max(worst, excess(c_[i], want, gamma(16) * std::max(std::abs(want), 1.0)));
    }
    return worst;
  }

  double gemv_error() const {
    const bool transposed = p_.kernel == "gemv_t";
    const matrix_view<const float> a(p_.a, p_.m, p_.n);
    std::vector<double> want(c_.size()), size(c_.size());
    (transposed ? ref::gemv_t : ref::gemv)(a, b_, c_, 0, {}, want, size);
    double worst = 0;
    for (std::size_t i = 0; i < c_.size(); ++i)
      worst = std::max(worst, excess(c_[i], want[i], gamma(transposed ? p_.m : p_.n) * size[i]));
    return worst;
  }

  // Of the weights alone, against 16 u of the largest.
  double update_error() const {
    aligned_buffer<float> before(c_.size());
    fill(before.span(), 3);
    double worst = 0;
    for (const optimizer which : all_optimizers) {
      if (p_.kernel != "update_" + std::string(name(which))) continue;
      for (std::size_t i = 0; i < p_.n; ++i) {
        std::array<double, 2> state{};
        for (std::size_t s = 1; s < p_.m; ++s) state[s - 1] = std::abs(static_cast<double>(before[s * p_.n + i]));
        double w = before[i];
        ref::update({default_settings(which), 0x1p-7, 1000}, static_cast<double>(a_[i]), w,
                    std::span<double>(state));
        worst = std::max(worst, excess(c_[i], w, gamma(16)));
      }
    }
    return worst;
  }

  // Of large matrices some rows: the first and the last ones.
  double gemm_error() const {
    constexpr std::size_t most = 40'000'000;  // products
    const std::size_t rows = std::clamp<std::size_t>(most / (p_.n * p_.k), 2, p_.m);
    const std::size_t above = (rows + 1) / 2;
    return std::max(gemm_error(0, std::min(above, p_.m)), gemm_error(p_.m - rows / 2, rows / 2));
  }

  double gemm_error(std::size_t first, std::size_t rows) const {
    if (rows == 0) return 0;
    const auto [kernel, m, n, k] = std::tuple(std::string_view(p_.kernel), p_.m, p_.n, p_.k);
    const matrix_view<const float> c(p_.c + first * n, rows, n);
    std::vector<double> want_values(rows * n), size_values(rows * n);
    const matrix_view<double> want(want_values.data(), rows, n), size(size_values.data(), rows, n);
    if (kernel == "gemm_nn")
      ref::gemm_nn({p_.a + first * k, rows, k}, {p_.b, k, n}, c, 0, {}, want, size);
    else if (kernel == "gemm_nt")
      ref::gemm_nt({p_.a + first * k, rows, k}, {p_.b, n, k}, c, 0, {}, want, size);
    else
      ref::gemm_tn({p_.a + first, k, rows, m}, {p_.b, k, n}, c, 0, {}, want, size);
    double worst = 0;
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < n; ++j) worst = std::max(worst, excess(c(i, j), want(i, j), gamma(k) * size(i, j)));
    return worst;
  }

  // Gradients against 8 u scale, the loss against 8 u a row: what exact exponentials in float allow.
  double loss_error() const {
    std::vector<double> want(c_.size());
    const double loss = ref::softmax_cross_entropy({p_.a, p_.m, p_.n}, labels_, p_.alpha, {want.data(), p_.m, p_.n});
    double worst = excess(p_.loss, loss, gamma(8) * std::max(std::abs(loss), 1.0));
    for (std::size_t i = 0; i < c_.size(); ++i) worst = std::max(worst, excess(c_[i], want[i], gamma(8) * p_.alpha));
    return worst;
  }

  problem p_;
  aligned_buffer<float> memory_;
  std::span<float> a_, b_, c_;
  std::vector<std::int32_t> labels_;
};

}  // namespace lanewise::bench
