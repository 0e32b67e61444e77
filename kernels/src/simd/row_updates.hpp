// SPDX-License-Identifier: MIT
// Rows of a matrix plus a multiple of one vector: row_i += x_i y, with one rounding. For ger, spmm_tn, axpy and sgd.
#pragma once

#include "row_lanes.hpp"

namespace lanewise::simd {
namespace {

template <std::size_t at_once = short_body>
inline void update_row(std::size_t n, float factor, const float* y, float* row) noexcept {
#if defined(__SSE2__)
  const vf multiple = splat(factor);  // else clang stores the factor, and loads it for every row
#else
  const float multiple = factor;  // a lane that is multiplied with; gcc would spill a register of it
#endif
  map_registers<at_once>(
      n, [=](std::size_t j, auto lanes) { return fma(vf(multiple), lanes.load(y + j), lanes.load(row + j)); }, store_at(row));
}

// Of that many registers: short rows go four at a time.
template <std::size_t registers>
constexpr std::size_t rows_at_once = registers <= 2 ? 4 : 1;

// `count` listed rows, no two the same, with y in registers. Of rows at once all are loaded before one is stored, the first one
// last: where it is followed by itself with zeros for x, up to a multiple of rows_at_once, nothing is lost.
template <class Stride, std::size_t registers, class Last>
inline void update_listed_rows(std::size_t count, float* a, Stride stride, const std::uint32_t* index, const float* x,
                               const vf (&y)[registers], row_lanes<registers, Last> lanes) noexcept {
  std::size_t i = 0;
  for (; rows_at_once<registers> == 4 && i + 4 <= count; i += 4) {
    const vf quad = load_quad(x + i);
    float* row[4];
    vf updated[4][registers];
#pragma GCC unroll 4
    for (std::size_t e = 0; e < 4; ++e) {
      row[e] = a + index[i + e] * stride;
      for (std::size_t v = 0; v < registers; ++v)
        updated[e][v] = fma(splat_of_quad(quad, e), y[v], lanes.load(row[e], v));
    }
#pragma GCC unroll 4
    for (std::size_t e = 0; e < 4; ++e)
      for (std::size_t v = 0; v < registers; ++v) lanes.store(row[3 - e], v, updated[3 - e][v]);
  }
  for (; i < count; ++i) {
    float* row = a + index[i] * stride;
    const vf factor = splat(x[i]);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < registers; ++v) lanes.store(row, v, fma(factor, y[v], lanes.load(row, v)));
  }
}

}  // namespace
}  // namespace lanewise::simd
