// SPDX-License-Identifier: MIT
// The ISAs by name: tags that kernels are instantiated with. kernels/meson.build names their compiler flags.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace lanewise::isa {

// supported(): whether this CPU and operating system run it (cpu.cpp).
struct avx512 {
  static constexpr std::string_view name = "avx512";
  [[gnu::visibility("hidden")]] static bool supported() noexcept;
};
struct avx2 {
  static constexpr std::string_view name = "avx2";
  [[gnu::visibility("hidden")]] static bool supported() noexcept;
};
struct sse2 {
  static constexpr std::string_view name = "sse2";
  [[gnu::visibility("hidden")]] static bool supported() noexcept;
};
struct neon64 {
  static constexpr std::string_view name = "neon64";
  [[gnu::visibility("hidden")]] static bool supported() noexcept;
};

}  // namespace lanewise::isa

namespace lanewise {

template <class... Isas>
struct isa_list {
  static constexpr std::size_t size = sizeof...(Isas);
  template <class Isa>
  static constexpr bool has = (std::is_same_v<Isa, Isas> || ...);
};

}  // namespace lanewise
