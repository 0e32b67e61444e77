// SPDX-License-Identifier: MIT
// Checks of an epilogue against the output's shape, and its raw form for the seam.
#pragma once

#include <lanewise/epilogue.hpp>

#include "per_isa.hpp"

namespace lanewise {

inline bool bias_fits(const epilogue& e, std::size_t cols) noexcept { return e.bias.empty() || e.bias.size() == cols; }

inline bool residual_fits(const epilogue& e, std::size_t rows, std::size_t cols) noexcept {
  return e.residual.data() == nullptr || (e.residual.rows() == rows && e.residual.cols() == cols);
}

inline raw_epilogue raw(const epilogue& e) noexcept {
  // Not e.act, whose parts callers may store one by one: a load of both at once would wait until they have left the CPU.
  const activation act{e.act.kind, e.act.parameter};
  return {e.bias.empty() ? nullptr : e.bias.data(), e.residual.data(), e.residual.stride(), act};
}

}  // namespace lanewise
