// SPDX-License-Identifier: MIT
#include "sweep_results.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <span>

#include <fmt/format.h>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/files.hpp>
#include <lanewise/version.hpp>

#include "optimizer_flags.hpp"

namespace lanewise::cli {
namespace {

constexpr const char* result_key = "result";

std::string read_text(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return {};
  std::ifstream stream(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), {});
  if (!stream.good() && !stream.eof()) throw io_error(file.string() + ": cannot be read; choose another --out");
  return text;
}

[[noreturn]] void refuse_line(const std::filesystem::path& file, std::size_t number) {
  throw malformed_error(fmt::format("{}: line {} is no record of a sweep; remove the file or choose another --out",
                                    file.string(), number));
}

bool is_record(const json& record) {
  if (!record.is_object() || !record.contains(result_key)) return false;
  const json& result = record[result_key];
  for (const char* key : {"validation_accuracy", "validation_loss", "test_accuracy", "train_accuracy", "seconds"})
    if (!result.contains(key) || !(result[key].is_number() || result[key].is_null())) return false;
  return result.contains("diverged") && result["diverged"].is_boolean();
}

double number_in(const json& result, const char* key) { return result[key].is_null() ? 0.0 : result[key].get<double>(); }

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

json settings_of(const sweep_case& what, const sweep_run& run, const std::string& data, std::size_t images,
                 std::size_t validation) {
  json settings = {{"lanewise", version()},  // the bits of another one may differ
                   {"data", data},
                   {"images", images},
                   {"validation", validation},
                   {"layers", layers_to_string(what.layers)},
                   {"act", activation_to_string(what.act)},
                   {"init", name(what.init)},
                   {"lr", run.options.lr},
                   {"epochs", run.options.epochs},
                   {"batch", run.options.batch},
                   {"seed", run.options.seed}};
  add_to_record(settings, run.options);
  return settings;
}

sweep_journal::sweep_journal(std::filesystem::path file) : file_(std::move(file)), text_(read_text(file_)) {
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    const json record = json::parse(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                                    text_.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    ++number;
    if (!is_record(record)) refuse_line(file_, number);
    records_.push_back(record);
    begin = end + 1;
  }
  if (!text_.empty() && text_.back() != '\n') text_ += '\n';
}

std::optional<sweep_result> sweep_journal::find(const json& settings) const {
  for (const json& record : records_) {
    json rest = record;
    rest.erase(result_key);
    if (rest != settings) continue;
    const json& result = record[result_key];
    return sweep_result{result["diverged"].get<bool>(),          number_in(result, "validation_accuracy"),
                        number_in(result, "validation_loss"),    number_in(result, "test_accuracy"),
                        number_in(result, "train_accuracy"),     number_in(result, "seconds")};
  }
  return std::nullopt;
}

void sweep_journal::add(const json& settings, const sweep_result& result) {
  json record = settings;
  record[result_key] = {{"diverged", result.diverged},
                        {"validation_accuracy", result.validation_accuracy},
                        {"validation_loss", result.validation_loss},
                        {"test_accuracy", result.test_accuracy},
                        {"train_accuracy", result.train_accuracy},
                        {"seconds", result.seconds}};
  records_.push_back(record);
  text_ += to_line(record) + '\n';
  replace_file(file_, std::as_bytes(std::span(text_)));
}

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
