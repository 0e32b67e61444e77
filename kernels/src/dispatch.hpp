// SPDX-License-Identifier: MIT
// From a public call to the kernel of the active ISA: one relaxed load and one indirect call.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

#include "compiled_isas.hpp"

namespace lanewise {

// The active ISA as an index into `compiled`; -1 until the first use. Not exported by the shared library.
[[gnu::visibility("hidden")]] extern constinit std::atomic<int> active;
// Fills it (the same result from every thread), and returns it.
[[gnu::visibility("hidden")]] int choose_active() noexcept;

inline std::size_t active_index() noexcept {
  const int index = active.load(std::memory_order_relaxed);
  return static_cast<std::size_t>(index >= 0 ? index : choose_active());
}

// An array of what `select.operator()<Isa>()` gives for every compiled ISA, in the order of `compiled`.
//   static constexpr auto fn = per_isa([]<class I> { return &gemv_kernels<I>::n; });   fn[active_index()](...);
template <class Select, class... Isas>
constexpr auto per_isa(Select select, isa_list<Isas...>) {
  return std::array{select.template operator()<Isas>()...};
}
template <class Select>
constexpr auto per_isa(Select select) {
  return per_isa(select, compiled{});
}

}  // namespace lanewise
