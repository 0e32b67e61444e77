// SPDX-License-Identifier: MIT
// What each run of a sweep came to, kept in a file from sweep to sweep.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "json.hpp"
#include "sweep_grid.hpp"

namespace lanewise::cli {

struct sweep_result {
  bool diverged = false;
  double validation_accuracy = 0, validation_loss = 0, test_accuracy = 0, train_accuracy = 0;
  double seconds = 0;  // of training alone
};

// Everything that decides what a run gives; two runs with equal settings give equal results.
json settings_of(const sweep_case& what, const sweep_run& run, const std::string& data, std::size_t images,
                 std::size_t validation);

// runs.jsonl: a line for each finished run, its settings and its result; runs with other settings stay in it. The first
// run of a sweep replaces the file as a whole and keeps the old one as runs.jsonl.prev, each other one appends its line.
// If that fails, as when somebody removed the file, it is again replaced as a whole. A sweep that is killed while it
// appends leaves a part of a line at the end, which the next sweep drops.
class sweep_journal {
 public:
  // Reads the file if there is one. Throws malformed_error if it is none or a line of it is no record of a sweep, io_error.
  explicit sweep_journal(std::filesystem::path file);

  std::optional<sweep_result> find(const json& settings) const;
  void add(const json& settings, const sweep_result& result);  // throws io_error

 private:
  std::filesystem::path file_;
  std::string text_;         // of the whole file
  bool is_on_disk_ = false;  // all of the text but the line that is being added, as this sweep has written it
  std::unordered_map<std::string, sweep_result> results_;  // by the settings as they stand in the file
};

}  // namespace lanewise::cli
