// SPDX-License-Identifier: MIT
// What the runs of a sweep came to, summed up by case.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "json.hpp"
#include "sweep_grid.hpp"
#include "sweep_journal.hpp"

namespace lanewise::cli {

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
