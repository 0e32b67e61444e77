// SPDX-License-Identifier: MIT
#include <lanewise/model/schedule.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

using namespace lanewise;

namespace {

constexpr planned_steps plan{7, 6};  // 42 steps

double rate(const schedule& s, std::size_t step) { return learning_rate(s, 0.3, step, plan); }

}  // namespace

TEST_CASE("schedule: constant and linear") {
  for (std::size_t s = 0; s < plan.all(); ++s) {
    CHECK(rate({schedule_shape::constant}, s) == 0.3);
    CHECK(rate({schedule_shape::linear}, s) == 0.3 * (1 - static_cast<double>(s) / 42.0));
  }
}

TEST_CASE("schedule: the cosine is that of libm within a few units in the last place of 1, also over a long run") {
  const double pi = std::acos(-1.0);
  for (std::size_t s = 0; s < plan.all(); ++s)
    REQUIRE(std::abs(rate({schedule_shape::cosine}, s) - 0.15 * (1 + std::cos(pi * static_cast<double>(s) / 42))) < 1e-16);
  const planned_steps many{1000, 100};
  for (std::size_t s = 0; s < many.all(); s += 7) {
    const double want = (1 + std::cos(pi * static_cast<double>(s) / 1e5)) / 2;
    REQUIRE(std::abs(learning_rate({schedule_shape::cosine}, 1, s, many) - want) < 4e-16);
  }
  CHECK(rate({schedule_shape::cosine}, 0) == 0.3);
  CHECK(rate({schedule_shape::cosine}, 21) == doctest::Approx(0.15).epsilon(1e-15));
}

TEST_CASE("schedule: step falls at the beginning of every so-many-th epoch") {
  for (std::size_t s = 0; s < plan.all(); ++s) {
    CHECK(rate({schedule_shape::step, 2, 0.1}, s) == doctest::Approx(0.3 * std::pow(0.1, static_cast<double>(s / 14))));
    CHECK(rate({schedule_shape::step, 1, 0.5}, s) == 0.3 * std::ldexp(1.0, -static_cast<int>(s / 7)));
    CHECK(rate({schedule_shape::step, 0.5, 0.5}, s) == 0.3 * std::ldexp(1.0, -static_cast<int>(2 * s / 7)));
  }
  CHECK(rate({schedule_shape::step, 1e-300, 0.5}, 41) == 0);
}

TEST_CASE("schedule: a warm-up rises to the rate, then the shape goes over the rest of the steps") {
  const planned_steps rest{7, 5};
  for (const schedule_shape shape : {schedule_shape::constant, schedule_shape::linear, schedule_shape::cosine,
                                     schedule_shape::step}) {
    const schedule s{.shape = shape, .step_epochs = 2, .warm_up_epochs = 1};
    for (std::size_t step = 0; step < 7; ++step) CHECK(rate(s, step) == 0.3 * (static_cast<double>(step + 1) / 7));
    for (std::size_t step = 7; step < plan.all(); ++step)
      CHECK(rate(s, step) == learning_rate({.shape = shape, .step_epochs = 2}, 0.3, step - 7, rest));
  }
  CHECK(rate({.warm_up_epochs = 0.4}, 2) == 0.3);  // 2.8 steps are 3
  CHECK(rate({.warm_up_epochs = 0.4}, 3) == 0.3);
  CHECK(rate({.warm_up_epochs = 0.4}, 4) < 0.3);
  CHECK(rate({.warm_up_epochs = 6}, 41) == 0.3);
  CHECK(rate({.warm_up_epochs = 1e300}, 41) < 1e-290);
}

TEST_CASE("schedule: refuses numbers that are none") {
  constexpr double none = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const double bad : {none, inf, 0.0, -1.0}) {
    CHECK_THROWS_AS(require_usable(schedule{.step_epochs = bad}), std::invalid_argument);
    CHECK_THROWS_AS(require_usable(schedule{.step_factor = bad}), std::invalid_argument);
    if (bad != 0) CHECK_THROWS_AS(require_usable(schedule{.warm_up_epochs = bad}), std::invalid_argument);
  }
  CHECK_THROWS_AS(require_usable(schedule{.step_factor = 1.01}), std::invalid_argument);
  CHECK_NOTHROW(require_usable(schedule{}));
}

TEST_CASE("schedule: the names of the command line") {
  std::string names;
  for (const schedule_shape shape : all_schedule_shapes) names.append(name(shape)).append(" ");
  CHECK(names == "constant linear cosine step ");
}
