// SPDX-License-Identifier: MIT
// What ops.hpp needs of SSE2, the baseline of x86-64, which has neither fma nor masks.
#pragma once

#include "ops_x86.hpp"

namespace lanewise::simd {
namespace {

inline constexpr std::size_t free_registers = 4;  // its fma takes the other twelve
inline constexpr bool has_masked_loads = false;

inline vi as_int(vf x) noexcept { return vi(_mm_castps_si128(x)); }
inline vf as_float(vi x) noexcept { return vf(_mm_castsi128_ps(x)); }
inline vf divide(vf a, vf b) noexcept { return a / b; }
inline vf square_root(vf x) noexcept { return vf(_mm_sqrt_ps(x)); }
inline vf larger(vf a, vf b) noexcept { return vf(_mm_max_ps(a, b)); }
inline vf at_least(float low, vf x) noexcept { return vf(_mm_max_ps(vf(low), x)); }  // of two of which one is NaN the second
inline vf at_most(float high, vf x) noexcept { return vf(_mm_min_ps(vf(high), x)); }

// SSE2 has no fma, so it is built: the product is exact in double (24 + 24 <= 53 bits); the sum in double is rounded to odd,
// which makes the final rounding to float the only one (Boldo and Melquiond 2008). Slow, but the same bits.
inline __m128 fma_of_two(__m128 a, __m128 b, __m128 c) noexcept {
  const __m128d product = _mm_mul_pd(_mm_cvtps_pd(a), _mm_cvtps_pd(b));
  const __m128d addend = _mm_cvtps_pd(c);
  const __m128d sum = _mm_add_pd(product, addend);
  // TwoSum: error = (product + addend) - sum, exactly; NaN where the sum is not finite, hence the two compares.
  const __m128d part = _mm_sub_pd(sum, product);
  const __m128d error =
      _mm_add_pd(_mm_sub_pd(product, _mm_sub_pd(sum, part)), _mm_sub_pd(addend, part));
  const __m128d none = _mm_setzero_pd();
  const __m128i inexact = _mm_castpd_si128(_mm_or_pd(_mm_cmplt_pd(error, none), _mm_cmpgt_pd(error, none)));
  // An inexact sum with an even last bit moves one step towards the error: away from zero if their signs agree.
  const __m128i bits = _mm_castpd_si128(sum);
  const __m128i one = _mm_set_epi32(0, 1, 0, 1);
  const __m128i odd = _mm_and_si128(bits, one);
  const __m128i opposite = _mm_srli_epi64(_mm_xor_si128(bits, _mm_castpd_si128(error)), 63);
  const __m128i step = _mm_sub_epi64(one, _mm_add_epi64(opposite, opposite));
  const __m128i even = _mm_sub_epi64(odd, one);  // all ones where the last bit is 0
  const __m128i move = _mm_and_si128(_mm_and_si128(step, even), inexact);
  return _mm_cvtpd_ps(_mm_castsi128_pd(_mm_add_epi64(bits, move)));
}
inline vf fma(vf a, vf b, vf c) noexcept {
  const __m128 low = fma_of_two(a, b, c);
  const __m128 high = fma_of_two(_mm_movehl_ps(a, a), _mm_movehl_ps(b, b), _mm_movehl_ps(c, c));
  return vf(_mm_movelh_ps(low, high));
}

// Without masked moves a tail is put together from pieces of 8 and 4 bytes.
using lane_mask = int;  // the number of lanes
inline lane_mask mask_of_first(std::size_t count) noexcept { return static_cast<int>(count); }
inline vf load_masked(lane_mask count, const float* p, float fill) noexcept {
  const __m128 f = _mm_set1_ps(fill);
  switch (count) {
    case 0: return vf(f);
    case 1: return vf(_mm_move_ss(f, _mm_load_ss(p)));
    case 2: return vf(_mm_loadl_pi(f, reinterpret_cast<const __m64*>(p)));
    case 3: {
      const __m128 third = _mm_move_ss(f, _mm_load_ss(p + 2));
      return vf(_mm_loadl_pi(_mm_movelh_ps(f, third), reinterpret_cast<const __m64*>(p)));
    }
    default: return vf(_mm_loadu_ps(p));
  }
}
inline void store_masked(lane_mask count, float* p, vf x) noexcept {
  switch (count) {
    case 0: return;
    case 1: _mm_store_ss(p, x); return;
    case 3: _mm_store_ss(p + 2, _mm_movehl_ps(x, x)); [[fallthrough]];
    case 2: _mm_storel_pi(reinterpret_cast<__m64*>(p), x); return;
    default: _mm_storeu_ps(p, x);
  }
}

inline vf load_quad(const float* p) noexcept { return vf(_mm_loadu_ps(p)); }
template <int element>
inline vf splat_of_quad(vf quad) noexcept { return vf(_mm_shuffle_ps(quad, quad, element * 0x55)); }

inline vf keep_where(mask m, vf x) noexcept { return vf(_mm_and_ps(m, x)); }
inline vf zero_where(mask m, vf x) noexcept { return vf(_mm_andnot_ps(m, x)); }

inline vf tree_sums(const vf (&x)[4]) noexcept {
  const __m128 low = _mm_add_ps(_mm_movelh_ps(x[0], x[1]), _mm_movehl_ps(x[1], x[0]));
  const __m128 high = _mm_add_ps(_mm_movelh_ps(x[2], x[3]), _mm_movehl_ps(x[3], x[2]));
  return vf(_mm_add_ps(_mm_shuffle_ps(low, high, 0x88), _mm_shuffle_ps(low, high, 0xdd)));
}

inline void transpose(vf (&x)[4]) noexcept {
  const __m128 low01 = _mm_unpacklo_ps(x[0], x[1]), high01 = _mm_unpackhi_ps(x[0], x[1]);
  const __m128 low23 = _mm_unpacklo_ps(x[2], x[3]), high23 = _mm_unpackhi_ps(x[2], x[3]);
  x[0] = vf(_mm_movelh_ps(low01, low23));
  x[1] = vf(_mm_movehl_ps(low23, low01));
  x[2] = vf(_mm_movelh_ps(high01, high23));
  x[3] = vf(_mm_movehl_ps(high23, high01));
}

// Without a shuffle by register the bytes go one by one; those that are zero are overwritten by the next.
inline std::size_t put_pixels_of_8(const std::uint8_t* p, std::uint32_t first, unsigned shift, unsigned bits,
                                   std::uint32_t* position, float* value) noexcept {
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    position[count] = (first + i) << shift;
    value[count] = static_cast<float>(p[i]) / 255.0f;
    count += bits >> i & 1;
  }
  return count;
}

inline vd widen_low(vf x) noexcept { return vd(_mm_cvtps_pd(x)); }
inline vd widen_high(vf x) noexcept { return vd(_mm_cvtps_pd(_mm_movehl_ps(x, x))); }

}  // namespace
}  // namespace lanewise::simd
