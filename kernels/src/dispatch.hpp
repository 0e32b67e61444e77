// SPDX-License-Identifier: MIT
// From a public call to the kernel of the active ISA: one relaxed load and one indirect call, without a branch.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

#include "compiled_isas.hpp"

namespace lanewise {

// A CPU that takes the 512 bits of a register in two halves (Zen 4) has a row of its own behind those of `compiled`: avx512, but the
// kernels that storing_kernel() gives are avx2's.
constexpr bool has_halved_row = compiled::has<isa::avx512> && compiled::has<isa::avx2>;
constexpr int halved_row = static_cast<int>(compiled::size);

// The active ISA as an index into `compiled`, or halved_row; -1 until the first use. Not exported by the shared library.
[[gnu::visibility("hidden")]] extern constinit std::atomic<int> active;
// Fills it (the same result from every thread), and returns it.
[[gnu::visibility("hidden")]] int choose_active() noexcept;

// Whether avx512's kernels may use VBMI2, and this CPU has it.
[[gnu::visibility("hidden")]] extern std::atomic<bool> uses_vbmi2;

// An array of what `select.operator()<Isa>()` gives for every compiled ISA, in the order of `compiled`.
template <class Select, class... Isas>
constexpr auto per_isa(Select select, isa_list<Isas...>) {
  return std::array{select.template operator()<Isas>()...};
}
template <class Select>
constexpr auto per_isa(Select select) {
  return per_isa(select, compiled{});
}

// The kernels of all rows, by index, with those of Halved for halved_row; and at -1, the index until an ISA is active, one that
// makes an ISA active and calls its kernel.
template <class Select, class Halved, class Kernel>
struct kernel_table;
template <class Select, class Halved, class Result, class... Parameters>
struct kernel_table<Select, Halved, Result (*)(Parameters...) noexcept> {
  using kernel = Result (*)(Parameters...) noexcept;

  static kernel active_one() noexcept {
    static constexpr auto all = []<class... Isas>(isa_list<Isas...>) {
      std::array<kernel, 2 + sizeof...(Isas)> table{&choose_and_call, Select{}.template operator()<Isas>()...};
      if constexpr (has_halved_row) table.back() = Select{}.template operator()<Halved>();
      return table;
    }(compiled{});
    return *(all.data() + 1 + active.load(std::memory_order_relaxed));
  }

 private:
  static Result choose_and_call(Parameters... parameters) noexcept {
    choose_active();
    return active_one()(parameters...);
  }
};

// The kernel of the active ISA:
//   const auto kernel = active_kernel([]<class I> { return &gemv_kernels<I>::n; });   kernel(...);
template <class Select>
inline auto active_kernel(Select select) noexcept {
  return kernel_table<Select, isa::avx512, typename decltype(per_isa(select))::value_type>::active_one();
}

// The same for kernels that store about as much as they compute.
template <class Select>
inline auto storing_kernel(Select select) noexcept {
  return kernel_table<Select, isa::avx2, typename decltype(per_isa(select))::value_type>::active_one();
}

}  // namespace lanewise
