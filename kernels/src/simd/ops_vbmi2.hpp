// SPDX-License-Identifier: MIT
// What pixels.hpp needs of AVX-512 VBMI2, which packs bytes and numbers of 16 bits.
#pragma once

#include "ops.hpp"

namespace lanewise::simd {
namespace {

alignas(64) constexpr std::uint16_t first_positions[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                           16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

// Of 64 pixels at a time the values and the positions are packed, without a branch; then whole registers of them become
// floats and offsets. For an image of MNIST that takes 51 ns, groups of 8 of which only the live ones are looked at 83 (Zen 4).
class packed_pixels {
 public:
  static constexpr std::size_t most = 1024;

  // Of p[0] to p[n - 1], n <= most.
  [[gnu::target("avx512vbmi2")]] packed_pixels(const std::uint8_t* p, std::size_t n) noexcept {
    const __m512i halves = _mm512_set1_epi16(32), wholes = _mm512_set1_epi16(64);
    __m512i low = _mm512_load_si512(first_positions), high = _mm512_add_epi16(low, halves);
    std::size_t i = 0, count = 0;  // not count_: stores of registers might be to it
#pragma GCC unroll 1
    for (; i + 64 <= n; i += 64) {
      count += put(_mm512_loadu_si512(p + i), low, high, count);
      low = _mm512_add_epi16(low, wholes);
      high = _mm512_add_epi16(high, wholes);
    }
    if (i < n) count += put(_mm512_maskz_loadu_epi8((std::uint64_t{1} << (n - i)) - 1, p + i), low, high, count);
    count_ = count;
  }

  std::size_t count() const noexcept { return count_; }

  // (first + position) << shift and value / 255 of each. Writes whole registers of 16.
  [[gnu::target("avx512vbmi2")]] void unpack(std::size_t first, unsigned shift, std::uint32_t* position,
                                             float* value) const noexcept {
    const __m512i before = _mm512_set1_epi32(static_cast<int>(first));
    const __m128i by = _mm_cvtsi32_si128(static_cast<int>(shift));
    for (std::size_t i = 0; i < count_; i += 16) {
      const __m512i positions = _mm512_cvtepu16_epi32(_mm256_load_si256(reinterpret_cast<const __m256i*>(positions_ + i)));
      const __m512i values = _mm512_cvtepu8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(values_ + i)));
      _mm512_storeu_si512(position + i, _mm512_sll_epi32(_mm512_add_epi32(before, positions), by));
      _mm512_storeu_ps(value + i, pixel_values(values));
    }
  }

 private:
  // Of 64 values, with the positions of the first and the second half of them, behind `count` others. Returns how many.
  [[gnu::target("avx512vbmi2")]] std::size_t put(__m512i values, __m512i low, __m512i high, std::size_t count) noexcept {
    const std::uint64_t live = _mm512_test_epi8_mask(values, values);
    const auto live_low = static_cast<std::uint32_t>(live), live_high = static_cast<std::uint32_t>(live >> 32);
    std::uint16_t* const positions = positions_ + count;
    _mm512_storeu_si512(values_ + count, _mm512_maskz_compress_epi8(live, values));
    _mm512_storeu_si512(positions, _mm512_maskz_compress_epi16(live_low, low));
    _mm512_storeu_si512(positions + __builtin_popcount(live_low), _mm512_maskz_compress_epi16(live_high, high));
    return static_cast<std::size_t>(__builtin_popcountll(live));
  }

  std::size_t count_;
  alignas(64) std::uint8_t values_[most + 64];  // with room for a whole register behind the last
  alignas(64) std::uint16_t positions_[most + 64];
};

}  // namespace
}  // namespace lanewise::simd
