// SPDX-License-Identifier: MIT
// What the benchmarks share: one row per kernel, usable ISA and shape, and the rates a row reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <lanewise/lanewise.hpp>

namespace lanewise::bench {

// What one iteration does. 0: the row has no such rate.
struct work {
  double flops = 0;     // + - * /: 1, fma: 2; compares, exp and log are not counted
  double bytes = 0;     // each operand once when read, once when written: the least that must move
  double elements = 0;  // results
  double samples = 0;   // training samples
};

// Runs the loop of a row on the active ISA; returns what one iteration did.
using row_body = work (*)(benchmark::State& state);

// The ISAs to measure: all that this CPU runs, or the one in LANEWISE_ISA; std::invalid_argument if it is not usable.
std::vector<std::string> isas_to_measure();

struct row_family {
  std::string kernel;
  std::vector<std::string> args;                  // names of the arguments, as they stand in the row's name
  std::vector<std::vector<std::int64_t>> shapes;  // values of the arguments, a row each
  row_body body;
};

// Rows KERNEL/ISA/ARG:VALUE/..., for every ISA and shape.
void register_rows(const row_family& family);

// Lengths for element-by-element kernels: in L1, in L2, beyond.
inline std::vector<std::vector<std::int64_t>> vector_sizes() { return {{1 << 10}, {1 << 16}, {1 << 20}}; }

// The rates of a row that ends, as counters: "FLOP/s", "bytes/s", "elements/s", "us/sample".
void report(benchmark::State& state, const work& one_iteration);

inline std::size_t size_arg(const benchmark::State& state, std::size_t position) {
  return static_cast<std::size_t>(state.range(position));
}

// 4 bytes each.
template <class... Counts> constexpr double float_bytes(Counts... counts) {
  return static_cast<double>(sizeof(float)) * (static_cast<double>(counts) + ...);
}

// Values uniform in [low, high), aligned to 64 bytes, the same in every run.
aligned_buffer<float> random_values(std::size_t count, float low = -1, float high = 1);

// A matrix that owns its random values, rows without gaps.
class random_matrix {
 public:
  random_matrix(std::size_t rows, std::size_t cols) : rows_(rows), cols_(cols), values_(random_values(rows * cols)) {}

  operator matrix_view<const float>() const noexcept { return {values_.data(), rows_, cols_}; }
  operator matrix_view<float>() noexcept { return {values_.data(), rows_, cols_}; }

 private:
  std::size_t rows_, cols_;
  aligned_buffer<float> values_;
};

// The loop of a row: what `call` writes through pointers must really be written.
template <class Call> void measure(benchmark::State& state, const Call& call) {
  for ([[maybe_unused]] auto iteration : state) {
    call();
    benchmark::ClobberMemory();
  }
}

void register_activation_rows();
void register_elementwise_rows();
void register_gemm_rows();
void register_gemv_rows();
void register_loss_rows();
void register_math_rows();
void register_train_rows();
void register_update_rows();

}  // namespace lanewise::bench
