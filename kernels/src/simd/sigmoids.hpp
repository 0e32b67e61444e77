// SPDX-License-Identifier: MIT
// What activations are made of: the logistic function, tanh, e^t - 1 and the tail of the normal distribution. As in
// math.hpp. A division holds up a CPU as long as some ten products do: each of these has one at most.
#pragma once

#include "math.hpp"

namespace lanewise::simd {
namespace {

// Added to a number it rounds that to an integer n; the lowest bits of the sum are those of n + 127.
inline constexpr float rounding_to_exponent = 12582912.0f + 127;  // 1.5 * 2^23 + 127

// e^-x = 2^n (1 + p), |p| < 0.42, for |x| <= 109. NaN gives NaN.
struct exp_of_minus {
  vf minus_power;  // -2^(n + scale)
  vf minus_p;
};
template <int scale>
[[gnu::always_inline]] inline exp_of_minus exp_of_minus_in_parts(vf x) noexcept {
  constexpr float rounding = rounding_to_exponent + scale + 256;
  const vf rounded = fma(x, splat(-0x1.715476p+0f), splat(rounding));
  const vf n = rounded - splat(rounding);
  // -r = n ln2 + x, ln2 in two floats; the first step is exact.
  vf minus_r = fma(n, splat(0x1.62e430p-1f), x);
  minus_r = fma(n, splat(-0x1.05c610p-29f), minus_r);
  const vf r2 = minus_r * minus_r;
  return {power_from_low_bits(rounded), fma(-r2, exp_series<-1>(minus_r, r2), minus_r)};
}

// 1 / (1 + e^-x) within 2 ULP over all floats: 2^-64 times both, so that e^-x is finite where the result is denormal. The one
// is added to the smaller part of e^-x = 2^n p + 2^n first, where less of it is lost.
inline vf sigmoid_of(vf x) noexcept {
  const vf one = splat(0x1p-64f);
  const exp_of_minus e = exp_of_minus_in_parts<-64>(at_least(-109.0f, at_most(30.0f, x)));
  return divide(one, fma(e.minus_power, e.minus_p, one) - e.minus_power);
}

// t / (1 + e^-v) for v of t's sign, at least -109, that is above 30 if t is above 2^60.
[[gnu::always_inline]] inline vf times_sigmoid(vf t, vf v) noexcept {
  const vf one = splat(0x1p-40f);
  const exp_of_minus e = exp_of_minus_in_parts<-40>(at_most(30.0f, v));
  const vf quotient = divide(t, fma(e.minus_power, e.minus_p, one - e.minus_power));
  return select(t > splat(0x1p60f), t, quotient * one);
}

// e^t - 1 for t <= 0 within 1 ULP: 2^n p + (2^n - 1), in which only the outer sum rounds. NaN gives NaN.
inline vf expm1_of_negative(vf t) noexcept {
  const exp_of_minus e = exp_of_minus_in_parts<0>(-at_least(-20.0f, t));
  return fma(e.minus_power, e.minus_p, -splat(1.0f) - e.minus_power);
}

// tanh x within 2 ULP over all floats: (1 - e) / (1 + e), e = e^(-2 |x|) = 2^n (1 + p).
inline vf tanh_of(vf x) noexcept {
  const vf t = at_least(-10.0f, minus_magnitude(x));
  constexpr float rounding = rounding_to_exponent + 256;
  const vf rounded = fma(t, splat(2 * 0x1.715476p+0f), splat(rounding));
  const vf n = rounded - splat(rounding);
  const vf half_r = fma(n, splat(-0x1.62e430p-2f), t);  // ln2 in one float: where n is large, e is small
  const vf square = half_r * half_r;
  const vf p = fma(square, exp_series<2>(half_r, square), half_r + half_r);
  const vf minus_power = power_from_low_bits(rounded);
  const vf one = splat(1.0f);
  return with_sign_of(x, divide(fma(minus_power, p, one + minus_power), fma(-minus_power, p, one - minus_power)));
}

// The normal distribution beyond a in [0, normal_tail_end]: erfc(a / sqrt 2) / 2 = e^(-a^2 / 2) (1 + a p) / q and
// e^(-a^2 / 2) = 2^n (1 + w), |w| < 0.42.
struct normal_tail {
  vf square;     // a^2
  vf p, q;       // positive polynomials, q 2^-32 times as large as said above
  vf rest_of_q;  // what rounding took from q
  vf w;
  vf low_bits;   // of n
};

inline constexpr float normal_tail_end = 14.5f;  // the tail times a is 0 in float
inline constexpr float normal_tail_scale = 0x1p32f;

// p and q are the even and the odd powers apart, which rounds least; the relative error of their fraction is 1e-8. It makes
// up for ln2 in one float: n is nearly proportional to a^2.
[[gnu::always_inline]] inline normal_tail normal_tail_of(vf a) noexcept {
  const vf square = a * a;
  const vf rest_of_square = fma(a, a, -square);
  const vf magic = splat(12582912.0f);  // 1.5 * 2^23
  const vf rounded = fma(square, splat(-0.5f * 0x1.715476p+0f), magic);
  const vf n = rounded - magic;
  // x = a^2 + 2 n ln2 = -2 r; the fma is exact
  const vf x = fma(n, splat(0x1.62e430p+0f), square) + rest_of_square;
  const vf half_r = splat(-0.25f) * x, half_r2 = half_r * half_r;
  const vf w = fma(half_r2, exp_series<2>(half_r, half_r2), half_r + half_r);
  const vf p_even = fma(square, splat(0x1.497fd4p-4f), splat(0x1.bf2f32p-1f));
  const vf p_odd = fma(square, splat(0x1.09af4ep-7f), splat(0x1.74cd18p-2f));
  constexpr float d = 1 / normal_tail_scale;
  const vf q_even = fma(square, fma(square, splat(d * 0x1.9cfe5ap-3f), splat(d * 0x1.32931ep+1f)), splat(d * 2));
  const vf q_odd =
      fma(square, fma(square, splat(d * 0x1.4cfb92p-6f), splat(d * 0x1.dd7b90p-1f)), splat(d * 0x1.abd9c8p+1f));
  const vf q = fma(a, q_odd, q_even);
  return {square, fma(a, p_odd, p_even), q, fma(a, q_odd, q_even - q), w, rounded};
}

// s (1 + w) / (q + rest_of_q) with the roundings of the product and of the quotient put right: what is left of both is
// divided by q once more, for which an inverse of few digits will do.
inline vf times_one_plus_over(vf s, vf w, vf q, vf rest_of_q) noexcept {
  const vf product = fma(s, w, s);
  const vf quotient = divide(product, q);
  const vf rest = fma(-quotient, rest_of_q, fma(-quotient, q, product) + fma(s, w, s - product));
  const vf inverse = as_float(vi(0x7ef311c7) - as_int(q));  // within 13 %: exponents change their sign
  return fma(rest, inverse, quotient);
}

}  // namespace
}  // namespace lanewise::simd
