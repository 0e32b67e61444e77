// SPDX-License-Identifier: MIT
// exp and log in single precision over registers, and log of one double: only + - * / fma, compares and selects, so the
// bits are the same everywhere. Coefficients are minimax (weighted for relative error), rounded to float one by one.
#pragma once

#include <cstdint>

#include "ops.hpp"

namespace lanewise::simd {
namespace {

// q of degree 4 in e^r = 1 + r + r^2 q(r) for |r| <= ln2 / 2, error of e^r 3e-9; given r = `unit` x and x^2, `unit`^2 q(r).
template <int unit = 1>
inline vf exp_series(vf x, vf x2) noexcept {
  constexpr float u = unit;
  const vf low = fma(x, splat(u * u * u * 0x1.5554920p-3f), splat(u * u * 0x1.fffffc0p-2f));
  const vf high = fma(x, splat(u * u * u * u * u * 0x1.1239860p-7f), splat(u * u * u * u * 0x1.5558b00p-5f));
  return fma(x2, fma(x2, splat(u * u * u * u * u * u * 0x1.6a4cb40p-10f), high), low);
}

// e^x within 1 ULP over all floats. x = n ln2 + r, |r| <= ln2 / 2.
inline vf exp(vf x) noexcept {
  x = at_most(89.0f, at_least(-104.0f, x));  // beyond these ends the result is 0 or infinity; NaN stays
  const vf magic = splat(12582912.0f);  // 1.5 * 2^23 rounds the sum to an integer
  const vf n = fma(x, splat(0x1.715476p+0f), magic) - magic;
  // ln2 in two floats; the first step is exact.
  vf r = fma(n, splat(-0x1.62e430p-1f), x);
  r = fma(n, splat(0x1.05c610p-29f), r);
  const vf r2 = r * r;
  // 1 + r as an exact sum of two floats: r2 q + r, rounded, would cost another quarter of an ULP and miss the bound.
  const vf one = splat(1.0f);
  const vf high_sum = one + r;
  const vf low_sum = r - (high_sum - one);
  return scale_by_power_of_two(high_sum + fma(r2, exp_series(r, r2), low_sum), n);
}

// ln x within 1 ULP over all floats. x = 2^e m, m in [sqrt(1/2), sqrt(2)), f = m - 1;
// ln m = f - f^2 / 2 + f^3 p(f), p of degree 8 (relative error 8e-10).
inline vf log(vf x) noexcept {
  const vf infinity = splat(__builtin_inff());
  const mask tiny = x < splat(0x1p-126f);  // denormals; also zero and negatives, which are replaced at the end
  const vf normal = select(tiny, x * splat(0x1p24f), x);
  const vi sqrt_half(0x3f3504f3);
  const vi shifted = as_int(normal) - sqrt_half;
  const vf m = as_float((shifted & vi(0x007fffff)) + sqrt_half);
  vf e = xsimd::to_float(shifted >> 23);
  e = select(tiny, e - splat(24.0f), e);
  const vf f = m - splat(1.0f);
  const vf f2 = f * f;
  const vf p01 = fma(f, splat(-0x1.0000060p-2f), splat(0x1.5555480p-2f));
  const vf p23 = fma(f, splat(-0x1.555c480p-3f), splat(0x1.99a4780p-3f));
  const vf p45 = fma(f, splat(-0x1.fc278a0p-4f), splat(0x1.233b620p-3f));
  const vf p67 = fma(f, splat(-0x1.de0d260p-4f), splat(0x1.e6c3720p-4f));
  const vf f4 = f2 * f2;
  const vf p = fma(f4, fma(f4, splat(0x1.1479620p-4f), fma(f2, p67, p45)), fma(f2, p23, p01));
  // e ln2 + f as an unevaluated sum high + low, so that the small terms are added before the last rounding.
  const vf ln2_high = splat(0x1.62e430p-1f);
  const vf high = fma(e, ln2_high, f);
  const vf low = fma(e, ln2_high, -high) + f;
  const vf small = fma(f2 * f, p, fma(splat(-0.5f), f2, fma(e, splat(-0x1.05c610p-29f), low)));
  vf y = high + small;
  y = select(x == zero(), -infinity, y);
  y = select(x < zero(), splat(__builtin_nanf("")), y);
  return select(x < infinity, y, x);  // +infinity and NaN stay (xsimd's x != x is false for NaN on AVX)
}

// ln s of one positive, normal double; error below 1e-13. For losses: s is a sum of exponentials, at least 1. NaN gives NaN.
inline double log(double s) noexcept {
  std::uint64_t bits = 0;
  __builtin_memcpy(&bits, &s, sizeof bits);
  // s = 2^e m, m in [sqrt(1/2), sqrt(2)). e + 1024 as the low bits of a double: AVX2 converts no integers of 64 bits.
  const std::uint64_t biased = (bits - 0x3fe6a09e667f3bcd + (std::uint64_t{1024} << 52)) >> 52;
  const std::uint64_t low_bits_of_2_52 = biased | 0x4330000000000000;
  bits -= (biased - 1024) << 52;
  double m = 0, exponent = 0;
  __builtin_memcpy(&m, &bits, sizeof m);
  __builtin_memcpy(&exponent, &low_bits_of_2_52, sizeof exponent);
  exponent -= 0x1p52 + 1024;
  // ln m = 2 atanh(t), t = (m - 1) / (m + 1), |t| < 0.172
  const double t = (m - 1.0) / (m + 1.0);
  const double t2 = t * t;
  const double t4 = t2 * t2;
  const double low = (1.0 + t2 * (1.0 / 3)) + t4 * (1.0 / 5 + t2 * (1.0 / 7));
  const double high = (1.0 / 9 + t2 * (1.0 / 11)) + t4 * (1.0 / 13 + t2 * (1.0 / 15));
  const double series = low + t4 * t4 * high;  // the short way: a step of training waits for it
  const double nan_if_not_finite = s - s;  // else 0
  return exponent * 0.69314718055994530942 + 2.0 * t * series + nan_if_not_finite;
}

}  // namespace
}  // namespace lanewise::simd
