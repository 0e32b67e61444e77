// SPDX-License-Identifier: MIT
// The table on the terminal: aligned columns of name, time, GFLOP/s, GB/s, Gelem/s, us/sample, note.
#pragma once

#include <benchmark/benchmark.h>

namespace lanewise::bench {

class table_reporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

 private:
  int name_width_ = 0;
};

}  // namespace lanewise::bench
