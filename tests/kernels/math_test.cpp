// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include <lanewise/math.hpp>

#include "../support/bits.hpp"
#include "../support/error_bound.hpp"
#include "../support/float_values.hpp"
#include "../support/random.hpp"
#include "../support/tally.hpp"

namespace lanewise::test {
namespace {

using kernel = void (*)(std::span<const float>, std::span<float>);
using reference = double (*)(double);

double exp_in_double(double x) { return std::exp(x); }
double log_in_double(double x) { return std::log(x); }

// Floats first, first + step, ... below last as bits; an odd chunk size brings every value of a chunk into every lane.
bound_check sweep(kernel f, reference exact, std::uint64_t first, std::uint64_t last, std::uint64_t step) {
  constexpr std::size_t chunk = 4093;
  bound_check check;
  std::vector<float> x, y(chunk);
  std::uint64_t swept = 0;
  for (std::uint64_t bits = first; bits < last; swept += x.size()) {
    for (x.clear(); x.size() < chunk && bits < last; bits += step)
      x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    f(x, std::span(y).first(x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double want = exact(x[i]);
      check.add(y[i], want, ulp(want));
    }
  }
  count("exp and log results within 1 ULP of double", swept);
  CHECK(swept > 0);
  return check;
}

void check_range(kernel f, reference exact, float low, float high) {
  const auto first = std::bit_cast<std::uint32_t>(low);
  const auto last = std::bit_cast<std::uint32_t>(high);
  const bound_check check = sweep(f, exact, std::min(first, last), std::max(first, last), 1);
  INFO(low, " to ", high, ": ", check.describe_worst());
  CHECK(check.worst() <= 1);
}

// Every float in a nightly run (tools/test --nightly), a minute or more each; else every 4099th.
std::uint64_t stride_over_all_floats() { return std::getenv("LANEWISE_NIGHTLY") != nullptr ? 1 : 4099; }

TEST_CASE("math: exp is within 1 ULP over all floats") {
  const bound_check check = sweep(exp, exp_in_double, 0, std::uint64_t{1} << 32, stride_over_all_floats());
  INFO(check.describe_worst());
  CHECK(check.worst() <= 1);
}

TEST_CASE("math: log is within 1 ULP over all floats") {
  const bound_check check = sweep(log, log_in_double, 0, std::uint64_t{1} << 32, stride_over_all_floats());
  INFO(check.describe_worst());
  CHECK(check.worst() <= 1);
}

TEST_CASE("math: exp at its ends, every float") {
  check_range(exp, exp_in_double, 88.7f, 88.75f);     // the last finite result
  check_range(exp, exp_in_double, -87.4f, -87.3f);    // normal results end
  check_range(exp, exp_in_double, -104.0f, -103.9f);  // results other than 0 end
  check_range(exp, exp_in_double, 0.3465f, 0.3467f);  // ln 2 / 2: the power of two changes
}

TEST_CASE("math: log near 1 and among the denormals, every float") {
  check_range(log, log_in_double, 0.998f, 1.002f);
  check_range(log, log_in_double, 0.7071f, 0.7072f);  // sqrt(1/2): the power of two changes
  check_range(log, log_in_double, 0x1p-149f, 0x1p-132f);
  check_range(log, log_in_double, 0x1.fffp-127f, 0x1.001p-126f);
}

TEST_CASE("math: exp and log of special values, in every lane") {
  struct row {
    std::string name;
    kernel f;
    float x, y;
  };
  const row table[] = {
      {"exp", exp, nan, nan},          {"exp", exp, -nan, nan},        {"exp", exp, infinity, infinity},
      {"exp", exp, largest, infinity}, {"exp", exp, -infinity, 0.0f},  {"exp", exp, -largest, 0.0f},
      {"log", log, nan, nan},          {"log", log, -nan, nan},        {"log", log, infinity, infinity},
      {"log", log, 0.0f, -infinity},   {"log", log, -0.0f, -infinity}, {"log", log, -infinity, nan},
      {"log", log, -1.0f, nan},        {"log", log, -largest, nan},    {"log", log, -0x1p-149f, nan},
  };
  for (const row& r : table)
    for (std::size_t n = 1; n <= 70; ++n)
      for (std::size_t at = 0; at < n; ++at) {
        std::vector<float> x(n, 1.0f), y(n);
        r.f(std::vector<float>(n, 1.0f), y);
        std::vector<float> want = y;
        x[at] = r.x;
        want[at] = r.y;
        r.f(x, y);
        INFO(r.name, " of ", r.x, " at ", at, " of ", n);
        CHECK(difference(y, want) == "");
      }
}

TEST_CASE("math: power within its bound, exact where it can be") {
  CHECK(power(0.9, 0) == 1);
  CHECK(power(0, 3) == 0);
  CHECK(power(2, 1023) == 0x1p1023);
  CHECK(power(-3, 33) == -5559060566555523.0);
  CHECK(power(0.999, std::uint64_t{1} << 40) == 0);
  for (const double base : {0.5000001, 0.9, 0.99, 0.999, 0.9999999, 1.0000001})
    for (std::uint64_t n = 1; n < 700; n += 1 + n / 7) {
      const double want = std::pow(base, static_cast<double>(n));
      INFO(base, "^", n);
      CHECK(std::abs(power(base, n) - want) <= static_cast<double>(n + 1) * 0x1p-53 * want);
    }
}

}  // namespace
}  // namespace lanewise::test
