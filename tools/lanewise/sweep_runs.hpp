// SPDX-License-Identifier: MIT
// The runs of a sweep: those that are not in its journal are trained, side by side.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <lanewise/model/data.hpp>
#include <lanewise/model/train.hpp>

#include "json.hpp"
#include "progress_bar.hpp"
#include "sweep_grid.hpp"
#include "sweep_journal.hpp"

namespace lanewise::cli {

class sweep_runs {
 public:
  // `validation` images are set aside in each run. All but `data_name` must outlive this.
  sweep_runs(const sweep_flags& flags, const sweep_grid& grid, const train_and_test& data, const std::string& data_name,
             std::size_t validation, sweep_journal& journal);

  std::size_t left() const { return left_.size(); }  // that were not in the journal
  const std::vector<std::optional<sweep_result>>& results() const { return results_; }
  std::span<const json> settings() const { return settings_; }

  // Until all are done or a signal came, by as many threads as can be started, at most `jobs`. Throws what the first run
  // that failed threw.
  void run(std::size_t jobs);

 private:
  void work();
  bool goes_on() const;
  void run_one(std::size_t index);
  bool moved(std::size_t index, const progress& now);

  const sweep_grid& grid_;
  const train_and_test& data_;
  std::size_t validation_;
  sweep_journal& journal_;
  progress_bar bar_;
  std::vector<std::optional<sweep_result>> results_;
  std::vector<double> done_;  // share of each run
  std::vector<json> settings_;
  std::vector<std::size_t> left_;
  std::atomic<std::size_t> next_{0};
  std::size_t finished_ = 0;
  std::chrono::steady_clock::time_point start_;
  std::mutex mutex_;
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;
};

}  // namespace lanewise::cli
