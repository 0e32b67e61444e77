// SPDX-License-Identifier: MIT
// How a net is trained: --optimizer with its numbers, --lr, --schedule, --warm-up.
#pragma once

#include <array>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <lanewise/model/train.hpp>

#include "json.hpp"

namespace lanewise::cli {

// What was given; the rest is what torch.optim has (see lanewise/update.hpp).
struct optimizer_flags {
  optimizer which = optimizer::sgd;
  std::optional<double> lr, weight_decay, momentum, alpha, eps, clip_norm;
  std::optional<std::array<double, 2>> betas;
  lanewise::schedule schedule;

  // Sets lr, schedule and update. Throws usage_error for a flag that the optimiser does not have.
  void apply_to(train_options& options) const;
};

// `flags` and `into` must outlive the reading of the command line.
void add_optimizer_flags(CLI::App& app, optimizer_flags& flags);
void add_schedule_flags(CLI::App& app, schedule& into);  // those of them that are about the schedule

// Throws usage_error where the warm-up is longer than the run: its learning rate would never be reached.
void check_warm_up(const schedule& schedule, std::size_t epochs);

std::string describe(const update_options& update);               // "adam, betas 0.9 0.999, eps 1e-08"
std::string describe(const schedule& schedule, double lr);        // "learning rate 0.005 falling linearly to 0"
void add_to_record(json& record, const train_options& options);   // of a log

}  // namespace lanewise::cli
