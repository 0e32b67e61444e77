// SPDX-License-Identifier: MIT
// What holds for every kernel, tried on every kernel of the catalogue.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>

#include "../support/bits.hpp"
#include "../support/error_bound.hpp"
#include "../support/fp_state.hpp"
#include "../support/isa.hpp"
#include "../support/tally.hpp"
#include "catalogue.hpp"

namespace lanewise::test {
namespace {

// Not a doctest MESSAGE: that would print the whole context with each.
void report_worst(std::string_view kernel, const bound_check& worst) {
  std::printf("%-22s worst %s\n", std::string(kernel).c_str(), worst.describe_worst().c_str());
}

constexpr std::string_view under_guard = "kernel calls under guard pages";
constexpr std::string_view against_double = "kernel calls against the double reference";

bound_check check_against_reference(const kernel_call& call) {
  const outcome got = run_clean(call);
  const expectation want = expected(call);
  const std::vector<double> values = output_values(call, got);
  bound_check check;
  check.add(got.result, want.result, want.result_tolerance);
  for (std::size_t i = 0; i < values.size(); ++i) check.add(values[i], want.want[i], want.tolerance[i]);
  INFO(call.text, ": ", check.describe_worst());
  CHECK(values.size() == want.want.size());
  CHECK(check.worst() <= 1);
  return check;
}

// Runs every layout of one call and compares with the clean run.
template <std::size_t count>
void check_under_guard(const kernel_call& call, const std::array<layout, count>& layouts, std::uint64_t& calls) {
  const outcome clean = run_clean(call);
  for (const layout& where : layouts) {
    const std::string differs = difference(run_guarded(call, where), clean);
    ++calls;
    if (differs.empty()) continue;
    FAIL_CHECK(call.text, ", ", where.text(), ": ", differs);
  }
}

std::array<layout, 17> vector_layouts() {
  std::array<layout, 17> all;
  for (std::size_t offset = 0; offset < 16; ++offset) all[offset] = {false, offset, 0};
  return all;  // the last one, as constructed, is flush with the end
}

std::array<layout, 5> matrix_layouts(std::size_t turn) {
  return {layout{true, 0, 0}, layout{true, 0, 1}, layout{true, 0, 13}, layout{false, turn % 16, 0},
          layout{false, (turn * 7) % 16, 3}};
}

void guard_matrix(const catalogued_kernel& kernel, const shape& s, random_source& random, std::uint64_t& calls) {
  const std::size_t turn = static_cast<std::size_t>(calls) / 5;
  const kernel_call call = kernel.make(s, turn % kernel.variants, values::uniform, random);
  check_under_guard(call, matrix_layouts(turn), calls);
}

constexpr std::array<std::size_t, 9> few_sizes{0, 1, 2, 3, 5, 8, 9, 17, 33};
constexpr std::array<std::size_t, 15> block_sizes{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 48};

TEST_CASE("every kernel: within the error bound of its double reference") {
  constexpr std::uint64_t seed = 20240601;
  INFO("seed ", seed);
  random_source random(seed);
  for (const catalogued_kernel& kernel : catalogue()) {
    bound_check worst;
    const std::size_t rounds = (kernel.dimensions == 3 ? 2000 / grid_step(1, 2) : 3000) / emulated_step(1, 20);
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::size_t usual = kernel.dimensions == 3 ? 70 : kernel.dimensions == 2 ? 200 : 2000;
      const std::size_t limit = round % 49 == 0 ? 8 * usual : usual;
      const shape s{random.size_up_to(limit), random.size_up_to(limit), random.size_up_to(2 * limit)};
      const values kind = finite_values[round % finite_values.size()];
      INFO("values: ", name(kind));
      worst.add(check_against_reference(kernel.make(s, random.below(kernel.variants), kind, random)));
    }
    count(std::string(against_double), rounds);
    report_worst(kernel.name, worst);
  }
  REQUIRE(tallies()[std::string(against_double)] > 0);
}

TEST_CASE("every kernel: touches its operands' elements only, vectors") {
  constexpr std::uint64_t seed = 4;
  INFO("seed ", seed);
  random_source random(seed);
  std::uint64_t calls = 0;
  for (const catalogued_kernel& kernel : catalogue()) {
    if (kernel.dimensions != 1) continue;
    const std::size_t step = guard_step(1, 5);
    for (std::size_t n = 0; n <= 257; ++n)
      for (std::size_t variant = n % step; variant < kernel.variants; variant += step)
        check_under_guard(kernel.make({0, n, 0}, variant, values::uniform, random), vector_layouts(), calls);
  }
  count(std::string(under_guard), calls);
  REQUIRE(calls > 0);
}

TEST_CASE("every kernel: touches its operands' elements only, one matrix") {
  constexpr std::uint64_t seed = 5;
  INFO("seed ", seed);
  random_source random(seed);
  std::uint64_t calls = 0;
  for (const catalogued_kernel& kernel : catalogue()) {
    if (kernel.dimensions != 2) continue;
    const std::size_t step = guard_step(1, 5);
    for (const std::size_t few : few_sizes)
      for (std::size_t many = few % step; many <= 257; many += step) {
        guard_matrix(kernel, {few, many, 0}, random, calls);
        guard_matrix(kernel, {many, few, 0}, random, calls);
      }
  }
  count(std::string(under_guard), calls);
  REQUIRE(calls > 0);
}

TEST_CASE("every kernel: touches its operands' elements only, three matrices") {
  constexpr std::uint64_t seed = 6;
  INFO("seed ", seed);
  random_source random(seed);
  std::uint64_t calls = 0;
  for (const catalogued_kernel& kernel : catalogue()) {
    if (kernel.dimensions != 3) continue;
    for (const std::size_t m : block_sizes)
      for (const std::size_t n : block_sizes)
        for (const std::size_t k : block_sizes)
          if ((m + n + k) % guard_step(1, 3) == 0) guard_matrix(kernel, {m, n, k}, random, calls);
    for (std::size_t n = 0; n <= 257; n += guard_step(grid_step(1, 4), 3)) {
      guard_matrix(kernel, {n, 5, 3}, random, calls);
      guard_matrix(kernel, {5, n, 3}, random, calls);
      guard_matrix(kernel, {5, 3, n}, random, calls);
    }
  }
  count(std::string(under_guard), calls);
  REQUIRE(calls > 0);
}

TEST_CASE("every kernel: equal bits whatever shares memory, in every variant") {
  constexpr std::uint64_t seed = 7;
  INFO("seed ", seed);
  random_source random(seed);
  std::uint64_t calls = 0;
  for (const catalogued_kernel& kernel : catalogue())
    for (std::size_t variant = 0; variant < kernel.variants; variant += emulated_step(1, 11))  // no divisor of variants
      for (const shape& s : {shape{19, 37, 23}, shape{6, 80, 40}, shape{101, 19, 515}})
        for (const values kind : {values::uniform, values::special})
          check_under_guard(kernel.make(s, variant, kind, random), matrix_layouts(variant), calls);
  count(std::string(under_guard), calls);
  REQUIRE(calls > 0);
}

// Large enough to be packed on avx2 and avx512 (sse2 packs nothing), and for blocks of k to go outermost.
TEST_CASE("every kernel: equal bits whatever shares memory, blocked products") {
  constexpr std::uint64_t seed = 8;
  INFO("seed ", seed);
  random_source random(seed);
  std::uint64_t calls = 0;
  constexpr shape packed{131, 129, 515};   // blocks and tiles of rows, columns and k, and something left over of each
  constexpr shape far_apart{3, 660, 515};  // rows of B: sums lie in C between blocks of k
  for (const catalogued_kernel& kernel : catalogue())
    for (std::size_t variant = 0; variant < kernel.variants && kernel.dimensions == 3;
         variant += emulated_step(grid_step(1, 13), 13))
      for (const shape& s : {packed, far_apart}) {
        const kernel_call call = kernel.make(s, variant, values::uniform, random);
        check_under_guard(call, std::array{matrix_layouts(variant)[variant % 5]}, calls);
      }
  count(std::string(under_guard), calls);
  REQUIRE(calls > 0);
}

TEST_CASE("every kernel: leaves the floating-point environment as it was") {
  random_source random(10);
  std::uint64_t calls = 0;
  const std::uint64_t before = fp_control();
  for (const catalogued_kernel& kernel : catalogue())
    for (const fp_setting& setting : fp_settings)
      for (std::size_t variant = 0; variant < kernel.variants; ++variant) {
        const kernel_call call = kernel.make({9, 37, 11}, variant, values::uniform, random);
        const outcome clean = run_clean(call);
        set_fp_control(setting.control);
        const outcome got = run_clean(call);
        const std::uint64_t after = fp_control();
        set_fp_control(before);
        INFO(call.text, ", ", setting.name);
        CHECK(after == setting.control);
        if (setting.control == before) CHECK(difference(got, clean) == "");
        ++calls;
      }
  REQUIRE(before == fp_settings[0].control);
  REQUIRE(calls > 0);
}

}  // namespace
}  // namespace lanewise::test
