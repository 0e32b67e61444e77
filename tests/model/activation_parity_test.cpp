// SPDX-License-Identifier: MIT
// 100 steps of SGD against PyTorch in double, for every activation: the losses that
// tools/checks/pytorch_activation_losses.py wrote down, from the same net, data and steps.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <lanewise/model/step.hpp>

#include "../../model/src/reference_net.hpp"
#include "../support/tally.hpp"

namespace lanewise::test {
namespace {

struct committed_loss {
  const char* act;
  int step;
  double loss;
};
constexpr committed_loss committed[] = {
#include "pytorch_activation_losses.inc"
};

constexpr int steps = 100;
constexpr std::size_t samples = 12;
constexpr float lr = 0.125f;

mlp start_net(const char* act) {
  mlp net(parse_layers("7-8-8r-5", parse_activation(act)));
  for (std::size_t l = 0; l < net.layers().size(); ++l)
    for (std::size_t o = 0; o < net.layers()[l].out; ++o) {
      for (std::size_t i = 0; i < net.layers()[l].in; ++i)
        net.weights(l)(i, o) = (static_cast<float>((o * 31 + i * 17 + l * 11) % 23) - 11) / 32;
      net.bias(l)[o] = (static_cast<float>((o * 5 + l * 3) % 7) - 3) / 16;
    }
  return net;
}

struct problem {
  std::vector<float> x;
  std::vector<std::int32_t> labels;

  problem() {
    for (std::size_t i = 0; i < samples; ++i) {
      for (std::size_t j = 0; j < 7; ++j) x.push_back(static_cast<float>((i * 7 + j * 13) % 17) / 16);
      labels.push_back(static_cast<std::int32_t>(i * 3 % 5));
    }
  }
  vec sample(std::size_t i) const {
    return {x.begin() + static_cast<std::ptrdiff_t>(i * 7), x.begin() + static_cast<std::ptrdiff_t>(i * 7 + 7)};
  }
};

// The loss before each step.
std::vector<double> losses_in_double(const char* act) {
  const problem p;
  reference_net net(start_net(act));
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step) {
    reference_net gradient = net;
    gradient.fill(0);
    double loss = 0;
    for (std::size_t i = 0; i < samples; ++i) {
      loss += net.loss(p.sample(i), p.labels[i]) / samples;
      net.add_gradient(p.sample(i), p.labels[i], 1.0 / samples, gradient);
    }
    losses.push_back(loss);
    const std::vector<double*> w = net.numbers(), g = gradient.numbers();
    for (std::size_t i = 0; i < w.size(); ++i) *w[i] -= static_cast<double>(lr) * *g[i];
  }
  return losses;
}

std::vector<double> losses_in_float(const char* act) {
  const problem p;
  mlp net = start_net(act);
  workspace ws(net, samples);
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step)
    losses.push_back(sgd_step(net, ws, {p.x.data(), samples, 7}, p.labels, lr) / samples);
  return losses;
}

TEST_CASE("parity: 100 steps of every activation give PyTorch's losses") {
  std::vector<std::string> seen;
  std::vector<double> in_double, in_float;
  for (const committed_loss& row : committed) {
    if (seen.empty() || seen.back() != row.act) {
      seen.push_back(row.act);
      in_double = losses_in_double(row.act);
      in_float = losses_in_float(row.act);
    }
    INFO(row.act, ", step ", row.step, ": PyTorch ", row.loss);
    const auto step = static_cast<std::size_t>(row.step - 1);
    CHECK(std::abs(in_double[step] - row.loss) <= 1e-9);
    if (row.step == 1) CHECK(std::abs(in_float[step] - row.loss) <= 1e-6);
    CHECK(std::abs(in_float[step] / row.loss - 1) <= 2e-4);
    count("losses that agree with PyTorch's", 1);
  }
  for (const activation act : all_activations) {
    INFO(name(act));
    CHECK(std::find(seen.begin(), seen.end(), activation_to_string(act)) != seen.end());
  }
}

}  // namespace
}  // namespace lanewise::test
