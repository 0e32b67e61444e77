// SPDX-License-Identifier: MIT
// The learning rate from step to step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lanewise {

// The share of the rate in step s of S, s from 0. Names are those of the command line.
enum class schedule_shape : std::uint8_t {
  constant,  // 1
  linear,    // 1 - s / S
  cosine,    // (1 + cos(pi s / S)) / 2  (Loshchilov and Hutter 2017, without restarts)
  step,      // step_factor ^ floor(s / steps in step_epochs)
};

inline constexpr std::array all_schedule_shapes{schedule_shape::constant, schedule_shape::linear,
                                                schedule_shape::cosine, schedule_shape::step};

constexpr std::string_view name(schedule_shape shape) noexcept {
  constexpr std::array<std::string_view, all_schedule_shapes.size()> names{"constant", "linear", "cosine", "step"};
  return names[static_cast<std::size_t>(shape)];
}

// With a warm-up of W steps the rate rises first, (s + 1) / W of it in step s; the shape goes over the steps after these.
struct schedule {
  schedule_shape shape = schedule_shape::linear;
  double step_epochs = 1;
  double step_factor = 0.1;
  double warm_up_epochs = 0;  // rounded to whole steps
};

struct planned_steps {
  std::size_t per_epoch = 0, epochs = 0;
  std::size_t all() const noexcept { return per_epoch * epochs; }
};

// The rate of step `step`, from 0, below plan.all(). In double, with a cosine of our own: equal bits everywhere.
double learning_rate(const schedule& schedule, double lr, std::size_t step, const planned_steps& plan) noexcept;

// Throws std::invalid_argument, one line, unless step_epochs is positive, step_factor in (0, 1], warm_up_epochs not
// negative, and all are finite.
void require_usable(const schedule& schedule);

}  // namespace lanewise
