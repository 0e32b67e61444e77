// SPDX-License-Identifier: MIT
// What a person sees of a training run: stdout tells, a bar on the terminal (stderr) moves.
#pragma once

#include <filesystem>
#include <optional>

#include <lanewise/model/data.hpp>
#include <lanewise/model/evaluate.hpp>
#include <lanewise/model/init.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/train.hpp>

#include "console.hpp"
#include "progress_bar.hpp"

namespace lanewise::cli {

// What a run works on; without --validation there is none of it.
struct data_sets {
  std::filesystem::path directory;
  dataset train, test, validation;
};

struct accuracy_mark {
  double accuracy = 0;
  std::size_t epoch = 0;
};

struct train_summary {
  double training_seconds = 0;
  double test_accuracy = 0;
  std::size_t test_images = 0;
  std::optional<evaluation> validation;
  std::optional<double> until_percent;  // --until-accuracy, in a run that nobody stopped
  bool reached = false;                 // by the last epoch
  std::optional<accuracy_mark> best;
};

// Everything is empty when quiet.
class train_report {
 public:
  train_report(standard_output& out, bool quiet);

  void begin(const data_sets& data, const mlp& net, initializer init, const train_options& options);
  void moved(const progress& now);
  void epoch_ended(const epoch_report& epoch, const std::optional<evaluation>& validation, std::size_t epochs);
  void training_ended() { bar_.hide(); }
  void end(const train_summary& run, double total_seconds);
  void files(const std::filesystem::path& model, const std::filesystem::path& log);

 private:
  void say_whether_reached(const train_summary& run);

  standard_output& out_;
  bool quiet_;
  progress_bar bar_;
  bar_state now_;
};

}  // namespace lanewise::cli
