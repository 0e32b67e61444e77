// SPDX-License-Identifier: MIT
// A number that carries a bound of the error which float arithmetic would have made on the way to it: each operation adds
// one rounding, and one float of underflow, to what comes with its operands (Higham 2002, section 3.3).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "error_bound.hpp"

namespace lanewise::test {

class running_error {
 public:
  running_error() = default;
  explicit running_error(double x) : running_error(rounded(x, 0)) {}  // a constant, which the kernel has as a float
  static running_error exactly(float x) { return {static_cast<double>(x), 0.0}; }

  double value() const { return value_; }
  double bound() const { return error_; }

  friend running_error operator-(running_error a) { return {-a.value_, a.error_}; }
  friend running_error operator+(running_error a, running_error b) {
    return rounded(a.value_ + b.value_, a.error_ + b.error_);
  }
  friend running_error operator-(running_error a, running_error b) { return a + -b; }
  friend running_error operator*(running_error a, running_error b) {
    const running_error p = product(a, b);
    return rounded(p.value_, p.error_);
  }
  friend running_error fma(running_error a, running_error b, running_error c) { return product(a, b) + c; }
  friend running_error operator/(running_error a, running_error b) {
    const double quotient = a.value_ / b.value_, least = std::abs(b.value_) - b.error_;
    return rounded(quotient, least > 0 ? (a.error_ + std::abs(quotient) * b.error_) / least : infinite);
  }
  friend running_error sqrt(running_error a) {
    const double root = std::sqrt(a.value_);
    const double least = std::sqrt(std::max(a.value_ - a.error_, 0.0));
    return rounded(root, a.error_ > 0 ? a.error_ / (root + least) + 1e-15 * root : 0);
  }

 private:
  static constexpr double infinite = std::numeric_limits<double>::infinity();

  running_error(double value, double error) : value_(value), error_(error) {}
  static running_error rounded(double value, double error) {
    return {value, error + unit_roundoff * (std::abs(value) + error) + smallest_float};
  }
  static running_error product(running_error a, running_error b) {
    return {a.value_ * b.value_, std::abs(a.value_) * b.error_ + a.error_ * (std::abs(b.value_) + b.error_)};
  }

  double value_ = 0, error_ = 0;
};

}  // namespace lanewise::test
