// SPDX-License-Identifier: MIT
// Pieces of 128 and 256 bits that the x86 ISAs share.
#pragma once

#include "this_isa.hpp"

namespace lanewise::simd {
namespace {

inline bool all_zero_8(const float* p) noexcept {
  const __m128 none = _mm_setzero_ps();
  const __m128 low = _mm_cmpeq_ps(_mm_loadu_ps(p), none), high = _mm_cmpeq_ps(_mm_loadu_ps(p + 4), none);
  return _mm_movemask_ps(_mm_and_ps(low, high)) == 15;
}

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
