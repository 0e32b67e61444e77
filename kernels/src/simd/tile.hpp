// SPDX-License-Identifier: MIT
// The register tile of a matrix product: rows x registers of C, each element one chain of fma over ascending k.
#pragma once

#include "finish.hpp"

namespace lanewise::simd {
namespace {

// Accumulators, the registers of B and one of A fill the register file, up to 8 rows, which already hide the latency of
// fma: avx512 and neon64 8 x 2, avx2 6 x 2 (15 of 16), sse2 1 x 2.
inline constexpr std::size_t tile_registers = 2;
inline constexpr std::size_t tile_cols = tile_registers * width;
inline constexpr std::size_t tile_rows = clamp((free_registers - tile_registers - 1) / tile_registers, 1, 8);

// One block of k for one tile.
struct tile_job {
  std::size_t k;
  const float* a;  // A_rp at a[r * a_stride + p], transposed: a[p * a_stride + r]
  std::size_t a_stride;
  const float* b;  // B_pj at b[p * b_stride + j], tile_cols wide
  std::size_t b_stride;
  float* partial;  // tile_rows x tile_cols, dense: sums of the blocks of k before this one
  bool starts;     // the first block: sums start at beta C
  bool ends;       // the last block: results go to C
};

// Where in C the tile lies, and how much of it is there.
struct output_tile {
  const gemm_call& call;
  std::size_t row, col, rows, cols;

  float* c(std::size_t r) const noexcept { return call.c + (row + r) * call.ldc + col; }
  const float* bias() const noexcept { return call.epilogue.bias == nullptr ? nullptr : call.epilogue.bias + col; }
  const float* residual(std::size_t r) const noexcept {
    const raw_epilogue& e = call.epilogue;
    return e.residual == nullptr ? nullptr : e.residual + (row + r) * e.residual_stride + col;
  }
};

// Calls body(v, lanes) for the registers of the tile that hold columns of C.
template <bool full, class Body>
inline void for_each_column_register(std::size_t cols, const Body& body) noexcept {
  for (std::size_t v = 0; v < tile_registers; ++v) {
    if (full || (v + 1) * width <= cols)
      body(v, whole{});
    else if (v * width < cols)
      body(v, first_lanes(cols - v * width));
  }
}

// Calls body(r, v) for each sum of a tile. Unrolled early, else gcc copies sums through memory.
template <std::size_t rows, class Body>
inline void for_each_sum(const Body& body) noexcept {
#pragma GCC unroll 8
  for (std::size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < tile_registers; ++v) body(r, v);
}

// full: all tile_cols columns are there.
template <std::size_t rows, bool full>
struct accumulators {
  vf sum[rows][tile_registers];

  void start(const tile_job& job, const output_tile& out) noexcept {
    const vf beta = splat(out.call.beta);
    for_each_sum<rows>([&](std::size_t r, std::size_t v) { sum[r][v] = zero(); });
    if (!job.starts) {
      for_each_sum<rows>(
          [&](std::size_t r, std::size_t v) { sum[r][v] = load(job.partial + r * tile_cols + v * width); });
    } else if (out.call.beta != 0) {
      for (std::size_t r = 0; r < rows; ++r)
        for_each_column_register<full>(
            out.cols, [&](std::size_t v, auto lanes) { sum[r][v] = beta * lanes.load(out.c(r) + v * width); });
    }
  }

  template <bool a_transposed>
  void run(const tile_job& job) noexcept {
    // In a local: nothing that is loaded can alias it, so that the sums stay in registers from one step to the next.
    vf local[rows][tile_registers];
    for_each_sum<rows>([&](std::size_t r, std::size_t v) { local[r][v] = sum[r][v]; });
    const float* a = job.a;
    const float* b = job.b;
#pragma GCC unroll 4
    for (std::size_t p = 0; p < job.k; ++p, b += job.b_stride, a += a_transposed ? job.a_stride : 1) {
      vf bv[tile_registers];
      for (std::size_t v = 0; v < tile_registers; ++v) bv[v] = load(b + v * width);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < rows; ++r) {
        const vf av = splat(a[a_transposed ? r : r * job.a_stride]);
        for (std::size_t v = 0; v < tile_registers; ++v) local[r][v] = fma(av, bv[v], local[r][v]);
      }
    }
    for_each_sum<rows>([&](std::size_t r, std::size_t v) { sum[r][v] = local[r][v]; });
  }

  template <class Act>
  void end(const tile_job& job, const output_tile& out, Act act) noexcept {
    if (!job.ends) {
      for_each_sum<rows>(
          [&](std::size_t r, std::size_t v) { store(job.partial + r * tile_cols + v * width, sum[r][v]); });
      return;
    }
    const float* bias = out.bias();
    for (std::size_t r = 0; r < rows; ++r) {
      const float* residual = out.residual(r);
      for_each_column_register<full>(out.cols, [&](std::size_t v, auto lanes) {
        lanes.store(out.c(r) + v * width, finish(act, sum[r][v], bias, residual, v * width, lanes));
      });
    }
  }
};

template <bool a_transposed, bool full, std::size_t rows = tile_rows, class Act>
inline void run_tile(const tile_job& job, const output_tile& out, Act act) noexcept {
  if constexpr (rows > 1) {
    if (out.rows < rows) return run_tile<a_transposed, full, rows - 1>(job, out, act);
  }
  accumulators<rows, full> tile;
  tile.start(job, out);
  tile.template run<a_transposed>(job);
  tile.end(job, out, act);
}

}  // namespace
}  // namespace lanewise::simd
