// SPDX-License-Identifier: MIT
// The common part of all contenders. They read commands on standard input and answer each with a line:
//
//   prepare KERNEL M N K   ready VARIANT NANOSECONDS ERROR | none
//       makes the operands (the same for every contender), checks each variant against the double reference and keeps the
//       fastest. ERROR is the largest one, in units of its bound (gamma_k for sums, else ULP). A wrong result ends the program.
//   describe               version, and what it was held to
//   time MICROSECONDS      NANOSECONDS a call, over about that time of this thread
//
// "unchecked" as the only argument: for the loops that show what the machine allows, whose results mean nothing.
#include "contender.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <tuple>

#include <lanewise/aligned_buffer.hpp>

#include "ref/activation.hpp"
#include "ref/elementwise.hpp"
#include "ref/gemm.hpp"
#include "ref/gemv.hpp"
#include "ref/loss.hpp"
#include "ref/update.hpp"

namespace lanewise::bench {
namespace {

double thread_nanoseconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Uniform in [-1, 1), of the index alone.
void fill(std::span<float> values, std::uint32_t seed) {
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
    a_ = aligned_buffer<float>(size.a), b_ = aligned_buffer<float>(size.b), c_ = aligned_buffer<float>(size.c);
    fill(a_.span(), 1);
    fill(b_.span(), 2);
    if (kernel == "exp")
      for (float& x : a_.span()) x *= 80;
    if (kernel == "softmax_cross_entropy")
      for (float& x : a_.span()) x *= 8;
    if (is_activation(kernel) && kernel != "relu")
      for (float& x : a_.span()) x *= 4;  // where such functions bend
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
    fill(c_.span(), 3);
    if (is_update())
      for (float& kept : c_.span().subspan(p_.n)) kept = std::abs(kept);
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
  static double gamma(std::size_t k) { return static_cast<double>(k) * 0x1p-24; }
  static double ulp(double x) { return std::ldexp(1.0, std::max(std::ilogb(x == 0 ? 0x1p-126 : x), -126) - 23); }
  static double excess(double got, double want, double bound) {
    const double error = std::abs(got - want);
    return error <= 0 ? 0 : error <= std::numeric_limits<double>::max() ? error / bound : 1e300;
  }

  // Against 8 u max(|result|, 1): small results of negative inputs rivals take from differences, which lose digits.
  double activation_error() const {
    const activation act = *activation_from_name(p_.kernel);
    double worst = 0;
    for (std::size_t i = 0; i < c_.size(); ++i) {
      const double want = ref::value(act, a_[i]);
      worst = std::max(worst, excess(c_[i], want, gamma(8) * std::max(std::abs(want), 1.0)));
    }
    return worst;
  }

  double gemv_error() const {
    const bool transposed = p_.kernel == "gemv_t";
    const matrix_view<const float> a(p_.a, p_.m, p_.n);
    std::vector<double> want(c_.size()), size(c_.size());
    (transposed ? ref::gemv_t : ref::gemv)(a, b_.span(), c_.span(), 0, {}, want, size);
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
  aligned_buffer<float> a_, b_, c_;
  std::vector<std::int32_t> labels_;
};

}  // namespace

bool is_activation(std::string_view kernel) { return activation_from_name(kernel).has_value(); }

namespace {

class contest {
 public:
  explicit contest(bool checked) : checked_(checked) {}

  void prepare(const std::string& kernel, std::size_t m, std::size_t n, std::size_t k) {
    chosen_ = {};  // before the operands that it refers to
    operands_.reset();
    operands_ = std::make_unique<bench_operands>(kernel, m, n, k);
    double best = std::numeric_limits<double>::infinity(), error = 0;
    for (variant& candidate : variants(operands_->get())) {
      operands_->reset();
      candidate.run();
      const double candidate_error = checked_ ? operands_->error() : 0;
      // Sums in any order are within 1. The largest factor is for the exponentials of others.
      if (!(candidate_error <= (kernel == "exp" || kernel.starts_with("softmax") ? 1e4 : 1.0)))
        throw std::runtime_error(candidate.name + ": wrong results, " + std::to_string(candidate_error) +
                                 " of the bound");
      const double time = quick_time(candidate);
      if (time < best) best = time, error = candidate_error, chosen_ = std::move(candidate);
    }
    call_time_ = best;
    if (chosen_.run)
      std::printf("ready %s %.1f %.3f\n", chosen_.name.c_str(), best, error);
    else
      std::printf("none\n");
  }

  void time(double microseconds) {
    const auto calls = static_cast<std::size_t>(std::max(1.0, microseconds * 1e3 / call_time_));
    const double start = thread_nanoseconds();
    for (std::size_t i = 0; i < calls; ++i) chosen_.run();
    call_time_ = std::max((thread_nanoseconds() - start) / static_cast<double>(calls), 1.0);
    std::printf("%.3f\n", call_time_);
  }

 private:
  double quick_time(const variant& candidate) {
    double best = std::numeric_limits<double>::infinity();
    std::size_t calls = 1;
    for (int attempt = 0; attempt < 4; ++attempt) {
      const double start = thread_nanoseconds();
      for (std::size_t i = 0; i < calls; ++i) candidate.run();
      const double time = (thread_nanoseconds() - start) / static_cast<double>(calls);
      calls = static_cast<std::size_t>(std::max(1.0, 200e3 / std::max(time, 1.0)));
      best = std::min(best, time);
    }
    return best;
  }

  bool checked_;
  std::unique_ptr<bench_operands> operands_;
  variant chosen_;
  double call_time_ = 1;
};

int answer_commands(bool checked) {
  contest contest(checked);
  std::string command;
  while (std::cin >> command) {
    if (command == "describe") {
      std::printf("%s\n", describe().c_str());
    } else if (command == "prepare") {
      std::string kernel;
      std::size_t m = 0, n = 0, k = 0;
      std::cin >> kernel >> m >> n >> k;
      contest.prepare(kernel, m, n, k);
    } else if (command == "time") {
      double microseconds = 0;
      std::cin >> microseconds;
      contest.time(microseconds);
    } else {
      throw std::runtime_error("unknown command " + command);
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace lanewise::bench

int main(int argc, char** argv) {
  try {
    return lanewise::bench::answer_commands(argc < 2 || std::string_view(argv[1]) != "unchecked");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
