// SPDX-License-Identifier: MIT
// What calls of the element-by-element kernels have in common.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "../support/error_bound.hpp"
#include "../support/text.hpp"
#include "catalogue.hpp"

namespace lanewise::test {

// For kernels whose outputs are exact or rounded once: what the reference wrote for each output.
template <class... Outputs>
expectation rounded_once(const Outputs&... outputs) {
  expectation e;
  (e.want.insert(e.want.end(), outputs.begin(), outputs.end()), ...);
  for (const double want : e.want) e.tolerance.push_back(unit_roundoff * std::abs(want) + smallest_float);
  return e;
}

inline std::string call_text(const char* name, std::size_t n, std::size_t variant) {
  return text(name, " of ", n, ", variant ", variant);
}

}  // namespace lanewise::test
