// SPDX-License-Identifier: MIT
// What ops.hpp needs of NEON on AArch64.
#pragma once

#include "bit_positions.hpp"
#include "this_isa.hpp"

namespace lanewise::simd {
namespace {

inline constexpr std::size_t free_registers = 32;
inline constexpr bool has_masked_loads = false;

inline vi as_int(vf x) noexcept { return vi(vreinterpretq_s32_f32(x)); }
inline vf as_float(vi x) noexcept { return vf(vreinterpretq_f32_s32(x)); }
inline vf fma(vf a, vf b, vf c) noexcept { return vf(vfmaq_f32(c, a, b)); }
inline vf divide(vf a, vf b) noexcept { return vf(vdivq_f32(a, b)); }  // xsimd's / is a Newton estimate here
inline vf square_root(vf x) noexcept { return vf(vsqrtq_f32(x)); }     // and so is its sqrt
inline vf larger(vf a, vf b) noexcept { return vf(vmaxq_f32(a, b)); }
inline vf at_least(float low, vf x) noexcept { return vf(vmaxq_f32(vdupq_n_f32(low), x)); }
inline vf at_most(float high, vf x) noexcept { return vf(vminq_f32(vdupq_n_f32(high), x)); }

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

inline vf load_quad(const float* p) noexcept { return vf(vld1q_f32(p)); }
template <int element>
inline vf splat_of_quad(vf quad) noexcept { return vf(vdupq_laneq_f32(quad, element)); }

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

inline std::uint64_t nonzero_bits(const std::uint8_t* p) noexcept {
  const uint8x16_t weights = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201));
  uint8x16_t bits[4];
  for (int i = 0; i < 4; ++i) {
    const uint8x16_t bytes = vld1q_u8(p + 16 * i);
    bits[i] = vandq_u8(vtstq_u8(bytes, bytes), weights);
  }
  const uint8x16_t quarters = vpaddq_u8(vpaddq_u8(bits[0], bits[1]), vpaddq_u8(bits[2], bits[3]));
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(quarters, quarters)), 0);
}
inline std::uint64_t nonzero_groups(const std::uint8_t*, std::uint64_t word) noexcept { return nonzero_bytes(word); }

inline std::size_t put_pixels_of_8(const std::uint8_t* p, std::uint32_t first, unsigned shift, unsigned bits,
                                   std::uint32_t* position, float* value) noexcept {
  const uint8x8_t order = vld1_u8(positions_of_bits[bits]);
  const uint16x8_t bytes = vmovl_u8(vtbl1_u8(vld1_u8(p), order)), positions = vmovl_u8(order);
  const int32x4_t left = vdupq_n_s32(static_cast<int>(shift));
  vst1q_u32(position, vshlq_u32(vaddq_u32(vmovl_u16(vget_low_u16(positions)), vdupq_n_u32(first)), left));
  vst1q_u32(position + 4, vshlq_u32(vaddq_u32(vmovl_high_u16(positions), vdupq_n_u32(first)), left));
  const float32x4_t scale = vdupq_n_f32(255.0f);
  vst1q_f32(value, vdivq_f32(vcvtq_f32_u32(vmovl_u16(vget_low_u16(bytes))), scale));
  vst1q_f32(value + 4, vdivq_f32(vcvtq_f32_u32(vmovl_high_u16(bytes)), scale));
  return static_cast<std::size_t>(__builtin_popcount(bits));
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
