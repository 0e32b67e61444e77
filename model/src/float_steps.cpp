// SPDX-License-Identifier: MIT
#include "float_steps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace lanewise {
namespace {

constexpr double u = 0x1p-24;

// Of a sum of n products, in any order that the kernels add in.
double gamma_of(std::size_t n) {
  const double roundings = static_cast<double>(n + 10) * u;
  return roundings / (1 - roundings);
}

// Of act(z), relative to it. An ULP is at most 2 u.
double activation_error(activation act, double z) {
  const double v = act.kind == activation_kind::gelu_tanh ? std::abs(ref::gelu_tanh_exponent(z)) : 0;
  return (8 + 6 * v) * u;
}

// sum_i |w_i x_i|, w being a row or a column of a matrix
double magnitude_of_sum(const double* w, std::size_t stride, const vec& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += std::abs(w[i * stride] * x[i]);
  return sum;
}

// Compares each vector with the floats and puts these in its place: the next step starts from what backward() had.
class float_steps : public reference_net::onlooker {
 public:
  float_steps(const mlp& net, workspace& ws, std::size_t batch)
      : ws_(ws), batch_(batch), net_(net), magnitudes_(net_), gradients_(net, ws.gradients()) {
    magnitudes_.fill(0);
  }

  float_steps_result check(std::span<const sample> samples) {
    reference_net expected = net_;
    expected.fill(0);
    for (; sample_ < samples.size(); ++sample_)
      net_.add_gradient(samples[sample_].x, samples[sample_].label, scale(), expected, *this);
    compare_gradients(expected);
    return result_;
  }

  void z(std::size_t l, const vec& in, vec& z) override {
    const reference_net::layer_parameters& p = net_.layers[l];
    for (std::size_t o = 0; o < z.size(); ++o) {
      const double magnitude = magnitude_of_sum(&p.w[o * in.size()], 1, in) + std::abs(p.b[o]);
      compare({l, "z", sample_, o}, ws_.z(l, batch_)(sample_, o), z[o], gamma_of(in.size()), magnitude);
    }
  }

  void a(std::size_t l, const vec& z, const vec& in, vec& a) override {
    const layer& here = net_.layers[l].shape;
    for (std::size_t o = 0; o < a.size(); ++o) {
      const double magnitude = std::abs(ref::value(here.act, z[o])) + (here.residual ? std::abs(in[o]) : 0);
      compare({l, "a", sample_, o}, ws_.a(l, batch_)(sample_, o), a[o], activation_error(here.act, z[o]), magnitude);
    }
  }

  void dlogits(const vec& z, std::int32_t label, vec& d) override {
    const double max = *std::max_element(z.begin(), z.end());
    for (std::size_t j = 0; j < d.size(); ++j) {
      const bool is_label = j == static_cast<std::size_t>(label);
      const double magnitude = is_label ? d[j] + 2 * scale() : d[j];  // scale (p_j + [j == label])
      compare({last(), "dz", sample_, j}, ws_.dz(last(), batch_)(sample_, j), d[j], (6 + (max - z[j])) * u, magnitude);
    }
  }

  void dz(std::size_t l, const vec& da, vec& d) override {
    const double steepest = std::max(1.0, static_cast<double>(net_.layers[l].shape.act.parameter));
    for (std::size_t o = 0; o < d.size(); ++o)
      compare({l, "dz", sample_, o}, ws_.dz(l, batch_)(sample_, o), d[o], 4 * u, steepest * std::abs(da[o]));
  }

  void da(std::size_t l, const vec& d, const vec& da_out, vec& da) override {
    const reference_net::layer_parameters& p = net_.layers[l + 1];
    for (std::size_t i = 0; i < da.size(); ++i) {
      const double through = p.shape.residual ? std::abs(da_out[i]) : 0;
      compare({l, "da", sample_, i}, ws_.da(l, batch_)(sample_, i), da[i], gamma_of(d.size()),
              magnitude_of_sum(&p.w[i], da.size(), d) + through);
    }
  }

  void gradient(std::size_t l, const vec& in, const vec& d) override {
    reference_net::layer_parameters& sums = magnitudes_.layers[l];
    for (std::size_t o = 0; o < d.size(); ++o) {
      for (std::size_t i = 0; i < in.size(); ++i) sums.w[o * in.size() + i] += std::abs(d[o] * in[i]);
      sums.b[o] += std::abs(d[o]);
    }
  }

 private:
  struct place {
    std::size_t l;
    const char* what;
    std::optional<std::size_t> row;
    std::size_t column;
    std::string text() const {
      return std::to_string(l) + "." + what + " [" + (row ? std::to_string(*row) + ", " : "") +
             std::to_string(column) + "]";
    }
  };

  std::size_t last() const { return net_.layers.size() - 1; }
  double scale() const { return 1.0 / static_cast<double>(batch_); }

  // What the bounds leave out: a result, or a term of a sum, may be denormal.
  void compare(const place& where, double got, double& want, double relative, double magnitude) {
    constexpr double underflow = 0x1p-126;
    if (!result_.overflow.empty() || std::isinf(result_.error)) return;
    double error = std::abs(got - want) / (relative * magnitude + underflow);
    if (!std::isfinite(got)) {
      if (magnitude * (1 + relative) > std::numeric_limits<float>::max()) {
        result_.overflow = where.text();
        return;
      }
      error = std::numeric_limits<double>::infinity();
    }
    if (error > result_.error || result_.worst.empty()) {
      result_.error = error;
      result_.worst = where.text();
    }
    want = got;
  }

  void compare_gradients(reference_net& expected) {
    for (std::size_t l = 0; l <= last(); ++l) {
      const std::size_t in = net_.layers[l].shape.in;
      reference_net::layer_parameters &want = expected.layers[l], &got = gradients_.layers[l],
                                      &sums = magnitudes_.layers[l];
      for (std::size_t i = 0; i < want.w.size(); ++i)
        compare({l, "weight", i / in, i % in}, got.w[i], want.w[i], gamma_of(batch_), sums.w[i]);
      for (std::size_t o = 0; o < want.b.size(); ++o)
        compare({l, "bias", {}, o}, got.b[o], want.b[o], gamma_of(batch_), sums.b[o]);
    }
  }

  workspace& ws_;
  std::size_t batch_;
  std::size_t sample_ = 0;
  reference_net net_;
  reference_net magnitudes_;  // of the terms of each gradient
  reference_net gradients_;
  float_steps_result result_;
};

}  // namespace

float_steps_result check_float_steps(const mlp& net, workspace& ws, std::span<const sample> samples) {
  return float_steps(net, ws, samples.size()).check(samples);
}

}  // namespace lanewise
