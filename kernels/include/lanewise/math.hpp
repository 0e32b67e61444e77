// SPDX-License-Identifier: MIT
// Elementary functions over arrays. Own implementations: equal bits on every ISA, no libm.
#pragma once

#include <cstdint>
#include <span>

namespace lanewise {

// y_i = e^x_i, within 1 ULP over all floats, denormal results included. exp(-inf) = 0, exp(+inf) = +inf, NaN gives NaN.
// Sizes equal; y may be x itself. Reference: kernels/ref/math.hpp.
void exp(std::span<const float> x, std::span<float> y) noexcept;

// y_i = ln x_i, within 1 ULP over all positive floats, denormals included. log(+-0) = -inf, log(+inf) = +inf,
// log of a negative number is NaN, NaN gives NaN. Sizes equal; y may be x itself.
void log(std::span<const float> x, std::span<float> y) noexcept;

// base^exponent by squaring, in double: relative error below exponent 2^-53 (to first order) if nothing underflows.
double power(double base, std::uint64_t exponent) noexcept;

}  // namespace lanewise
