// SPDX-License-Identifier: MIT
// What ops.hpp needs of AVX-512 (F, CD, DQ, BW, VL).
#pragma once

#include "ops_x86.hpp"

namespace lanewise::simd {
namespace {

inline constexpr std::size_t free_registers = 32;
inline constexpr bool has_masked_loads = true;

inline vi as_int(vf x) noexcept { return vi(_mm512_castps_si512(x)); }
inline vf as_float(vi x) noexcept { return vf(_mm512_castsi512_ps(x)); }

// xsimd before 11.0 multiplies and adds here: two roundings.
inline vf fma(vf a, vf b, vf c) noexcept { return vf(_mm512_fmadd_ps(a, b, c)); }
inline vf divide(vf a, vf b) noexcept { return a / b; }
inline vf square_root(vf x) noexcept { return vf(_mm512_sqrt_ps(x)); }
inline vf larger(vf a, vf b) noexcept { return vf(_mm512_max_ps(a, b)); }
inline vf at_least(float low, vf x) noexcept { return vf(_mm512_max_ps(vf(low), x)); }  // of two of which one is NaN the second
inline vf at_most(float high, vf x) noexcept { return vf(_mm512_min_ps(vf(high), x)); }
inline vf scale_by_power_of_two(vf x, vf n) noexcept { return vf(_mm512_scalef_ps(x, n)); }

using lane_mask = __mmask16;
inline lane_mask mask_of_first(std::size_t count) noexcept { return static_cast<__mmask16>((1u << count) - 1u); }
inline vf load_masked(lane_mask m, const float* p, float fill) noexcept {
  return vf(_mm512_mask_loadu_ps(_mm512_set1_ps(fill), m, p));
}
inline void store_masked(lane_mask m, float* p, vf x) noexcept { _mm512_mask_storeu_ps(p, m, x); }

inline vf load_quad(const float* p) noexcept { return vf(_mm512_broadcast_f32x4(_mm_loadu_ps(p))); }
template <int element>
inline vf splat_of_quad(vf quad) noexcept { return vf(_mm512_permute_ps(quad, element * 0x55)); }

inline vf keep_where(mask m, vf x) noexcept { return vf(_mm512_maskz_mov_ps(m, x)); }
inline vf zero_where(mask m, vf x) noexcept { return vf(_mm512_mask_mov_ps(x, m, _mm512_setzero_ps())); }

// A blend and a permutation each, so that low halves meet high ones: cheaper than two permutations.
inline __m512 sum_of_halves(__m512 a, __m512 b) noexcept {  // of a in the low half, of b in the high one
  return _mm512_add_ps(_mm512_mask_blend_ps(0xff00, a, b), _mm512_shuffle_f32x4(a, b, 0x4e));
}
inline __m512 sum_of_quarters(__m512 a, __m512 b) noexcept {  // a's first, b's first, a's second, b's second
  const __m512 ahead = _mm512_mask_blend_ps(0x0f0f, a, b);
  return _mm512_add_ps(_mm512_mask_blend_ps(0xf0f0, a, b), _mm512_shuffle_f32x4(ahead, ahead, 0xb1));
}
inline __m512 sum_of_eighths(__m512 a, __m512 b) noexcept {  // a's two, then b's two, in each quarter
  return _mm512_add_ps(_mm512_mask_blend_ps(0xcccc, a, b), _mm512_shuffle_ps(a, b, 0x4e));
}
// Of four rows, a quarter of the register each.
inline __m512 sums_of_four(__m512 x0, __m512 x1, __m512 x2, __m512 x3) noexcept {
  return sum_of_quarters(sum_of_halves(x0, x2), sum_of_halves(x1, x3));
}
// Lane 4 r + i: row r of four i.
inline __m512 sums_of_fours(__m512 four0, __m512 four1, __m512 four2, __m512 four3) noexcept {
  const __m512 a = sum_of_eighths(four0, four1), b = sum_of_eighths(four2, four3);
  return _mm512_add_ps(_mm512_shuffle_ps(a, b, 0x88), _mm512_shuffle_ps(a, b, 0xdd));
}
inline vf tree_sums(const vf (&x)[16]) noexcept {
  const auto four = [&](int i) __attribute__((always_inline)) { return sums_of_four(x[i], x[i + 4], x[i + 8], x[i + 12]); };
  return vf(sums_of_fours(four(0), four(1), four(2), four(3)));
}

// The same in two steps: rows 4 i to 4 i + 3 become four i.
inline vf sums_of_four(const vf (&x)[4]) noexcept { return vf(sums_of_four(x[0], x[1], x[2], x[3])); }
inline vf tree_sums_of_fours(const vf (&four)[4]) noexcept {
  const __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  return vf(_mm512_permutexvar_ps(order, sums_of_fours(four[0], four[1], four[2], four[3])));
}

// In each quarter of the registers: lane c of row r and lane r of row c change places.
[[gnu::always_inline]] inline void transpose_quarters(__m512 row0, __m512 row1, __m512 row2, __m512 row3, vf* x) noexcept {
  const __m512 low01 = _mm512_unpacklo_ps(row0, row1), high01 = _mm512_unpackhi_ps(row0, row1);
  const __m512 low23 = _mm512_unpacklo_ps(row2, row3), high23 = _mm512_unpackhi_ps(row2, row3);
  x[0] = vf(_mm512_shuffle_ps(low01, low23, 0x44));
  x[1] = vf(_mm512_shuffle_ps(low01, low23, 0xee));
  x[2] = vf(_mm512_shuffle_ps(high01, high23, 0x44));
  x[3] = vf(_mm512_shuffle_ps(high01, high23, 0xee));
}

inline void transpose(vf (&x)[16]) noexcept {
  vf quarter[16];  // row 4 q + c: in each quarter of the register lane c of rows 4 q to 4 q + 3
  for (int r = 0; r < 16; r += 4) transpose_quarters(x[r], x[r + 1], x[r + 2], x[r + 3], quarter + r);
  for (int c = 0; c < 4; ++c) {
    const __m512 even01 = _mm512_shuffle_f32x4(quarter[c], quarter[c + 4], 0x88);
    const __m512 even23 = _mm512_shuffle_f32x4(quarter[c + 8], quarter[c + 12], 0x88);
    const __m512 odd01 = _mm512_shuffle_f32x4(quarter[c], quarter[c + 4], 0xdd);
    const __m512 odd23 = _mm512_shuffle_f32x4(quarter[c + 8], quarter[c + 12], 0xdd);
    x[c] = vf(_mm512_shuffle_f32x4(even01, even23, 0x88));
    x[c + 4] = vf(_mm512_shuffle_f32x4(odd01, odd23, 0x88));
    x[c + 8] = vf(_mm512_shuffle_f32x4(even01, even23, 0xdd));
    x[c + 12] = vf(_mm512_shuffle_f32x4(odd01, odd23, 0xdd));
  }
}

[[gnu::always_inline]] inline void load_transposed(const float* p, std::size_t stride, vf (&x)[4]) noexcept {
  const auto rows_4_apart = [&](const float* row) __attribute__((always_inline)) {
    __m512 quarters = _mm512_castps128_ps512(_mm_loadu_ps(row));
    quarters = _mm512_insertf32x4(quarters, _mm_loadu_ps(row + 4 * stride), 1);
    quarters = _mm512_insertf32x4(quarters, _mm_loadu_ps(row + 8 * stride), 2);
    return _mm512_insertf32x4(quarters, _mm_loadu_ps(row + 12 * stride), 3);
  };
  transpose_quarters(rows_4_apart(p), rows_4_apart(p + stride), rows_4_apart(p + 2 * stride), rows_4_apart(p + 3 * stride), x);
}

inline std::size_t put_pixels_of_8(const std::uint8_t* p, std::uint32_t first, unsigned shift, unsigned bits,
                                   std::uint32_t* position, float* value) noexcept {
  const auto live = static_cast<__mmask8>(bits);
  const __m256i positions = _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
                                             _mm256_set1_epi32(static_cast<int>(first)));
  const __m256 values = pixel_values(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
  const __m256i packed = _mm256_maskz_compress_epi32(live, shifted_left(positions, shift));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(position), packed);
  _mm256_storeu_ps(value, _mm256_maskz_compress_ps(live, values));
  return static_cast<std::size_t>(__builtin_popcount(bits));
}

inline __m256 low_half(__m512 x) noexcept { return _mm512_castps512_ps256(x); }
inline __m256 high_half(__m512 x) noexcept { return _mm512_extractf32x8_ps(x, 1); }
inline vd widen_low(vf x) noexcept { return vd(_mm512_cvtps_pd(low_half(x))); }
inline vd widen_high(vf x) noexcept { return vd(_mm512_cvtps_pd(high_half(x))); }
inline void add_halves(const vf (&e)[1], vd (&part)[1]) noexcept {
  part[0] += vd(_mm512_cvtps_pd(_mm256_add_ps(low_half(e[0]), high_half(e[0]))));
}

inline float tree_sum(__m512 x) noexcept { return tree_sum(_mm256_add_ps(low_half(x), high_half(x))); }
inline float tree_max(__m512 x) noexcept { return tree_max(_mm256_max_ps(low_half(x), high_half(x))); }
inline double tree_sum(__m512d x) noexcept {
  return tree_sum(_mm256_add_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd(x, 1)));
}

}  // namespace
}  // namespace lanewise::simd
