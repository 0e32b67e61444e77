// SPDX-License-Identifier: MIT
// The ISAs by name: tags that kernels are instantiated with, and what each needs of the CPU.
#pragma once

#include <cstddef>
#include <string_view>

namespace lanewise::isa {

// supported() asks for every instruction set that kernels/meson.build names in the row's flags.
// __builtin_cpu_supports also checks that the operating system saves the registers.
struct avx512 {
  static constexpr std::string_view name = "avx512";
  static bool supported() noexcept {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  }
};
struct avx2 {
  static constexpr std::string_view name = "avx2";
  static bool supported() noexcept { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
};
struct sse2 {
  static constexpr std::string_view name = "sse2";
  static bool supported() noexcept { return true; }  // part of x86-64
};

}  // namespace lanewise::isa

namespace lanewise {

template <class... Isas>
struct isa_list {
  static constexpr std::size_t size = sizeof...(Isas);
};

}  // namespace lanewise
