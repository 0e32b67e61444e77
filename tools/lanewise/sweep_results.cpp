// SPDX-License-Identifier: MIT
#include "sweep_results.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lanewise::cli {
namespace {

mean_and_spread mean_of(const std::vector<double>& values) {
  mean_and_spread m{.count = values.size()};
  for (const double v : values) m.mean += v / static_cast<double>(values.size());
  double squares = 0;
  for (const double v : values) squares += (v - m.mean) * (v - m.mean);
  if (values.size() > 1) m.spread = std::sqrt(squares / static_cast<double>(values.size() - 1));
  return m;
}

json as_json(const mean_and_spread& m) {
  if (m.count == 0) return nullptr;
  return {{"mean", m.mean}, {"spread", m.count > 1 ? json(m.spread) : json(nullptr)}};
}

std::string csv_cells(const mean_and_spread& m) {
  if (m.count == 0) return ",";
  return fmt::format("{:.6g},", m.mean) + (m.count > 1 ? fmt::format("{:.6g}", m.spread) : "");
}

}  // namespace

std::vector<sweep_summary> sum_up(const sweep_grid& grid, const std::vector<std::optional<sweep_result>>& results) {
  std::vector<sweep_summary> all;
  for (std::size_t of = 0; of < grid.cases.size(); ++of) {
    sweep_summary summary{.of = of, .validation = {}, .test = {}, .seconds = {}};
    std::vector<double> validation, test, seconds;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (grid.runs[i].of != of || !results[i]) continue;
      ++summary.runs;
      if (results[i]->diverged) {
        ++summary.diverged;
        continue;
      }
      validation.push_back(results[i]->validation_accuracy);
      test.push_back(results[i]->test_accuracy);
      seconds.push_back(results[i]->seconds);
    }
    summary.validation = mean_of(validation);
    summary.test = mean_of(test);
    summary.seconds = mean_of(seconds);
    if (summary.runs == 0) continue;
    const auto validation_mean = [](const sweep_summary& s) { return s.validation.mean; };
    all.insert(std::ranges::upper_bound(all, summary.validation.mean, std::greater<>(), validation_mean), summary);
  }
  return all;
}

std::string as_csv(const sweep_grid& grid, const std::vector<sweep_summary>& summaries) {
  std::string text =
      "layers,act,init,optimizer,lr,parameters,runs,diverged,validation_accuracy,validation_spread,test_accuracy,test_spread,"
      "seconds,seconds_spread,epochs,batch,schedule,warm_up_epochs\n";
  for (const sweep_summary& s : summaries) {
    const sweep_case& c = grid.cases[s.of];
    const train_options& o = grid.runs[s.of].options;
    text += fmt::format("{},{},{},{},{:g},{},{},{},{},{},{},{},{},{},{:g}\n", layers_to_string(c.layers),
                        activation_to_string(c.act), name(c.init), name(c.optimizer.which), c.optimizer.lr,
                        mlp(c.layers).parameter_count(), s.runs, s.diverged, csv_cells(s.validation), csv_cells(s.test),
                        csv_cells(s.seconds), o.epochs, o.batch, name(o.schedule.shape), o.schedule.warm_up_epochs);
  }
  return text;
}

json as_json(const sweep_grid& grid, const std::vector<sweep_summary>& summaries, std::span<const json> settings) {
  json all = json::array();
  for (const sweep_summary& s : summaries) {
    json row = settings[s.of];
    row.erase("seed");
    row["parameters"] = mlp(grid.cases[s.of].layers).parameter_count();
    row["runs"] = s.runs;
    row["diverged"] = s.diverged;
    row["validation_accuracy"] = as_json(s.validation);
    row["test_accuracy"] = as_json(s.test);
    row["seconds"] = as_json(s.seconds);
    all.push_back(row);
  }
  return all;
}

}  // namespace lanewise::cli
