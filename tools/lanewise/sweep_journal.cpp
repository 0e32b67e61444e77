// SPDX-License-Identifier: MIT
#include "sweep_journal.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/files.hpp>
#include <lanewise/version.hpp>

#include "optimizer_flags.hpp"

namespace lanewise::cli {
namespace {

constexpr const char* result_key = "result";

constexpr std::uint64_t longest_journal = std::uint64_t{1} << 30;  // more than a million runs

std::string read_if_there(const std::filesystem::path& file) {
  try {
    return read_file(file, longest_journal);
  } catch (const not_found_error&) { return {}; }
}

[[noreturn]] void refuse_line(const std::filesystem::path& file, std::size_t number) {
  throw malformed_error(fmt::format("{}: line {} is no record of a sweep; remove this line or choose another --out",
                                    file.string(), number));
}

// Discarded if it is not JSON or nested more deeply than a record is: copying that could exhaust the stack.
json parse_line(std::string_view line) {
  constexpr int deepest = 1;  // the record is 0, its result and a list in it 1
  bool is_too_deep = false;
  const auto look = [&](int depth, json::parse_event_t event, const json&) {
    using is = json::parse_event_t;
    is_too_deep |= depth > deepest && (event == is::object_start || event == is::array_start);
    return !is_too_deep;
  };
  json record = json::parse(line, look, false);
  return is_too_deep ? json(json::value_t::discarded) : record;
}

bool is_within(const json& result, const char* key, double highest) {
  const auto found = result.find(key);
  if (found == result.end() || !found->is_number()) return false;
  const auto value = found->get<double>();
  return value >= 0 && value <= highest;
}

// Nothing if the record is none: what is nonsense in it was not written by a sweep.
std::optional<sweep_result> result_of(const json& record) {
  constexpr double finite = std::numeric_limits<double>::max();
  if (!record.is_object() || !record.contains(result_key)) return std::nullopt;
  const json& result = record[result_key];
  if (!result.is_object() || !result.contains("diverged") || !result["diverged"].is_boolean()) return std::nullopt;
  for (const char* key : {"validation_accuracy", "test_accuracy", "train_accuracy"})
    if (!is_within(result, key, 1)) return std::nullopt;
  const bool has_no_loss = result.contains("validation_loss") && result["validation_loss"].is_null();  // it was not finite
  if (!has_no_loss && !is_within(result, "validation_loss", finite)) return std::nullopt;
  if (!is_within(result, "seconds", finite)) return std::nullopt;
  return sweep_result{.diverged = result["diverged"].get<bool>(),
                      .validation_accuracy = result["validation_accuracy"].get<double>(),
                      .validation_loss = has_no_loss ? std::numeric_limits<double>::quiet_NaN()
                                                     : result["validation_loss"].get<double>(),
                      .test_accuracy = result["test_accuracy"].get<double>(),
                      .train_accuracy = result["train_accuracy"].get<double>(),
                      .seconds = result["seconds"].get<double>()};
}

// What a sweep leaves that is killed while it adds a record.
bool is_part_of_record(std::string_view line) {
  constexpr std::string_view beginning = R"({"lanewise":")";  // settings_of() sets this key first
  return line.substr(0, beginning.size()) == beginning.substr(0, line.size());
}

bool is_appended(const std::filesystem::path& file, const std::string& line) {
  try {
    append_to_file(file, std::as_bytes(std::span(line)));
    return true;
  } catch (const io_error&) { return false; }
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

sweep_journal::sweep_journal(std::filesystem::path file) : file_(std::move(file)), text_(read_if_there(file_)) {
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    const std::string_view line = std::string_view(text_).substr(begin, end - begin);
    json record = parse_line(line);
    ++number;
    if (const std::optional<sweep_result> result = result_of(record)) {
      record.erase(result_key);
      results_.emplace(to_line(record), *result);
    } else if (end == text_.size() && is_part_of_record(line)) {
      text_.resize(begin);
    } else {
      refuse_line(file_, number);
    }
    begin = end + 1;
  }
  if (!text_.empty() && text_.back() != '\n') text_ += '\n';
}

std::optional<sweep_result> sweep_journal::find(const json& settings) const {
  const auto found = results_.find(to_line(settings));
  return found == results_.end() ? std::nullopt : std::optional(found->second);
}

void sweep_journal::add(const json& settings, const sweep_result& result) {
  json record = settings;
  record[result_key] = {{"diverged", result.diverged},
                        {"validation_accuracy", result.validation_accuracy},
                        {"validation_loss", result.validation_loss},
                        {"test_accuracy", result.test_accuracy},
                        {"train_accuracy", result.train_accuracy},
                        {"seconds", result.seconds}};
  results_.emplace(to_line(settings), result);
  const std::string line = to_line(record) + '\n';
  text_ += line;
  is_on_disk_ = is_on_disk_ && is_appended(file_, line);
  if (!is_on_disk_) replace_file(file_, std::as_bytes(std::span(text_)));
  is_on_disk_ = true;
}

}  // namespace lanewise::cli
