// SPDX-License-Identifier: MIT
// What ops.hpp needs of AVX2 and FMA.
#pragma once

#include "ops_x86.hpp"

namespace lanewise::simd {
namespace {

inline constexpr std::size_t free_registers = 16;

inline vi as_int(vf x) noexcept { return vi(_mm256_castps_si256(x)); }
inline vf as_float(vi x) noexcept { return vf(_mm256_castsi256_ps(x)); }
inline vf fma(vf a, vf b, vf c) noexcept { return vf(_mm256_fmadd_ps(a, b, c)); }
inline vf divide(vf a, vf b) noexcept { return a / b; }
inline vf larger(vf a, vf b) noexcept { return vf(_mm256_max_ps(a, b)); }

using lane_mask = __m256i;
inline lane_mask mask_of_first(std::size_t count) noexcept {
  alignas(64) static constexpr std::int32_t window[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(window + 8 - count));
}
inline vf load_masked(lane_mask m, const float* p, float fill) noexcept {
  const __m256 x = _mm256_maskload_ps(p, m);
  return vf(fill == 0 ? x : _mm256_blendv_ps(_mm256_set1_ps(fill), x, _mm256_castsi256_ps(m)));
}
inline void store_masked(lane_mask m, float* p, vf x) noexcept { _mm256_maskstore_ps(p, m, x); }

inline vd widen_low(vf x) noexcept { return vd(_mm256_cvtps_pd(_mm256_castps256_ps128(x))); }
inline vd widen_high(vf x) noexcept { return vd(_mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))); }

}  // namespace
}  // namespace lanewise::simd
