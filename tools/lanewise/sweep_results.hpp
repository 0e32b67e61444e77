// SPDX-License-Identifier: MIT
// What the runs of a sweep came to: kept in a file from run to run, summed up by case.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <lanewise/model/data.hpp>

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

// runs.jsonl: a line for each finished run, its settings and its result. Replaced as a whole after each run, so it is never
// half-written; runs with other settings stay in it.
class sweep_journal {
 public:
  // Reads the file if there is one. Throws malformed_error for a line that is no record of a sweep, io_error.
  explicit sweep_journal(std::filesystem::path file);

  std::optional<sweep_result> find(const json& settings) const;
  void add(const json& settings, const sweep_result& result);  // throws io_error

 private:
  std::filesystem::path file_;
  std::string text_;
  std::vector<json> records_;
};

struct mean_and_spread {
  double mean = 0, spread = 0;  // standard deviation of a run
  std::size_t count = 0;
};

struct sweep_summary {
  std::size_t of = 0;  // which case
  std::size_t runs = 0, diverged = 0;
  mean_and_spread validation, test, seconds;  // of the runs that did not diverge
};

// One for each case that has a run, the best on validation data first, those that always diverged last.
std::vector<sweep_summary> sum_up(const sweep_grid& grid, const std::vector<std::optional<sweep_result>>& results);

// `settings` are those of the grid's runs. The table has what differs from case to case and how long they trained; JSON
// has all of the settings.
std::string as_csv(const sweep_grid& grid, const std::vector<sweep_summary>& summaries);
json as_json(const sweep_grid& grid, const std::vector<sweep_summary>& summaries, std::span<const json> settings);

}  // namespace lanewise::cli
