// SPDX-License-Identifier: MIT
// The floating-point environment: rounding mode, flush-to-zero bits and exception masks, without the sticky flags.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace lanewise::test {

struct fp_setting {
  std::string_view name;
  std::uint64_t control;
};

#if defined(__x86_64__)

// MXCSR: bits 0-5 are sticky flags, 6 denormals-are-zero, 7-12 exception masks, 13-14 rounding mode, 15 flush-to-zero.
inline std::uint64_t fp_control() { return _mm_getcsr() & ~0x3fu; }
inline void set_fp_control(std::uint64_t control) { _mm_setcsr(static_cast<std::uint32_t>(control)); }

inline constexpr std::array fp_settings{
    fp_setting{"default", 0x1f80},       fp_setting{"round down", 0x3f80},
    fp_setting{"round up", 0x5f80},      fp_setting{"round to zero", 0x7f80},
    fp_setting{"flush to zero", 0x9fc0}, fp_setting{"division by zero traps", 0x1d80},
};

#elif defined(__aarch64__)

// FPCR: bits 8-12 exception enables, 22-23 rounding mode, 24 flush-to-zero.
inline std::uint64_t fp_control() {
  std::uint64_t control = 0;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return control;
}
inline void set_fp_control(std::uint64_t control) { __asm__ volatile("msr fpcr, %0" : : "r"(control)); }

inline constexpr std::array fp_settings{
    fp_setting{"default", 0},
    fp_setting{"round up", 1u << 22},
    fp_setting{"round down", 2u << 22},
    fp_setting{"round to zero", 3u << 22},
    fp_setting{"flush to zero", 1u << 24},
};

#endif

}  // namespace lanewise::test
