// SPDX-License-Identifier: MIT
// Error bounds instead of tolerances that somebody guessed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <string>

namespace lanewise::test {

inline constexpr double unit_roundoff = 0x1p-24;        // u of float
inline constexpr double smallest_float = 0x1p-149;      // what one operation may lose to underflow, with room to spare
inline constexpr double beyond_float = 0x1.ffffffp127;  // from here on a double rounds to an infinite float

// Higham's gamma_k = k u / (1 - k u): the relative error of k roundings.
inline double gamma(std::size_t k) {
  const double ku = static_cast<double>(k) * unit_roundoff;
  return ku / (1 - ku);
}

// The spacing of floats around x: of the result itself, denormals included.
inline double ulp(double x) {
  if (!std::isfinite(x)) return 0;
  return std::ldexp(1.0, std::max(x == 0 ? -126 : std::ilogb(x), -126) - 23);
}

// Compares floats with doubles and remembers the worst case.
class bound_check {
 public:
  // Where `want` is NaN, anything but NaN is infinitely wrong. Where it is beyond all finite floats, infinity is right.
  void add(double got, double want, double tolerance) {
    const double ratio = ratio_of(got, want, tolerance);
    if (ratio > worst_) {
      worst_ = ratio;
      char described[160];
      std::snprintf(described, sizeof described, "%.9g, expected %.17g +- %.3g: %.3g of the bound", got, want,
                    tolerance, ratio);
      text_ = described;
    }
  }

  void add(const bound_check& other) {
    if (other.worst_ > worst_) *this = other;
  }

  double worst() const { return worst_; }  // as a fraction of the tolerance
  const std::string& describe_worst() const { return text_; }

 private:
  static double ratio_of(double got, double want, double tolerance) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    if (std::isnan(want)) return std::isnan(got) ? 0 : infinite;
    if (std::abs(want) >= beyond_float && got == std::copysign(infinite, want)) return 0;
    const double error = std::abs(got - want);
    if (error == 0) return 0;
    return error <= tolerance || error > 0 ? error / tolerance : infinite;  // NaN: infinite
  }

  double worst_ = 0;
  std::string text_ = "no error at all";
};

}  // namespace lanewise::test
