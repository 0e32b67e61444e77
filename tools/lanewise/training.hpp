// SPDX-License-Identifier: MIT
// One run of the training loop with all that looks at it: the report, the log, stop signals, --until-accuracy.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <lanewise/model/evaluate.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/train.hpp>

#include "json.hpp"
#include "optimizer_flags.hpp"
#include "train_log.hpp"
#include "train_report.hpp"

namespace lanewise::cli {

struct train_flags {
  std::string data;
  std::vector<layer> layers = parse_layers("784-16-16r-10");
  initializer init = initializer::xavier_uniform;
  activation act = activation::relu;  // of all hidden layers
  optimizer_flags optimizer;
  train_options options;  // optimizer.apply_to() completes them
  std::optional<std::size_t> validation;
  std::optional<double> until_percent;
  std::filesystem::path out = "out";
  bool quiet = false;
};

class training {
 public:
  training(const train_flags& flags, const data_sets& data, train_report& report, train_log& log)
      : flags_(flags), data_(data), report_(report), log_(log) {}

  train_result run(mlp& net);

  // A run that was stopped also ends its log with the accuracy of the net it saved.
  void record_unfinished_epoch(const mlp& net);

  double test_accuracy() const { return last_.test_accuracy; }
  const progress& last_progress() const { return now_; }
  train_summary summary(const train_result& result) const;

 private:
  bool moved(const progress& now);
  void epoch_ended(const mlp& net, const epoch_report& epoch);
  bool is_reached(const epoch_report& epoch) const;
  double watched_accuracy(const epoch_report& epoch) const;
  void record(const epoch_report& epoch, std::size_t samples);
  json record_of(const epoch_report& epoch, std::size_t samples) const;

  const train_flags& flags_;
  const data_sets& data_;
  train_report& report_;
  train_log& log_;
  std::chrono::steady_clock::time_point epoch_started_;
  double stopped_after_ = 0;
  progress now_;
  double seconds_ = 0;  // of training alone
  epoch_report last_;
  std::optional<evaluation> validation_;  // after the last epoch
  std::optional<accuracy_mark> best_;     // of --until-accuracy
};

}  // namespace lanewise::cli
