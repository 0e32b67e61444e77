// SPDX-License-Identifier: MIT
// What ops.hpp needs of AVX-512 (F, CD, DQ, BW, VL).
#pragma once

#include "ops_x86.hpp"

namespace lanewise::simd {
namespace {

inline constexpr std::size_t free_registers = 32;

inline vi as_int(vf x) noexcept { return vi(_mm512_castps_si512(x)); }
inline vf as_float(vi x) noexcept { return vf(_mm512_castsi512_ps(x)); }

// xsimd before 11.0 multiplies and adds here: two roundings.
inline vf fma(vf a, vf b, vf c) noexcept { return vf(_mm512_fmadd_ps(a, b, c)); }
inline vf divide(vf a, vf b) noexcept { return a / b; }
inline vf larger(vf a, vf b) noexcept { return vf(_mm512_max_ps(a, b)); }
inline vf scale_by_power_of_two(vf x, vf n) noexcept { return vf(_mm512_scalef_ps(x, n)); }

using lane_mask = __mmask16;
inline lane_mask mask_of_first(std::size_t count) noexcept { return static_cast<__mmask16>((1u << count) - 1u); }
inline vf load_masked(lane_mask m, const float* p, float fill) noexcept {
  return vf(_mm512_mask_loadu_ps(_mm512_set1_ps(fill), m, p));
}
inline void store_masked(lane_mask m, float* p, vf x) noexcept { _mm512_mask_storeu_ps(p, m, x); }

inline __m256 low_half(__m512 x) noexcept { return _mm512_castps512_ps256(x); }
inline __m256 high_half(__m512 x) noexcept { return _mm512_extractf32x8_ps(x, 1); }
inline vd widen_low(vf x) noexcept { return vd(_mm512_cvtps_pd(low_half(x))); }
inline vd widen_high(vf x) noexcept { return vd(_mm512_cvtps_pd(high_half(x))); }

inline float tree_sum(__m512 x) noexcept { return tree_sum(_mm256_add_ps(low_half(x), high_half(x))); }
inline float tree_max(__m512 x) noexcept { return tree_max(_mm256_max_ps(low_half(x), high_half(x))); }
inline double tree_sum(__m512d x) noexcept {
  return tree_sum(_mm256_add_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd(x, 1)));
}

}  // namespace
}  // namespace lanewise::simd
