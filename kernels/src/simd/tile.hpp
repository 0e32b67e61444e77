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

// Where A_rp lies: rows a[r * a_stride + p], columns a[p * a_stride + r]; packed is columns of tile_rows, tile by tile.
enum class a_order { rows, columns, packed };

// One block of k for a column of tiles.
struct tile_job {
  std::size_t k;
  const float* a;
  std::size_t a_stride;
  const float* b;  // B_pj at b[p * b_stride + j], tile_cols wide
  std::size_t b_stride;
  float* partial;  // sums of the blocks of k before this one
  std::size_t partial_stride;
  bool starts;     // the first block: sums start at beta C
  bool ends;       // the last block: results go to C
};

// Where in C the tile lies, and how many of its columns are there.
struct output_tile {
  const gemm_call& call;
  std::size_t row, col, cols;

  float* c(std::size_t r) const noexcept { return call.c + (row + r) * call.ldc + col; }
  const float* bias() const noexcept { return call.epilogue.bias == nullptr ? nullptr : call.epilogue.bias + col; }
  const float* residual(std::size_t r) const noexcept {
    return call.epilogue.residual + (row + r) * call.epilogue.residual_stride + col;
  }
};

// Calls body(lanes) if register v of the tile holds columns of C.
template <bool full, class Body>
[[gnu::always_inline]] inline void with_column_register(std::size_t cols, std::size_t v, const Body& body) noexcept {
  if (full || (v + 1) * width <= cols)
    body(whole{});
  else if (v * width < cols)
    body(first_lanes(cols - v * width));
}

// Calls body(r, v) for each sum of a tile. Unrolled early, else gcc copies sums through memory.
template <std::size_t rows, class Body>
[[gnu::always_inline]] inline void for_each_sum(const Body& body) noexcept {
#pragma GCC unroll 8
  for (std::size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < tile_registers; ++v) body(r, v);
}

// full: all tile_cols columns are there. All of it is one function: sums that pass from one to another do so in memory.
template <std::size_t rows, bool full>
struct accumulators {
  vf sum[rows][tile_registers];

  [[gnu::always_inline]] void start(const tile_job& job, const output_tile& out) noexcept {
    if (!job.starts) {
      for_each_sum<rows>([&](std::size_t r, std::size_t v) {
        sum[r][v] = zero();
        with_column_register<full>(out.cols, v, [&](auto lanes) {
          sum[r][v] = lanes.load(job.partial + r * job.partial_stride + v * width);
        });
      });
    } else {
      for_each_sum<rows>([&](std::size_t r, std::size_t v) { sum[r][v] = zero(); });
      if (out.call.beta != 0) start_at_c(out);
    }
  }

  [[gnu::always_inline]] void start_at_c(const output_tile& out) noexcept {
    const vf beta = splat(out.call.beta);
    for_each_sum<rows>([&](std::size_t r, std::size_t v) {
      with_column_register<full>(out.cols, v, [&](auto lanes) { sum[r][v] = beta * lanes.load(out.c(r) + v * width); });
    });
  }

