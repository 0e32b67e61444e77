// SPDX-License-Identifier: MIT
#include <lanewise/model/schedule.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <lanewise/math.hpp>

namespace lanewise {
namespace {

// cos(pi x) for 0 <= x <= 1 within 3e-16: the series of sin(pi (1/2 - x)).
double cos_pi(double x) noexcept {
  const double t = 3.14159265358979323846 * (0.5 - x), t2 = t * t;
  double sum = 0;
  for (int k = 21; k > 1; k -= 2) sum = (sum + 1) * -t2 / (k * (k - 1));
  return t * (sum + 1);
}

double share_of(const schedule& schedule, std::size_t step, std::size_t steps, std::size_t per_epoch) noexcept {
  const auto s = static_cast<double>(step), all = static_cast<double>(steps);
  switch (schedule.shape) {
    case schedule_shape::constant: break;
    case schedule_shape::linear: return 1 - s / all;
    case schedule_shape::cosine: return (1 + cos_pi(s / all)) / 2;
    case schedule_shape::step: {
      const double falls = std::floor(s / (schedule.step_epochs * static_cast<double>(per_epoch)));
      return power(schedule.step_factor, static_cast<std::uint64_t>(std::min(falls, 0x1p60)));
    }
  }
  return 1;
}

}  // namespace

double learning_rate(const schedule& schedule, double lr, std::size_t step, const planned_steps& plan) noexcept {
  // Asked at every step: round() is a call, without a warm-up it would take as long as the rest.
  const bool warms_up = schedule.warm_up_epochs > 0;
  const double rising = warms_up ? std::round(schedule.warm_up_epochs * static_cast<double>(plan.per_epoch)) : 0;
  const auto next = static_cast<double>(step + 1);
  if (next <= rising) return lr * (next / rising);
  const auto warm_up = static_cast<std::size_t>(rising);
  return lr * share_of(schedule, step - warm_up, plan.all() - warm_up, plan.per_epoch);
}

void require_usable(const schedule& schedule) {
  const auto is_positive = [](double x) { return x > 0 && std::isfinite(x); };
  if (!is_positive(schedule.step_epochs))
    throw std::invalid_argument("schedule: step_epochs must be positive and finite");
  if (!is_positive(schedule.step_factor) || schedule.step_factor > 1)
    throw std::invalid_argument("schedule: step_factor must be above 0 and at most 1");
  if (!(schedule.warm_up_epochs >= 0) || !std::isfinite(schedule.warm_up_epochs))
    throw std::invalid_argument("schedule: warm_up_epochs must be finite and not negative");
}

}  // namespace lanewise
