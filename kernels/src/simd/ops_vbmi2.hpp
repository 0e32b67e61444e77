// SPDX-License-Identifier: MIT
// What pixels.hpp needs of AVX-512 VBMI2, which packs bytes.
#pragma once

#include "ops.hpp"

namespace lanewise::simd {
namespace {

alignas(64) constexpr std::uint8_t first_bytes[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

// Up to 256 pixels: of those that are not zero values and positions are packed as bytes in memory, then each 16 become floats and
// offsets. Meant to be packed some at a time, so that loads of the first need not wait for stores. An image of MNIST takes 41 ns,
// in shuffled order 60; where each 16 of 64 became floats at once, which a CPU cannot foresee, it took 62 and 74; with all
// packed as one, and positions as words, 49 and 66 (Emerald Rapids). On Zen 4 such a form, with no sections, had taken 72, not 62;
// this one has not been measured there.
class packed_pixels {
 public:
  static constexpr std::size_t most = 256;

  // n <= most bytes from p on, and to `bits` which of them are live, if that is asked for; with each 64 those from `later` on are
  // fetched.
  template <bool with_bits>
  [[gnu::target("avx512vbmi2")]] void pack(const std::uint8_t* p, std::size_t n, const std::uint8_t* later,
                                           std::uint64_t* bits) noexcept {
    __m512i positions = _mm512_load_si512(first_bytes);
    count_ = 0;
    for (std::size_t i = 0; i < n; i += 64, positions = _mm512_add_epi8(positions, _mm512_set1_epi8(64))) {
      __builtin_prefetch(later + i);
      const __m512i bytes =
          i + 64 <= n ? _mm512_loadu_si512(p + i) : _mm512_maskz_loadu_epi8((std::uint64_t{1} << (n - i)) - 1, p + i);
      const std::uint64_t live = _mm512_test_epi8_mask(bytes, bytes);
      if constexpr (with_bits) bits[i / 64] = live;
      _mm512_storeu_si512(value_ + count_, _mm512_maskz_compress_epi8(live, bytes));
      _mm512_storeu_si512(position_ + count_, _mm512_maskz_compress_epi8(live, positions));
      count_ += static_cast<std::size_t>(__builtin_popcountll(live));
    }
  }

  // (first + position) << shift and value / 255 of each. Writes whole registers of 16. Returns how many they are.
  std::size_t put(std::size_t first, unsigned shift, std::uint32_t* position, float* value) const noexcept {
    const __m512i before = _mm512_set1_epi32(static_cast<int>(first << shift));
    for (std::size_t i = 0; i < count_; i += 16) {
      const __m512i positions = shifted_left(bytes_of(position_ + i), shift);
      _mm512_storeu_si512(position + i, _mm512_add_epi32(before, positions));
      _mm512_storeu_ps(value + i, pixel_values(bytes_of(value_ + i)));
    }
    return count_;
  }

 private:
  static __m512i bytes_of(const std::uint8_t* p) noexcept {
    return _mm512_cvtepu8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(p)));
  }

  std::size_t count_;
  alignas(64) std::uint8_t value_[most], position_[most];
};

}  // namespace
}  // namespace lanewise::simd
