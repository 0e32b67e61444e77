// SPDX-License-Identifier: MIT
// Which instruction set the kernels run on. One binary holds them all; the choice is made once, at run time.
#pragma once

#include <string_view>
#include <vector>

namespace lanewise {

// Names, widest first: "avx512", "avx2", "sse2" on x86-64.
std::vector<std::string_view> compiled_isas();  // built into this library
std::vector<std::string_view> usable_isas();    // of those, the ones this CPU and operating system can run

// The ISA in use. Default: the first usable one; the environment variable LANEWISE_ISA=NAME forces another (empty: unset).
// If that variable holds a name that is unknown or not usable here, the first call of any kernel ends in the contract
// handler: never a silent fall-back, never an illegal instruction. A program checks it first with select_isa_from_environment().
std::string_view active_isa() noexcept;
std::string_view active_isa_reason() noexcept;  // "widest this CPU runs", "LANEWISE_ISA", "selected by the program"

enum class isa_selection { ok, unknown, unusable };

// Makes `name` the active ISA from the next kernel call on. Anything but `ok` changes nothing.
// Safe to call from any thread, but not while kernels run whose results should come from one ISA.
isa_selection select_isa(std::string_view name) noexcept;

// Applies LANEWISE_ISA if it is set; otherwise selects the first usable ISA.
isa_selection select_isa_from_environment() noexcept;

// Instructions beyond those of the active ISA that some of its kernels use, because this CPU has them: with avx512 "vbmi2".
// They change no bit of a result, so no LANEWISE_ISA asks for them.
std::vector<std::string_view> extra_instructions();

// Whether they may be used; at first they may. For tests and timings, with the same care as select_isa().
void allow_extra_instructions(bool allowed) noexcept;

// Whether some kernels are avx2's though avx512 is active: this CPU takes 512 bits in two halves (Zen 4), and where a kernel stores
// about as much as it computes (ger, the step of a net 16 wide), half registers are up to a fifth faster. The bits are the same.
bool stores_halves() noexcept;
void allow_halves(bool allowed) noexcept;  // as allow_extra_instructions()

}  // namespace lanewise
