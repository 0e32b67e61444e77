// SPDX-License-Identifier: MIT
// What pixels.hpp needs of AVX-512 VBMI2, which packs bytes.
#pragma once

#include "ops.hpp"

namespace lanewise::simd {
namespace {

alignas(64) constexpr std::uint8_t first_bytes[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

// Of 64 pixels at a time the values and the positions are packed as bytes; then each 16 that are not zero become floats and
// offsets: of 64 pixels of MNIST 12 on average. For an image that takes 62 ns; when all were packed into memory and made floats
// of from there, which has to wait for the stores, 72; groups of 8 of which only the live ones are looked at 83 (Zen 4).
class pixel_packer {
 public:
  explicit pixel_packer(unsigned shift) noexcept
      : shift_(_mm_cvtsi32_si128(static_cast<int>(shift))), step_(_mm512_set1_epi32(64 << shift)) {}

  // position << shift and value / 255 of each of the next 64 bytes that is not 0. Writes whole registers of 16. Returns how many.
  [[gnu::target("avx512vbmi2")]] std::size_t put_64(const std::uint8_t* p, std::uint32_t* position, float* value) noexcept {
    return put(_mm512_loadu_si512(p), position, value);
  }
  // The same of the last ones, n < 64.
  [[gnu::target("avx512vbmi2")]] std::size_t put_rest(const std::uint8_t* p, std::size_t n, std::uint32_t* position,
                                                      float* value) noexcept {
    return put(_mm512_maskz_loadu_epi8((std::uint64_t{1} << n) - 1, p), position, value);
  }

 private:
  [[gnu::target("avx512vbmi2")]] std::size_t put(__m512i bytes, std::uint32_t* position, float* value) noexcept {
    const std::uint64_t live = _mm512_test_epi8_mask(bytes, bytes);
    const auto count = static_cast<std::size_t>(__builtin_popcountll(live));
    put_quarters<0>(_mm512_maskz_compress_epi8(live, bytes), _mm512_maskz_compress_epi8(live, _mm512_load_si512(first_bytes)),
                    count, position, value);
    before_ = _mm512_add_epi32(before_, step_);
    return count;
  }

  template <int quarter>
  void put_quarters(__m512i values, __m512i positions, std::size_t count, std::uint32_t* position, float* value) const noexcept {
    constexpr std::size_t done = 16 * quarter;
    if (count <= done) return;
    const __m512i from_first = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(positions, quarter));
    _mm512_storeu_si512(position + done, _mm512_add_epi32(before_, _mm512_sll_epi32(from_first, shift_)));
    _mm512_storeu_ps(value + done, pixel_values(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(values, quarter))));
    if constexpr (quarter < 3) put_quarters<quarter + 1>(values, positions, count, position, value);
  }

  __m128i shift_;
  __m512i step_, before_ = _mm512_setzero_si512();  // of 64 positions; of all before the next, shifted
};

}  // namespace
}  // namespace lanewise::simd
