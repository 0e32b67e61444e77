// SPDX-License-Identifier: MIT
// What a person sees of a training run: stdout tells, a bar on the terminal (stderr) moves.
#pragma once

#include <filesystem>

#include <lanewise/model/data.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/train.hpp>

#include "console.hpp"
#include "progress_bar.hpp"

namespace lanewise::cli {

// Everything is empty when quiet.
class train_report {
 public:
  train_report(standard_output& out, bool quiet);

  void begin(const std::filesystem::path& directory, const train_and_test& data, const mlp& net,
             const train_options& options);
  void moved(const progress& now);
  void epoch_ended(const epoch_report& epoch, std::size_t epochs);
  void training_ended() { bar_.hide(); }
  void end(double test_accuracy, std::size_t test_images, double training_seconds, double total_seconds);
  void files(const std::filesystem::path& model, const std::filesystem::path& log);

 private:
  standard_output& out_;
  bool quiet_;
  progress_bar bar_;
  progress now_;
};

}  // namespace lanewise::cli