  template <a_order order>
  [[gnu::always_inline]] void run(const tile_job& job) noexcept {
    const std::size_t stride = order == a_order::packed ? tile_rows : job.a_stride;
    const std::size_t step_r = order == a_order::rows ? stride : 1, step_p = order == a_order::rows ? 1 : stride;
    // In a local: gcc keeps a member in memory where other code looks at single columns of it.
    vf local[rows][tile_registers];
    for_each_sum<rows>([&](std::size_t r, std::size_t v) { local[r][v] = sum[r][v]; });
    const float* a = job.a;
    const float* b = job.b;
#pragma GCC unroll 4
    for (std::size_t p = 0; p < job.k; ++p, b += job.b_stride, a += step_p) {
      // Each step reads another line: those of the tiles to come are asked for now. Nothing follows them of itself.
      if constexpr (order == a_order::columns) __builtin_prefetch(a + 32);
      vf bv[tile_registers];
      for (std::size_t v = 0; v < tile_registers; ++v) bv[v] = load(b + v * width);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < rows; ++r) {
        const vf av = splat(a[r * step_r]);
#pragma GCC unroll 8
        for (std::size_t v = 0; v < tile_registers; ++v) local[r][v] = fma(av, bv[v], local[r][v]);
      }
    }
    for_each_sum<rows>([&](std::size_t r, std::size_t v) { sum[r][v] = local[r][v]; });
  }

  [[gnu::always_inline]] void end(const tile_job& job, const output_tile& out) noexcept {
    if (!job.ends) {
      for_each_sum<rows>([&](std::size_t r, std::size_t v) {
        with_column_register<full>(out.cols, v, [&](auto lanes) {
          lanes.store(job.partial + r * job.partial_stride + v * width, sum[r][v]);
        });
      });
      return;
    }
    // Step by step over all sums, as simd::finish() does with one register: each decision is taken once.
    if (const float* bias = out.bias()) {
      for_each_sum<rows>([&](std::size_t r, std::size_t v) {
        with_column_register<full>(out.cols, v, [&](auto lanes) { sum[r][v] = sum[r][v] + lanes.load(bias + v * width); });
      });
    }
    if (is_inline(out.call.epilogue.act)) {
      with_inline_activation(out.call.epilogue.act, [&](auto act) __attribute__((always_inline)) {
        for_each_sum<rows>([&](std::size_t r, std::size_t v) { sum[r][v] = act.forward(sum[r][v]); });
      });
    } else {
      alignas(64) float z[rows * tile_cols];
      for_each_sum<rows>([&](std::size_t r, std::size_t v) { store(z + r * tile_cols + v * width, sum[r][v]); });
      activation_kernels<this_isa>::forward(out.call.epilogue.act, rows * tile_cols, z, z);
      for_each_sum<rows>([&](std::size_t r, std::size_t v) { sum[r][v] = load(z + r * tile_cols + v * width); });
    }
    if (out.call.epilogue.residual != nullptr) {
      for_each_sum<rows>([&](std::size_t r, std::size_t v) {
        with_column_register<full>(out.cols, v, [&](auto lanes) {
          sum[r][v] = sum[r][v] + lanes.load(out.residual(r) + v * width);
        });
      });
    }
    for_each_sum<rows>([&](std::size_t r, std::size_t v) {
      with_column_register<full>(out.cols, v, [&](auto lanes) { lanes.store(out.c(r) + v * width, sum[r][v]); });
    });
  }
};

// A column of tiles: `rows` rows of C from out.row on, up to tile_rows at a time. Between one and two tiles of rows are shared
// evenly, 8 on avx2 as 4 + 4, not 6 + 2, whose few sums would wait for each other. But not where A was copied tile by tile.
template <a_order order, bool full, std::size_t height = tile_rows>
void run_tiles(tile_job job, output_tile out, std::size_t rows) noexcept {
  constexpr std::size_t least = order == a_order::packed ? height : 2 * height - 1;
  for (; rows == height || rows >= least; rows -= height) {
    accumulators<height, full> tile;
    tile.start(job, out);
    tile.template run<order>(job);
    tile.end(job, out);
    job.a += height * (order == a_order::rows ? job.a_stride : order == a_order::columns ? 1 : job.k);
    job.partial += height * job.partial_stride;
    out.row += height;
  }
  if constexpr (height > 1) {
    if (rows > 0) run_tiles<order, full, height - 1>(job, out, rows);
  }
}

template <a_order order>
inline void run_column(const tile_job& job, const output_tile& out, std::size_t rows) noexcept {
  if (out.cols == tile_cols)
    run_tiles<order, true>(job, out, rows);
  else
    run_tiles<order, false>(job, out, rows);
}

}  // namespace
}  // namespace lanewise::simd
