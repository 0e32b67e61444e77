// SPDX-License-Identifier: MIT
// What ops.hpp needs of NEON on AArch64.
#pragma once

#include "this_isa.hpp"

namespace lanewise::simd {
namespace {

inline constexpr std::size_t free_registers = 32;

inline vi as_int(vf x) noexcept { return vi(vreinterpretq_s32_f32(x)); }
inline vf as_float(vi x) noexcept { return vf(vreinterpretq_f32_s32(x)); }
inline vf fma(vf a, vf b, vf c) noexcept { return vf(vfmaq_f32(c, a, b)); }
inline vf divide(vf a, vf b) noexcept { return vf(vdivq_f32(a, b)); }  // xsimd's / is a Newton estimate here
inline vf larger(vf a, vf b) noexcept { return vf(vmaxq_f32(a, b)); }

// Without masked moves a tail goes lane by lane.
using lane_mask = int;  // the number of lanes
inline lane_mask mask_of_first(std::size_t count) noexcept { return static_cast<int>(count); }
inline vf load_masked(lane_mask count, const float* p, float fill) noexcept {
  float32x4_t x = vdupq_n_f32(fill);
  if (count > 0) x = vld1q_lane_f32(p, x, 0);
  if (count > 1) x = vld1q_lane_f32(p + 1, x, 1);
  if (count > 2) x = vld1q_lane_f32(p + 2, x, 2);
  if (count > 3) x = vld1q_lane_f32(p + 3, x, 3);
  return vf(x);
}
inline void store_masked(lane_mask count, float* p, vf x) noexcept {
  if (count > 0) vst1q_lane_f32(p, x, 0);
  if (count > 1) vst1q_lane_f32(p + 1, x, 1);
  if (count > 2) vst1q_lane_f32(p + 2, x, 2);
  if (count > 3) vst1q_lane_f32(p + 3, x, 3);
}

inline vf keep_where(mask m, vf x) noexcept {
  return vf(vreinterpretq_f32_u32(vandq_u32(m, vreinterpretq_u32_f32(x))));
}
inline vf zero_where(mask m, vf x) noexcept {
  return vf(vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(x), m)));
}

inline vf tree_sums(const vf (&x)[4]) noexcept {
  const auto halves = [&](int i) {  // rows i and i + 1
    return vaddq_f32(vcombine_f32(vget_low_f32(x[i]), vget_low_f32(x[i + 1])),
                     vcombine_f32(vget_high_f32(x[i]), vget_high_f32(x[i + 1])));
  };
  return vf(vpaddq_f32(halves(0), halves(2)));
}

inline void transpose(vf (&x)[4]) noexcept {
  const auto pairs = [](float32x4_t a, float32x4_t b) { return vreinterpretq_f64_f32(vtrn1q_f32(a, b)); };
  const auto odd_pairs = [](float32x4_t a, float32x4_t b) { return vreinterpretq_f64_f32(vtrn2q_f32(a, b)); };
  const float64x2_t even01 = pairs(x[0], x[1]), odd01 = odd_pairs(x[0], x[1]);
  const float64x2_t even23 = pairs(x[2], x[3]), odd23 = odd_pairs(x[2], x[3]);
  x[0] = vf(vreinterpretq_f32_f64(vtrn1q_f64(even01, even23)));
  x[1] = vf(vreinterpretq_f32_f64(vtrn1q_f64(odd01, odd23)));
  x[2] = vf(vreinterpretq_f32_f64(vtrn2q_f64(even01, even23)));
  x[3] = vf(vreinterpretq_f32_f64(vtrn2q_f64(odd01, odd23)));
}

inline vd widen_low(vf x) noexcept { return vd(vcvt_f64_f32(vget_low_f32(x))); }
inline vd widen_high(vf x) noexcept { return vd(vcvt_high_f64_f32(x)); }

inline bool all_zero_8(const float* p) noexcept {
  return vminvq_u32(vandq_u32(vceqzq_f32(vld1q_f32(p)), vceqzq_f32(vld1q_f32(p + 4)))) != 0;
}

inline float tree_sum(float32x4_t x) noexcept {
  const float32x2_t pairs = vadd_f32(vget_low_f32(x), vget_high_f32(x));
  return vget_lane_f32(pairs, 0) + vget_lane_f32(pairs, 1);
}
inline float tree_max(float32x4_t x) noexcept { return vmaxvq_f32(x); }
inline double tree_sum(float64x2_t x) noexcept { return vgetq_lane_f64(x, 0) + vgetq_lane_f64(x, 1); }

}  // namespace
}  // namespace lanewise::simd
