// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <filesystem>
#include <fstream>
#include <string>

#include <lanewise/cpu.hpp>
#include <lanewise/elementwise.hpp>
#include <lanewise/gemv.hpp>

#include "../support/contract_death.hpp"
#include "../support/isa.hpp"

namespace lanewise::test {
namespace {

// Sets LANEWISE_ISA, or unsets it, until the end of a test.
class isa_variable {
 public:
  explicit isa_variable(const char* value) {
    if (const char* old = std::getenv("LANEWISE_ISA")) old_ = old;
    set(value);
  }
  isa_variable(const isa_variable&) = delete;
  isa_variable& operator=(const isa_variable&) = delete;
  ~isa_variable() { set(old_ ? old_->c_str() : nullptr); }

 private:
  static void set(const char* value) {
    if (value != nullptr)
      setenv("LANEWISE_ISA", value, 1);
    else
      unsetenv("LANEWISE_ISA");
  }
  std::optional<std::string> old_;
};

void call_a_kernel() {
  const std::array<float, 3> x{1, 2, 3};
  std::array<float, 3> y{};
  add(x, x, y);
  CHECK(y[2] == 6);
}

void call_a_storing_kernel() {
  const std::array<float, 3> x{1, 2, 3};
  std::array<float, 9> a{};
  ger(2, x, x, {a.data(), 3, 3});
  CHECK(a[5] == 12);
}

// Whether Linux has that word in that entry for a CPU; false on AArch64, whose entries are called otherwise.
bool cpu_entry_has(std::string_view entry, const std::string& word) {
  std::ifstream cpus("/proc/cpuinfo");
  for (std::string line; std::getline(cpus, line);)
    if (line.starts_with(entry)) return (line + ' ').find(' ' + word + ' ') != std::string::npos;
  return false;
}

bool has_cpu_flag(const std::string& name) { return cpu_entry_has("flags", name); }

std::string an_unusable_isa() {
  const auto usable = usable_isas();
  for (const std::string_view isa : compiled_isas())
    if (std::find(usable.begin(), usable.end(), isa) == usable.end()) return std::string(isa);
  return "";
}

TEST_CASE("cpu: an empty LANEWISE_ISA counts as unset") {
  const restore_isa restore;
  const isa_variable empty("");
  CHECK(select_isa_from_environment() == isa_selection::ok);
  CHECK(active_isa() == usable_isas().front());
}

TEST_CASE("cpu: the usable instruction sets are some of the compiled ones, in the same order") {
  const auto compiled = compiled_isas();
  auto next = compiled.begin();
  for (const std::string_view isa : usable_isas()) {
    next = std::find(next, compiled.end(), isa);
    REQUIRE(next != compiled.end());
    ++next;
  }
  CHECK_FALSE(usable_isas().empty());
}

TEST_CASE("cpu: this run uses the instruction set that LANEWISE_ISA names, else the widest usable one") {
  const char* forced = std::getenv("LANEWISE_ISA");
  CHECK(active_isa() == (forced != nullptr ? forced : usable_isas().front()));
}

TEST_CASE("cpu: every usable instruction set can be selected and runs") {
  const restore_isa restore;
  for (const std::string_view isa : usable_isas()) {
    CHECK(select_isa(isa) == isa_selection::ok);
    CHECK(active_isa() == isa);
    CHECK(active_isa_reason() == "selected by the program");
    call_a_kernel();
  }
}

TEST_CASE("cpu: extra instructions are those of this CPU and of the active instruction set, unless they are not allowed") {
  const restore_isa restore;
  for (const std::string_view isa : usable_isas()) {
    REQUIRE(select_isa(isa) == isa_selection::ok);
    const bool has_vbmi2 = isa == "avx512" && has_cpu_flag("avx512_vbmi2");
    CHECK(extra_instructions() == (has_vbmi2 ? std::vector<std::string_view>{"vbmi2"} : std::vector<std::string_view>{}));
    const without_extra_instructions plain;
    CHECK(extra_instructions().empty());
  }
}

TEST_CASE("cpu: halves are stored with avx512 on Zen 4, unless they are not allowed") {
  const restore_isa restore;
  const bool is_zen4 = cpu_entry_has("vendor_id", "AuthenticAMD") && cpu_entry_has("cpu family", "25");
  for (const std::string_view isa : usable_isas()) {
    REQUIRE(select_isa(isa) == isa_selection::ok);
    CHECK_FALSE(stores_halves());
    {
      const with_halves halves;
      CHECK(stores_halves() == (is_zen4 && isa == "avx512"));
      CHECK(active_isa() == isa);
      REQUIRE(select_isa(isa) == isa_selection::ok);
      CHECK(stores_halves() == (is_zen4 && isa == "avx512"));
      CHECK(active_isa() == isa);
      call_a_kernel();
      call_a_storing_kernel();
    }
    CHECK_FALSE(stores_halves());
    CHECK(active_isa() == isa);
  }
}

TEST_CASE("cpu: an unknown name changes nothing") {
  const std::string before(active_isa());
  for (const char* unknown : {"", "avx3", "AVX2", "avx2 ", "sse"}) {
    CHECK(select_isa(unknown) == isa_selection::unknown);
    CHECK(active_isa() == before);
  }
}

TEST_CASE("cpu: an instruction set that this CPU lacks is refused and changes nothing") {
  const std::string isa = an_unusable_isa();
  if (isa.empty()) {
    MESSAGE("not tried: this CPU has every instruction set of this build");
    return;
  }
  const std::string before(active_isa());
  CHECK(select_isa(isa) == isa_selection::unusable);
  CHECK(active_isa() == before);
  const isa_variable variable(isa.c_str());
  CHECK(select_isa_from_environment() == isa_selection::unusable);
  CHECK(active_isa() == before);
}

TEST_CASE("cpu: LANEWISE_ISA is applied on request") {
  const restore_isa restore;
  for (const std::string_view isa : usable_isas()) {
    const isa_variable variable(std::string(isa).c_str());
    CHECK(select_isa_from_environment() == isa_selection::ok);
    CHECK(active_isa() == isa);
    CHECK(active_isa_reason() == "LANEWISE_ISA");
  }
}

TEST_CASE("cpu: an unknown LANEWISE_ISA is reported and changes nothing") {
  const std::string before(active_isa());
  const isa_variable variable("avx9000");
  CHECK(select_isa_from_environment() == isa_selection::unknown);
  CHECK(active_isa() == before);
}

TEST_CASE("cpu: without LANEWISE_ISA the widest usable instruction set is selected") {
  const restore_isa restore;
  const isa_variable variable(nullptr);
  CHECK(select_isa_from_environment() == isa_selection::ok);
  CHECK(active_isa() == usable_isas().front());
  CHECK(active_isa_reason() == "widest this CPU runs");
}

TEST_CASE("cpu: probe" * doctest::skip()) { call_a_kernel(); }  // run by the test below, in a new process

TEST_CASE("cpu: the first kernel call with an unknown LANEWISE_ISA ends in the contract handler") {
  const isa_variable variable("avx9000");
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const death d = die([&] {
    // In a cross build MESON_EXE_WRAPPER is the emulator and its arguments.
    const char* command = "exec $MESON_EXE_WRAPPER \"$0\" --test-case='cpu: probe' --no-skip";
    execl("/bin/sh", "sh", "-c", command, self.c_str(), nullptr);
  });
  INFO(d.text);
  CHECK(d.aborted);
  CHECK(d.text.find("lanewise: contract violated: LANEWISE_ISA must name an instruction set") == 0);
}

}  // namespace
}  // namespace lanewise::test
