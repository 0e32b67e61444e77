// SPDX-License-Identifier: MIT
// One set of bits: every kernel, on every instruction set this machine has, gives what the narrowest one gives.
#include <doctest/doctest.h>

#include <lanewise/activation.hpp>
#include <lanewise/cpu.hpp>
#include <lanewise/math.hpp>

#include "../support/bits.hpp"
#include "../support/isa.hpp"
#include "../support/tally.hpp"
#include "catalogue.hpp"

namespace lanewise::test {
namespace {

// The number of calls for a kernel: many small ones, and they add up to 50,000.
std::size_t rounds_for(const catalogued_kernel& kernel) { return kernel.dimensions == 3 ? 4000 : 3000; }

shape shape_for(const catalogued_kernel& kernel, random_source& random) {
  const std::size_t limit = kernel.dimensions == 1 ? 600 : kernel.dimensions == 2 ? 150 : 40;
  return {random.size_up_to(limit), random.size_up_to(limit), random.size_up_to(2 * limit)};
}

TEST_CASE("isa: every kernel gives the same bits on every instruction set") {
  constexpr std::uint64_t seed = 6006;
  INFO("seed ", seed);
  random_source random(seed);
  const restore_isa restore;
  const std::vector<std::string_view> isas = usable_isas();
  const std::string_view narrowest = isas.back();
  std::uint64_t inputs = 0;
  for (const catalogued_kernel& kernel : catalogue())
    for (std::size_t round = 0; round < rounds_for(kernel); ++round) {
      const values kind = all_values[round % all_values.size()];
      const kernel_call call = kernel.make(shape_for(kernel, random), random.below(kernel.variants), kind, random);
      REQUIRE(select_isa(narrowest) == isa_selection::ok);
      const outcome want = run_clean(call);
      for (const std::string_view isa : isas) {
        REQUIRE(select_isa(isa) == isa_selection::ok);
        const std::string differs = difference(run_clean(call), want);
        if (differs.empty()) continue;
        INFO(call.text, ", values: ", name(kind));
        FAIL_CHECK(isa, " against ", narrowest, ": ", differs);
      }
      ++inputs;
    }
  std::string compared = "inputs with equal bits on";
  for (const std::string_view isa : isas) compared.append(" ").append(isa);
  count(compared, inputs);
  REQUIRE(inputs >= 50000);
}

// Large enough for every level of blocking.
TEST_CASE("isa: large products give the same bits on every instruction set") {
  random_source random(6007);
  const restore_isa restore;
  const std::vector<std::string_view> isas = usable_isas();
  for (const catalogued_kernel& kernel : catalogue()) {
    if (kernel.dimensions == 1) continue;
    for (const shape& s : {shape{130, 270, 300}, shape{3, 1100, 1030}, shape{1050, 17, 40}}) {
      const kernel_call call = kernel.make(s, random.below(kernel.variants), values::uniform, random);
      REQUIRE(select_isa(isas.back()) == isa_selection::ok);
      const outcome want = run_clean(call);
      for (const std::string_view isa : isas) {
        REQUIRE(select_isa(isa) == isa_selection::ok);
        INFO(call.text, ", ", isa);
        CHECK(difference(run_clean(call), want) == "");
      }
    }
  }
}

// Every step-th float from low to high, which have the same sign, |low| < |high|.
template <class Kernel>
void check_floats(const Kernel& f, float low, float high, std::uint32_t step) {
  constexpr std::size_t chunk = 1 << 16;
  const std::vector<std::string_view> isas = usable_isas();
  const std::uint32_t last = std::bit_cast<std::uint32_t>(high);
  std::vector<float> x, want(chunk), got(chunk);
  std::uint64_t inputs = 0;
  for (std::uint32_t bits = std::bit_cast<std::uint32_t>(low); bits < last; inputs += x.size()) {
    for (x.clear(); x.size() < chunk && bits < last; bits += step) x.push_back(std::bit_cast<float>(bits));
    REQUIRE(select_isa(isas.back()) == isa_selection::ok);
    f(x, std::span(want).first(x.size()));
    for (const std::string_view isa : isas) {
      REQUIRE(select_isa(isa) == isa_selection::ok);
      f(x, std::span(got).first(x.size()));
      INFO(isa, ", from ", x.front(), " on");
      CHECK(difference(std::span(got).first(x.size()), std::span(want).first(x.size())) == "");
    }
  }
  count("floats with equal bits of exp, log or an activation on every instruction set", inputs);
  REQUIRE(inputs > 0);
}

// A product rounded once too often shows in one result of a million.
TEST_CASE("isa: exp and log give the same bits on every instruction set, in millions of inputs") {
  const restore_isa restore;
  check_floats(exp, 0.25f, 100.0f, 7);
  check_floats(exp, -0.25f, -100.0f, 7);
  check_floats(log, 0.125f, 8.0f, 7);
}

TEST_CASE("isa: activations give the same bits on every instruction set, in millions of inputs") {
  const restore_isa restore;
  for (const activation act : all_activations) {
    INFO(name(act));
    const auto forward = [&](std::span<const float> x, std::span<float> y) { activate(act, x, y); };
    const auto backward = [&](std::span<const float> x, std::span<float> y) { activate_backward(act, x, x, y); };
    for (const float sign : {1.0f, -1.0f}) {
      check_floats(forward, sign * 0.015625f, sign * 120.0f, 97);
      check_floats(backward, sign * 0.015625f, sign * 120.0f, 97);
    }
  }
}

}  // namespace
}  // namespace lanewise::test
