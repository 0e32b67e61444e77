// SPDX-License-Identifier: MIT
// What ops.hpp needs of AVX2 and FMA.
#pragma once

#include "ops_x86.hpp"

namespace lanewise::simd {
namespace {

inline constexpr std::size_t free_registers = 16;
inline constexpr bool has_masked_loads = true;

inline vi as_int(vf x) noexcept { return vi(_mm256_castps_si256(x)); }
inline vf as_float(vi x) noexcept { return vf(_mm256_castsi256_ps(x)); }
inline vf fma(vf a, vf b, vf c) noexcept { return vf(_mm256_fmadd_ps(a, b, c)); }
inline vf divide(vf a, vf b) noexcept { return a / b; }
inline vf square_root(vf x) noexcept { return vf(_mm256_sqrt_ps(x)); }
inline vf larger(vf a, vf b) noexcept { return vf(_mm256_max_ps(a, b)); }
inline vf at_least(float low, vf x) noexcept { return vf(_mm256_max_ps(vf(low), x)); }  // of two of which one is NaN the second
inline vf at_most(float high, vf x) noexcept { return vf(_mm256_min_ps(vf(high), x)); }

struct lane_mask {
  __m256i bits;
  std::size_t count;
};
inline lane_mask mask_of_first(std::size_t count) noexcept {
  alignas(64) static constexpr std::int32_t window[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(window + 8 - count)), count};
}
inline vf load_masked(lane_mask m, const float* p, float fill) noexcept {
  const __m256 x = _mm256_maskload_ps(p, m.bits);
  return vf(fill == 0 ? x : _mm256_blendv_ps(_mm256_set1_ps(fill), x, _mm256_castsi256_ps(m.bits)));
}
// In pieces: a masked store takes some 20 cycles on AMD's cores, and the count is the same throughout a call.
inline void store_masked(lane_mask m, float* p, vf x) noexcept {
  if (m.count == 8) return _mm256_storeu_ps(p, x);
  __m128 rest = _mm256_castps256_ps128(x);
  if (m.count & 4) {
    _mm_storeu_ps(p, rest);
    rest = _mm256_extractf128_ps(x, 1);
    p += 4;
  }
  if (m.count & 2) {
    _mm_storel_pi(reinterpret_cast<__m64*>(p), rest);
    rest = _mm_movehl_ps(rest, rest);
    p += 2;
  }
  if (m.count & 1) _mm_store_ss(p, rest);
}

inline vf load_quad(const float* p) noexcept { return vf(_mm256_broadcast_ps(reinterpret_cast<const __m128*>(p))); }
template <int element>
inline vf splat_of_quad(vf quad) noexcept { return vf(_mm256_permute_ps(quad, element * 0x55)); }

inline vf keep_where(mask m, vf x) noexcept { return vf(_mm256_and_ps(m, x)); }
inline vf zero_where(mask m, vf x) noexcept { return vf(_mm256_andnot_ps(m, x)); }

// A blend and a permutation each, so that low halves meet high ones: cheaper than two permutations.
inline __m256 sum_of_halves(__m256 a, __m256 b) noexcept {  // of a in the low half, of b in the high one
  return _mm256_add_ps(_mm256_blend_ps(a, b, 0xf0), _mm256_permute2f128_ps(a, b, 0x21));
}
inline __m256 sum_of_quarters(__m256 a, __m256 b) noexcept {  // a's two, then b's two, in each half
  return _mm256_add_ps(_mm256_blend_ps(a, b, 0xcc), _mm256_shuffle_ps(a, b, 0x4e));
}
inline vf tree_sums(const vf (&x)[8]) noexcept {
  const __m256 a = sum_of_quarters(sum_of_halves(x[0], x[4]), sum_of_halves(x[1], x[5]));
  const __m256 b = sum_of_quarters(sum_of_halves(x[2], x[6]), sum_of_halves(x[3], x[7]));
  return vf(_mm256_add_ps(_mm256_shuffle_ps(a, b, 0x88), _mm256_shuffle_ps(a, b, 0xdd)));
}

// In each half of the registers: lane c of row r and lane r of row c change places.
[[gnu::always_inline]] inline void transpose_halves(__m256 row0, __m256 row1, __m256 row2, __m256 row3, vf* x) noexcept {
  const __m256 low01 = _mm256_unpacklo_ps(row0, row1), high01 = _mm256_unpackhi_ps(row0, row1);
  const __m256 low23 = _mm256_unpacklo_ps(row2, row3), high23 = _mm256_unpackhi_ps(row2, row3);
  x[0] = vf(_mm256_shuffle_ps(low01, low23, 0x44));
  x[1] = vf(_mm256_shuffle_ps(low01, low23, 0xee));
  x[2] = vf(_mm256_shuffle_ps(high01, high23, 0x44));
  x[3] = vf(_mm256_shuffle_ps(high01, high23, 0xee));
}

inline void transpose(vf (&x)[8]) noexcept {
  vf half[8];  // row 4 q + c: in each half of the register lane c of rows 4 q to 4 q + 3
  for (int r = 0; r < 8; r += 4) transpose_halves(x[r], x[r + 1], x[r + 2], x[r + 3], half + r);
  for (int c = 0; c < 4; ++c) {
    x[c] = vf(_mm256_permute2f128_ps(half[c], half[c + 4], 0x20));
    x[c + 4] = vf(_mm256_permute2f128_ps(half[c], half[c + 4], 0x31));
  }
}

[[gnu::always_inline]] inline void load_transposed(const float* p, std::size_t stride, vf (&x)[4]) noexcept {
  const auto rows_4_apart = [&](const float* row) __attribute__((always_inline)) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(row)), _mm_loadu_ps(row + 4 * stride), 1);
  };
  transpose_halves(rows_4_apart(p), rows_4_apart(p + stride), rows_4_apart(p + 2 * stride), rows_4_apart(p + 3 * stride), x);
}

inline std::size_t put_pixels_of_8(const std::uint8_t* p, std::uint32_t first, unsigned shift, unsigned bits,
                                   std::uint32_t* position, float* value) noexcept {
  const __m128i order = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(positions_of_bits[bits]));
  const __m128i bytes = _mm_shuffle_epi8(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)), order);
  const __m256i positions = _mm256_add_epi32(_mm256_cvtepu8_epi32(order), _mm256_set1_epi32(static_cast<int>(first)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(position), shifted_left(positions, shift));
  _mm256_storeu_ps(value, pixel_values(bytes));
  return static_cast<std::size_t>(__builtin_popcount(bits));
}

inline vd widen_low(vf x) noexcept { return vd(_mm256_cvtps_pd(_mm256_castps256_ps128(x))); }
inline vd widen_high(vf x) noexcept { return vd(_mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))); }

}  // namespace
}  // namespace lanewise::simd
