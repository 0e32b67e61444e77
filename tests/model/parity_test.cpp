// SPDX-License-Identifier: MIT
// 100 steps of each optimiser and schedule beside what PyTorch makes of them in float64 (pytorch_losses.inc, written by
// tools/checks/pytorch_losses.py): the double references, which are the specification, and the float path.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <lanewise/model/optimizer.hpp>
#include <lanewise/model/schedule.hpp>
#include <lanewise/model/step.hpp>

#include "../../kernels/ref/update.hpp"
#include "../support/random.hpp"
#include "../../model/src/reference_net.hpp"
#include "../support/tally.hpp"

using namespace lanewise;
using namespace lanewise::test;

namespace {

constexpr std::size_t steps = 100, samples = 64, batch = 8;
constexpr planned_steps plan{10, 10};

struct parity_case {
  std::string flags;  // of `lanewise train`
  double lr = 0;
  lanewise::schedule schedule{.shape = schedule_shape::constant};
  update_options update = {};
  std::vector<double> losses;
};

template <class Choice, std::size_t count>
Choice named(const std::string& text, const std::array<Choice, count>& all) {
  for (const Choice choice : all)
    if (name(choice) == text) return choice;
  FAIL("unknown name ", text);
  return all[0];
}

parity_case parse_flags(const std::string& line) {
  parity_case c{.flags = line, .losses = {}};
  std::istringstream words(line);
  for (std::string flag, value; words >> flag >> value;) {
    optimizer_settings& o = c.update.optimizer;
    std::size_t end = 0;
    const double number = flag == "--optimizer" || flag == "--schedule" ? 0 : std::stod(value, &end);
    if (flag == "--optimizer") o = default_settings(named(value, all_optimizers));
    else if (flag == "--lr") c.lr = number;
    else if (flag == "--weight-decay") o.weight_decay = number;
    else if (flag == "--clip-norm") c.update.clip_norm = number;
    else if (flag == "--momentum") o.momentum = number;
    else if (flag == "--alpha") o.alpha = number;
    else if (flag == "--eps") o.eps = number;
    else if (flag == "--betas") o.beta1 = number, o.beta2 = std::stod(value.substr(end + 1));
    else if (flag == "--warm-up") c.schedule.warm_up_epochs = number;
    else if (value.starts_with("step:")) c.schedule = {schedule_shape::step, std::stod(value.substr(5)), 0.5};
    else c.schedule.shape = named(value, all_schedule_shapes);
  }
  return c;
}

std::vector<parity_case> read_cases() {
  std::istringstream file(
#include "pytorch_losses.inc"
  );
  std::vector<parity_case> cases;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("--")) {
      cases.push_back(parse_flags(line));
      continue;
    }
    std::istringstream words(line);
    for (std::string word; words >> word;) cases.back().losses.push_back(std::strtod(word.c_str(), nullptr));
  }
  REQUIRE_FALSE(cases.empty());
  return cases;
}

struct problem {
  mlp net{parse_layers("12-10-10r-5")};
  std::vector<float> x;
  std::vector<std::int32_t> labels;

  problem() {  // as the script makes it
    random_source random(1);
    for (std::size_t l = 0; l < net.layers().size(); ++l) {
      const layer& here = net.layers()[l];
      for (std::size_t o = 0; o < here.out; ++o)
        for (std::size_t i = 0; i < here.in; ++i) net.weights(l)(i, o) = random.uniform() * 0.5f;
      for (std::size_t o = 0; o < here.out; ++o) net.bias(l)[o] = random.uniform() * 0.25f;
    }
    for (std::size_t i = 0; i < samples * net.inputs(); ++i) x.push_back(random.uniform());
    for (std::size_t i = 0; i < samples; ++i) labels.push_back(static_cast<std::int32_t>(random.next() % net.classes()));
  }

  std::size_t first_of(std::size_t step) const { return step * batch % samples; }
};

double clip_scale(const std::vector<double*>& gradient, double clip_norm) {
  double squares = 0;
  for (const double* g : gradient) squares += *g * *g;
  return clip_norm > 0 ? std::min(1.0, clip_norm / (std::sqrt(squares) + 1e-6)) : 1.0;
}

std::vector<double> losses_in_double(const parity_case& c) {
  const problem p;
  reference_net net(p.net), gradient = net;
  const std::vector<double*> w = net.numbers(), g = gradient.numbers();
  std::vector<double> state(2 * w.size()), losses;
  for (std::size_t step = 0; step < steps; ++step) {
    double loss = 0;
    gradient.fill(0);
    for (std::size_t i = p.first_of(step); i < p.first_of(step) + batch; ++i) {
      const auto begin = p.x.begin() + static_cast<std::ptrdiff_t>(i * p.net.inputs());
      const vec x(begin, begin + static_cast<std::ptrdiff_t>(p.net.inputs()));
      loss += net.loss(x, p.labels[i]) / batch;
      net.add_gradient(x, p.labels[i], 1.0 / batch, gradient);
    }
    losses.push_back(loss);
    const update_step numbers{c.update.optimizer, learning_rate(c.schedule, c.lr, step, plan), step + 1,
                              clip_scale(g, c.update.clip_norm)};
    for (std::size_t i = 0; i < w.size(); ++i) ref::update(numbers, *g[i], *w[i], std::span(state).subspan(2 * i, 2));
  }
  return losses;
}

std::vector<double> losses_in_float(const parity_case& c) {
  problem p;
  workspace ws(p.net, batch);
  parameter_update update(c.update, p.net.parameters().size());
  std::vector<double> losses;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t first = p.first_of(step);
    losses.push_back(backward(p.net, ws, {p.x.data() + first * p.net.inputs(), batch, p.net.inputs()},
                              std::span(p.labels).subspan(first, batch)) / batch);
    update(ws.gradients(), p.net.parameters(), learning_rate(c.schedule, c.lr, step, plan));
  }
  return losses;
}

double relative_error(double got, double want) { return std::abs(got - want) / want; }

}  // namespace

TEST_CASE("parity: 100 steps of every optimiser and schedule, the double reference within 1e-9 of PyTorch's float64") {
  std::map<optimizer, int> optimizers;
  std::map<schedule_shape, int> shapes;
  for (const parity_case& c : read_cases()) {
    CAPTURE(c.flags);
    REQUIRE(c.losses.size() == steps);
    const std::vector<double> got = losses_in_double(c);
    for (std::size_t step = 0; step < steps; ++step) {
      CAPTURE(step);
      REQUIRE(relative_error(got[step], c.losses[step]) <= 1e-9);
    }
    ++optimizers[c.update.optimizer.which];
    ++shapes[c.schedule.shape];
    count("runs of 100 steps beside PyTorch", 1);
  }
  CHECK(optimizers.size() == all_optimizers.size());
  CHECK(shapes.size() == all_schedule_shapes.size());
}

TEST_CASE("parity: in float within 1e-6 of PyTorch's float64 at step 1, within 2e-4 up to step 100") {
  double worst = 0;
  for (const parity_case& c : read_cases()) {
    CAPTURE(c.flags);
    const std::vector<double> got = losses_in_float(c);
    CHECK(relative_error(got[0], c.losses.at(0)) <= 1e-6);
    for (std::size_t step = 0; step < steps; ++step) {
      CAPTURE(step);
      REQUIRE(relative_error(got[step], c.losses.at(step)) <= 2e-4);
      worst = std::max(worst, relative_error(got[step], c.losses[step]));
    }
  }
  MESSAGE("largest relative difference to PyTorch's float64: ", worst);
}
