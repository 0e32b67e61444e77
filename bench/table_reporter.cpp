// SPDX-License-Identifier: MIT
#include "table_reporter.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "context.hpp"

namespace lanewise::bench {
namespace {

struct column {
  const char* title;
  const char* counter;
  double scale;
};

constexpr std::array<column, 4> columns{{{"GFLOP/s", "FLOP/s", 1e-9},
                                         {"GB/s", "bytes/s", 1e-9},
                                         {"Gelem/s", "elements/s", 1e-9},
                                         {"us/sample", "us/sample", 1}}};

std::string formatted(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string duration(double nanoseconds) {
  if (nanoseconds < 1e3) return formatted("%.1f ns", nanoseconds);
  if (nanoseconds < 1e6) return formatted("%.2f us", nanoseconds * 1e-3);
  return formatted("%.2f ms", nanoseconds * 1e-6);
}

// Three significant digits or more, never an exponent.
std::string number(double value) { return formatted(value < 1 ? "%.3f" : value < 10 ? "%.2f" : "%.1f", value); }

using run = benchmark::BenchmarkReporter::Run;

// What went wrong, if anything did: the fields were renamed in Google Benchmark 1.8.
template <class Run> std::string failure(const Run& r) {
  if constexpr (requires { r.error_occurred; })
    return r.error_occurred ? r.error_message : "";
  else
    return static_cast<int>(r.skipped) != 0 ? r.skip_message : "";
}

double nanoseconds(const run& r) {
  return r.GetAdjustedCPUTime() * 1e9 / benchmark::GetTimeUnitMultiplier(r.time_unit);
}

std::string aligned(const char* format, const std::string& text) {
  std::array<char, 256> out{};
  std::snprintf(out.data(), out.size(), format, text.c_str());
  return out.data();
}

// The columns after the name, without the blanks at the end.
std::string figures(const run& r) {
  const bool percent = r.run_type == run::RT_Aggregate && r.aggregate_unit == benchmark::kPercentage;  // the row _cv
  const auto shown = [&](double value) { return percent ? formatted("%.1f %%", 100 * value) : number(value); };
  std::string line = aligned(" %11s", percent ? shown(r.cpu_accumulated_time) : duration(nanoseconds(r)));
  for (const column& c : columns) {
    const auto found = r.counters.find(c.counter);
    line += aligned(" %10s", found == r.counters.end() ? "" : shown(found->second * (percent ? 1 : c.scale)));
  }
  line += "  " + r.report_label;
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

void print_run(const run& r, int name_width) {
  const std::string reason = failure(r);
  std::printf("%-*s%s\n", name_width, r.benchmark_name().c_str(),
              reason.empty() ? figures(r).c_str() : ("  failed: " + reason).c_str());
}

}  // namespace

bool table_reporter::ReportContext(const Context& context) {
  for (const auto& [key, value] : measurement_context()) std::printf("%-16s %s\n", key.c_str(), value.c_str());
  name_width_ = std::max(static_cast<int>(context.name_field_width), 20);
  std::printf("\n%-*s %11s", name_width_, "kernel/isa/shape", "CPU time");
  for (const column& c : columns) std::printf(" %10s", c.title);
  std::printf("\n");
  return true;
}

void table_reporter::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& r : runs) print_run(r, name_width_);
  std::fflush(stdout);
}

}  // namespace lanewise::bench
