// SPDX-License-Identifier: MIT
#include "bench_paired.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

#include <lanewise/cpu.hpp>

#include "bench.hpp"
#include "context.hpp"
#include "trainer.hpp"

namespace lanewise::bench {
namespace {

constexpr std::size_t rounds = 101;
constexpr std::size_t chunk = training_data::samples / 2;  // samples; a few milliseconds

// The least that loops / lanewise may be: at batch 1 lanewise may take 1.5 times as long.
struct mark {
  std::size_t batch;
  double ratio;
};
constexpr std::array<mark, 2> marks{{{1, 1 / 1.5}, {64, 1.0}}};

double thread_microseconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

// One chunk from `first` on, from the start parameters; microseconds a sample.
double time_chunk(trainer& contender, std::size_t first, std::size_t batch) {
  const training_data& data = shared_training_data();
  contender.restart();
  const double start = thread_microseconds();
  for (std::size_t s = first; s < first + chunk; s += batch) benchmark::DoNotOptimize(contender.step(data, s, batch));
  return (thread_microseconds() - start) / static_cast<double>(chunk);
}

// Of sorted values, the one below which `fraction` of them lie.
double quantile(std::vector<double>& values, double fraction) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(fraction * static_cast<double>(values.size() - 1))];
}

struct paired_times {
  std::vector<double> lanewise, loops, ratio;

  void add(double ours, double theirs) {
    lanewise.push_back(ours);
    loops.push_back(theirs);
    ratio.push_back(theirs / ours);
  }
};

paired_times run_rounds(trainer& lanewise, trainer& loops, std::size_t batch) {
  paired_times times;
  time_chunk(lanewise, 0, batch);
  time_chunk(loops, 0, batch);
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t first = round / 2 % 2 * chunk;
    double ours = 0, theirs = 0;
    if (round % 2 == 0) ours = time_chunk(lanewise, first, batch);
    theirs = time_chunk(loops, first, batch);
    if (round % 2 != 0) ours = time_chunk(lanewise, first, batch);
    times.add(ours, theirs);
  }
  return times;
}

// Prints a row; returns whether the mark holds.
bool report_pair(const std::string& isa, const mark& m, paired_times& t) {
  const double ratio = quantile(t.ratio, 0.5);
  // 95 % interval of the median by order statistics: n/2 -+ 0.98 sqrt(n) values lie below it (Conover 1999, 3.2).
  const double spread = 0.98 / std::sqrt(static_cast<double>(rounds));
  const bool holds = m.batch == 1 ? ratio >= m.ratio : ratio > m.ratio;
  std::printf("%-7s %5zu   %7.3f %7.3f   %7.3f %7.3f   %5.2f  %4.2f-%4.2f   %s %.2f  %s\n", isa.c_str(), m.batch,
              quantile(t.lanewise, 0.5), quantile(t.lanewise, 0.1), quantile(t.loops, 0.5), quantile(t.loops, 0.1),
              ratio, quantile(t.ratio, 0.5 - spread), quantile(t.ratio, 0.5 + spread), m.batch == 1 ? ">=" : "> ",
              m.ratio, holds ? "holds" : "MISSED");
  std::fflush(stdout);
  return holds;
}

}  // namespace

bool run_paired() {
  const std::vector<std::string> isas = isas_to_measure();
  const training_data& data = shared_training_data();
  for (const auto& [key, value] : measurement_context()) std::printf("%-16s %s\n", key.c_str(), value.c_str());
  std::printf("\ntraining step %s on %s images, %zu rounds of %zu samples, thread CPU time in us/sample\n\n",
              std::string(seed_layers).c_str(), data.name.c_str(), rounds, chunk);
  std::printf("isa     batch   lanewise          plain loops       loops / lanewise   mark\n");
  std::printf("                 median     p10    median     p10    median  95 %%\n");
  bool all_hold = true;
  std::size_t rows = 0;
  std::vector<std::string> left_out;
  for (const std::string& isa : isas) {
    if (isa == "sse2" || !has_loops(isa)) {
      left_out.push_back(isa);
      continue;
    }
    for (const mark& m : marks) {
      select_isa(isa);
      const auto lanewise = make_lanewise_trainer(seed_layers, m.batch);
      const auto loops = make_loops_trainer(isa, m.batch);
      paired_times times = run_rounds(*lanewise, *loops, m.batch);
      all_hold &= report_pair(isa, m, times);
      ++rows;
    }
  }
  for (const std::string& isa : left_out)
    std::printf("%-7s left out: %s\n", isa.c_str(),
                isa == "sse2" ? "it builds each fma from some 25 instructions, for the same bits, so there is no mark"
                              : "there are no plain loops for it");
  if (rows == 0) std::printf("nothing to compare: this CPU runs neither avx2 nor avx512\n");
  return all_hold;
}

}  // namespace lanewise::bench
