// SPDX-License-Identifier: MIT
#include <lanewise/model/gradient_check.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <vector>

#include <lanewise/model/rng.hpp>
#include <lanewise/model/step.hpp>
#include <lanewise/model/workspace.hpp>

#include "float_steps.hpp"
#include "reference_net.hpp"

namespace lanewise {
namespace {

std::vector<sample> random_samples(const mlp& net, const gradient_check_options& options) {
  random_stream random(options.seed, stream::gradient_check);
  std::vector<sample> samples(options.batch);
  for (sample& s : samples) {
    for (std::size_t i = 0; i < net.inputs(); ++i) s.x.push_back(random.below(3) == 0 ? random.uniform() : 0);
    s.label = static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(net.classes())));
  }
  return samples;
}

reference_net mean_gradient(const reference_net& net, const std::vector<sample>& samples) {
  reference_net gradient = net;
  gradient.fill(0);
  for (const sample& s : samples) net.add_gradient(s.x, s.label, 1.0 / static_cast<double>(samples.size()), gradient);
  return gradient;
}

// The mean loss, and on which side of zero, where an activation may have its kink, each z lies.
struct evaluated {
  double loss = 0;
  std::vector<bool> sides;
};

evaluated evaluate(const reference_net& net, const std::vector<sample>& samples) {
  evaluated result;
  for (const sample& s : samples) {
    const reference_net::trace t = net.run(s.x);
    result.loss += reference_net::cross_entropy(t.z.back(), s.label) / static_cast<double>(samples.size());
    for (std::size_t l = 0; l < t.z.size(); ++l)
      if (ref::has_kink(net.layers[l].shape.act))
        for (const double z : t.z[l]) result.sides.push_back(z > 0);
  }
  return result;
}

double largest(reference_net::layer_parameters& p) {
  double most = 0;
  for (const vec* values : {&p.w, &p.b})
    for (const double v : *values) most = std::max(most, std::abs(v));
  return most;
}

// Where number i of reference_net::numbers() stands in the model file.
std::string name_of(std::span<const layer> layers, std::size_t i) {
  std::size_t l = 0;
  while (i >= (layers[l].in + 1) * layers[l].out) i -= (layers[l].in + 1) * layers[l].out, ++l;
  const std::size_t weights = layers[l].in * layers[l].out;
  if (i >= weights) return std::to_string(l) + ".bias [" + std::to_string(i - weights) + "]";
  return std::to_string(l) + ".weight [" + std::to_string(i / layers[l].in) + ", " +
         std::to_string(i % layers[l].in) + "]";
}

// In ascending order: all, or as many as are to be drawn.
std::vector<std::uint32_t> chosen(std::size_t parameters, const gradient_check_options& options) {
  std::vector<std::uint32_t> all(parameters);
  for (std::size_t i = 0; i < parameters; ++i) all[i] = static_cast<std::uint32_t>(i);
  if (parameters <= options.all_up_to) return all;
  random_stream random(options.seed, stream::gradient_check, 1);
  shuffle(all, random);
  all.resize(std::min(options.drawn, parameters));
  std::sort(all.begin(), all.end());
  return all;
}

// (L(p + h) - L(p - h)) / 2h for a parameter p of `net`; none if a z crosses a kink in between.
std::optional<double> difference(reference_net& net, double& parameter, double h, const std::vector<sample>& samples) {
  const double value = parameter;
  parameter = value + h;
  const evaluated above = evaluate(net, samples);
  parameter = value - h;
  const evaluated below = evaluate(net, samples);
  parameter = value;
  if (above.sides != below.sides) return std::nullopt;
  return (above.loss - below.loss) / (2 * h);
}

// Whether an error is that of the difference: then a smaller h gives another difference. One of the gradient stays.
bool is_unsteady(double slope, double error, std::optional<double> closer) {
  return !closer || std::abs(slope - *closer) >= error / 2;
}

void check_differences(reference_net net, reference_net& gradient, const std::vector<sample>& samples,
                       std::span<const layer> layers, const gradient_check_options& options,
                       gradient_check_result& result) {
  double scale = 1e-3;
  for (reference_net::layer_parameters& p : gradient.layers) scale = std::max(scale, largest(p));
  const std::vector<double*> parameters = net.numbers(), gradients = gradient.numbers();
  for (const std::uint32_t i : chosen(parameters.size(), options)) {
    constexpr double h = 1e-5;
    ++result.checked;
    const std::optional<double> slope = difference(net, *parameters[i], h, samples);
    const double error = slope ? std::abs(*slope - *gradients[i]) / scale : 0;
    if (!slope || (error > gradient_check_result::difference_bound &&
                   is_unsteady(*slope, error * scale, difference(net, *parameters[i], h / 4, samples)))) {
      ++result.skipped;
      continue;
    }
    if (error > result.difference_error || result.difference_worst.empty()) {
      result.difference_error = error;
      result.difference_worst = name_of(layers, i);
    }
  }
}

float_steps_result check_float(const mlp& net, const std::vector<sample>& samples) {
  std::vector<float> x;
  std::vector<std::int32_t> labels;
  for (const sample& s : samples) {
    for (const double v : s.x) x.push_back(static_cast<float>(v));
    labels.push_back(s.label);
  }
  workspace ws(net, samples.size());
  backward(net, ws, {x.data(), samples.size(), net.inputs()}, labels);
  return check_float_steps(net, ws, samples);
}

}  // namespace

gradient_check_result check_gradient(const mlp& net, const gradient_check_options& options) {
  if (options.batch == 0) throw std::invalid_argument("check_gradient: batch must be at least 1");
  gradient_check_result result;
  result.parameters = net.parameter_count();
  const std::vector<sample> samples = random_samples(net, options);
  const float_steps_result floats = check_float(net, samples);
  result.float_error = floats.error;
  result.float_worst = floats.worst;
  result.overflow = floats.overflow;
  if (!result.overflow.empty()) return result;
  const reference_net reference(net);
  reference_net gradient = mean_gradient(reference, samples);
  check_differences(reference, gradient, samples, net.layers(), options, result);
  return result;
}

}  // namespace lanewise
