// SPDX-License-Identifier: MIT
// Pieces of 128 and 256 bits that the x86 ISAs share.
#pragma once

#include "bit_positions.hpp"
#include "this_isa.hpp"

namespace lanewise::simd {
namespace {

inline bool all_zero_8(const float* p) noexcept {
  const __m128 none = _mm_setzero_ps();
  const __m128 low = _mm_cmpeq_ps(_mm_loadu_ps(p), none), high = _mm_cmpeq_ps(_mm_loadu_ps(p + 4), none);
  return _mm_movemask_ps(_mm_and_ps(low, high)) == 15;
}

#if defined(__AVX512BW__)
inline std::uint64_t nonzero_bits(const std::uint8_t* p) noexcept {
  const __m512i bytes = _mm512_loadu_si512(p);
  return _mm512_test_epi8_mask(bytes, bytes);
}

inline std::uint64_t nonzero_groups(const std::uint8_t* p, std::uint64_t) noexcept {
  const __m512i groups = _mm512_loadu_si512(p);
  return _mm512_test_epi64_mask(groups, groups);
}
#else
inline std::uint64_t nonzero_bits(const std::uint8_t* p) noexcept {
  std::uint64_t zeros = 0;
#if defined(__AVX2__)
  for (int i = 0; i < 64; i += 32) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i));
    const int equal = _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256()));
    zeros |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(equal)) << i;
  }
#else
  for (int i = 0; i < 64; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
    zeros |= static_cast<std::uint64_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128()))) << i;
  }
#endif
  return ~zeros;
}

#if defined(__AVX2__)
inline std::uint64_t nonzero_groups(const std::uint8_t* p, std::uint64_t) noexcept {
  unsigned zeros = 0;
  for (int i = 0; i < 8; i += 4) {
    const __m256i groups = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 8 * i));
    const __m256d equal = _mm256_castsi256_pd(_mm256_cmpeq_epi64(groups, _mm256_setzero_si256()));
    zeros |= static_cast<unsigned>(_mm256_movemask_pd(equal)) << i;
  }
  return zeros ^ 0xff;
}
#else
inline std::uint64_t nonzero_groups(const std::uint8_t*, std::uint64_t word) noexcept { return nonzero_bytes(word); }
#endif
#endif

#if defined(__AVX2__)
// u / 255.0f: 1 / 255 in two parts, of which the first has so few bits that its product with a byte is exact. So the sum of
// both products is rounded once, and for none of the 256 bytes is the error of the second part seen.
constexpr float pixel_value_high = 0x1.01p-8f, pixel_value_low = static_cast<float>(1 / 255.0 - 0x1.01p-8);
inline __m256 pixel_values(__m128i low_8_bytes) noexcept {
  const __m256 u = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(low_8_bytes));
  return _mm256_fmadd_ps(u, _mm256_set1_ps(pixel_value_high), _mm256_mul_ps(u, _mm256_set1_ps(pixel_value_low)));
}

#if defined(__AVX512F__)
inline __m512i shifted_left(__m512i x, unsigned count) noexcept {
  return _mm512_sll_epi32(x, _mm_cvtsi32_si128(static_cast<int>(count)));
}
inline __m512 pixel_values(__m512i bytes) noexcept {
  const __m512 u = _mm512_cvtepi32_ps(bytes);
  return _mm512_fmadd_ps(u, _mm512_set1_ps(pixel_value_high), _mm512_mul_ps(u, _mm512_set1_ps(pixel_value_low)));
}
#endif

inline __m256i shifted_left(__m256i x, unsigned count) noexcept {
  return _mm256_sll_epi32(x, _mm_cvtsi32_si128(static_cast<int>(count)));
}
#endif

inline float tree_sum(__m128 x) noexcept {
  x = _mm_add_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_add_ss(x, _mm_shuffle_ps(x, x, 1)));
}
inline float tree_max(__m128 x) noexcept {
  x = _mm_max_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_max_ss(x, _mm_shuffle_ps(x, x, 1)));
}
inline double tree_sum(__m128d x) noexcept { return _mm_cvtsd_f64(_mm_add_sd(x, _mm_unpackhi_pd(x, x))); }
#if defined(__AVX2__)
inline float tree_sum(__m256 x) noexcept {
  return tree_sum(_mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1)));
}
inline float tree_max(__m256 x) noexcept {
  return tree_max(_mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1)));
}
inline double tree_sum(__m256d x) noexcept {
  return tree_sum(_mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1)));
}
#endif

}  // namespace
}  // namespace lanewise::simd
