// SPDX-License-Identifier: MIT
// lanewise-bench: rows of Google Benchmark in a readable table, or (--paired) the training step against plain loops.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include <lanewise/model/errors.hpp>

#include "bench.hpp"
#include "bench_paired.hpp"
#include "context.hpp"
#include "table_reporter.hpp"

namespace lanewise::bench {
namespace {

constexpr int exit_error = 1, exit_usage = 2, exit_malformed = 65;

void print_help() {
  std::printf(
      "lanewise-bench --benchmark_filter=gemv/avx2       rows whose name matches, as a table\n"
      "lanewise-bench --benchmark_format=json            all rows as JSON\n"
      "lanewise-bench --paired [--check]                 the training step against plain loops, chunk by chunk;\n"
      "                                                  --check: exit 1 if a mark is missed\n"
      "LANEWISE_DATA=DIR: train on MNIST from there, not on synthetic images. LANEWISE_ISA=NAME: that ISA only.\n\n");
  benchmark::PrintDefaultHelp();
}

void register_all_rows() {
  register_gemv_rows();
  register_gemm_rows();
  register_activation_rows();
  register_elementwise_rows();
  register_loss_rows();
  register_update_rows();
  register_math_rows();
  register_train_rows();
}

// The table is for people: whoever asks for a format gets Google Benchmark's own.
bool format_is_chosen(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]).starts_with("--benchmark_format")) return true;
  return std::getenv("BENCHMARK_FORMAT") != nullptr;
}

int run_rows(int argc, char** argv) {
  table_reporter table;
  benchmark::BenchmarkReporter* const display = format_is_chosen(argc, argv) ? nullptr : &table;
  benchmark::Initialize(&argc, argv, print_help);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return exit_usage;
  for (const auto& [key, value] : measurement_context()) benchmark::AddCustomContext(key, value);
  register_all_rows();
  const std::size_t rows = benchmark::RunSpecifiedBenchmarks(display);  // it says so itself if none matches
  benchmark::Shutdown();
  return rows > 0 ? 0 : exit_usage;
}

int run(int argc, char** argv) {
  bool paired = false, check = false, others = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    (arg == "--paired" ? paired : arg == "--check" ? check : others) = true;
  }
  if (!paired && !check) return run_rows(argc, argv);
  if (!paired || others) {
    std::fprintf(stderr,
                 "lanewise-bench: --paired takes --check and nothing else, --check needs --paired; see --help\n");
    return exit_usage;
  }
  const bool marks_hold = run_paired();
  return check && !marks_hold ? exit_error : 0;
}

int fail(const std::exception& error, int exit_code) {
  std::fprintf(stderr, "lanewise-bench: %s\n", error.what());
  return exit_code;
}

}  // namespace
}  // namespace lanewise::bench

int main(int argc, char** argv) {
  using namespace lanewise::bench;
  try {
    return run(argc, argv);
  } catch (const std::invalid_argument& error) {
    return fail(error, exit_usage);
  } catch (const lanewise::not_found_error& error) {
    return fail(error, exit_usage);
  } catch (const lanewise::malformed_error& error) {
    return fail(error, exit_malformed);
  } catch (const std::exception& error) { return fail(error, exit_error); }
}
