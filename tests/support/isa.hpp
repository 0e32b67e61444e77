// SPDX-License-Identifier: MIT
// What tests need to know of the instruction set they run on.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>

#include <lanewise/cpu.hpp>

namespace lanewise::test {

// sse2 builds each fma from some 25 instructions; the same grid would take minutes. The results are the same bits, so
// tests thin their grids there: every `sparse`-th point instead of every `dense`-th.
inline bool emulates_fma() { return active_isa() == "sse2"; }
inline std::size_t grid_step(std::size_t dense, std::size_t sparse) { return emulates_fma() ? sparse : dense; }

// LANEWISE_TEST_THINNED says that the CPU is emulated, or the code not optimised: grids of like cases are thinned there, as
// digests show that the bits are those of other ISAs. What a kernel touches they do not show: the grids of calls under guard
// pages are thinned only where it is "guards".
inline std::size_t emulated_step(std::size_t real, std::size_t emulated) {
  return std::getenv("LANEWISE_TEST_THINNED") != nullptr ? emulated : real;
}
inline std::size_t guard_step(std::size_t real, std::size_t emulated) {
  const char* thinned = std::getenv("LANEWISE_TEST_THINNED");
  return thinned != nullptr && std::string_view(thinned) == "guards" ? emulated : real;
}

// Restores the active ISA at the end of a test that selects others.
class restore_isa {
 public:
  restore_isa() : name_(active_isa()) {}
  restore_isa(const restore_isa&) = delete;
  restore_isa& operator=(const restore_isa&) = delete;
  ~restore_isa() { select_isa(name_); }

 private:
  std::string name_;
};

// Only the instructions of the active ISA itself, as on a CPU that has no more of them, until the end of a scope.
class without_extra_instructions {
 public:
  without_extra_instructions() { allow_extra_instructions(false); }
  without_extra_instructions(const without_extra_instructions&) = delete;
  without_extra_instructions& operator=(const without_extra_instructions&) = delete;
  ~without_extra_instructions() { allow_extra_instructions(true); }
};

// Half registers where this CPU stores halves, as programs have them; main() does not allow them.
class with_halves {
 public:
  with_halves() { allow_halves(true); }
  with_halves(const with_halves&) = delete;
  with_halves& operator=(const with_halves&) = delete;
  ~with_halves() { allow_halves(false); }
};

}  // namespace lanewise::test
