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

// Where sums lie between blocks of k: one row of them at `data`, the next `stride` further.
struct sums_between_blocks {
  float* data;
  std::size_t stride;
};

// One block of k for a column of tiles. Values, not the call: what lies behind a reference would be read again after each
// store.
struct tile_job {
  std::size_t k;
  const float* a;
  std::size_t a_stride;
  const float* b;  // B_pj at b[p * b_stride + j]; tile_cols wide unless has_masked_loads
  std::size_t b_stride;
  const float* start;  // sums start at factor * start; at zeros where it is null
  std::size_t start_stride;
  float factor;
  float* out;
  std::size_t out_stride;
  bool plain;  // out = sums; else out = act(sums + bias) + residual
  raw_epilogue epilogue;

  // Of C the rows from `row` on and the columns from `col` on. The first block of k starts at beta C, the last one makes C.
  tile_job(const gemm_call& call, std::size_t row, std::size_t col, std::size_t first_k, std::size_t count,
           sums_between_blocks sums) noexcept
      : k(count), start(sums.data), start_stride(sums.stride), factor(1), out(sums.data), out_stride(sums.stride), plain(true) {
    if (first_k == 0) {
      factor = call.beta;
      start = factor == 0 ? nullptr : call.c + row * call.ldc + col;
      start_stride = call.ldc;
    }
    if (first_k + count < call.k) return;
    out = call.c + row * call.ldc + col;
    out_stride = call.ldc;
    const raw_epilogue& e = call.epilogue;
    plain = is_plain(e);
    if (!plain) {  // part by part: the whole would be read in one, and wait for its parts to leave the CPU's store queue
      epilogue = {e.bias == nullptr ? nullptr : e.bias + col,
                  e.residual == nullptr ? nullptr : e.residual + row * e.residual_stride + col, e.residual_stride,
                  {e.act.kind, e.act.parameter}};
    }
  }

  // A whole product and no more: C = A B.
  tile_job(std::size_t depth, const float* a_first, std::size_t lda, const float* b_first, std::size_t ldb, float* c,
           std::size_t ldc) noexcept
      : k(depth), a(a_first), a_stride(lda), b(b_first), b_stride(ldb), start(nullptr), factor(0), out(c), out_stride(ldc),
        plain(true) {}

  bool is_product() const noexcept { return start == nullptr && plain; }

  void skip_rows(std::size_t rows) noexcept {
    if (start != nullptr) start += rows * start_stride;
    out += rows * out_stride;
    if (!plain && epilogue.residual != nullptr) epilogue.residual += rows * epilogue.residual_stride;
  }
};

// Sums of a tile whose columns are those of a row_lanes. All of it is one function: sums that pass from one to another do so
// in memory.
template <std::size_t rows, class Lanes>
struct accumulators {
  static constexpr std::size_t registers = Lanes::registers;
  static constexpr std::size_t masks = width == 8 && !Lanes::is_whole(registers - 1) ? 1 : 0;  // those of avx512 lie elsewhere
  static constexpr bool fills_registers = rows > 1 && (rows + 1) * registers + 1 + masks >= free_registers;
  vf sum[rows][registers];

  // Calls body(r, v) for each sum. Unrolled early, else gcc copies sums through memory.
  template <class Body>
  [[gnu::always_inline]] static void for_each_sum(const Body& body) noexcept {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < registers; ++v) body(r, v);
  }

  [[gnu::always_inline]] void start(const tile_job& job, Lanes lanes) noexcept {
    if (job.start == nullptr) {
      for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = zero(); });
    } else {
      const vf factor = splat(job.factor);
      for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = factor * lanes.load(job.start + r * job.start_stride, v); });
    }
  }

  template <a_order order>
  [[gnu::always_inline]] void run(const tile_job& job, Lanes lanes) noexcept {
    const std::size_t stride = order == a_order::packed ? tile_rows : job.a_stride;
    const std::size_t step_r = order == a_order::rows ? stride : 1, step_p = order == a_order::rows ? 1 : stride;
    // In a local: gcc keeps a member in memory where other code looks at single columns of it.
    vf local[rows][registers];
    for_each_sum([&](std::size_t r, std::size_t v) { local[r][v] = sum[r][v]; });
    const std::size_t k = job.k, b_stride = job.b_stride;
    const float* a = job.a;
    const float* b = job.b;
#pragma GCC unroll 4
    for (std::size_t p = 0; p < k; ++p, b += b_stride, a += step_p) {
      // Each step reads another line: those of the tiles to come are asked for now. Nothing follows them of itself.
      if constexpr (order == a_order::columns) __builtin_prefetch(a + 32);
      vf bv[registers];
      for (std::size_t v = 0; v < registers; ++v) bv[v] = has_masked_loads ? lanes.load(b, v) : load(b + v * width);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < rows; ++r) {
        const vf av = splat(a[r * step_r]);
#pragma GCC unroll 8
        for (std::size_t v = 0; v < registers; ++v) local[r][v] = fma(av, bv[v], local[r][v]);
        if constexpr (fills_registers)
          for (std::size_t v = 0; v < registers; ++v) local[r][v] = before_loads(local[r][v]);
      }
    }
    for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = local[r][v]; });
  }

  [[gnu::always_inline]] void end(const tile_job& job, Lanes lanes) noexcept {
    float* const out = job.out;
    const std::size_t stride = job.out_stride;
    if (!job.plain) apply(job.epilogue, lanes);
    for_each_sum([&](std::size_t r, std::size_t v) { lanes.store(out + r * stride, v, sum[r][v]); });
  }

 private:
  // Step by step over all sums, as simd::finish() does with one register: each decision is taken once.
  [[gnu::always_inline]] void apply(const raw_epilogue& e, Lanes lanes) noexcept {
    if (e.bias != nullptr)
      for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = sum[r][v] + lanes.load(e.bias, v); });
    if (is_inline(e.act)) {
      with_inline_activation(e.act, [&](auto act) __attribute__((always_inline)) {
        for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = act.forward(sum[r][v]); });
      });
    } else {
      alignas(64) float z[rows * registers * width];
      const auto place = [&](std::size_t r, std::size_t v) { return z + (r * registers + v) * width; };
      for_each_sum([&](std::size_t r, std::size_t v) { store(place(r, v), sum[r][v]); });
      activation_kernels<this_isa>::forward(e.act, rows * registers * width, z, z);
      for_each_sum([&](std::size_t r, std::size_t v) { sum[r][v] = load(place(r, v)); });
    }
    if (e.residual != nullptr) {
      for_each_sum([&](std::size_t r, std::size_t v) {
        sum[r][v] = sum[r][v] + lanes.load(e.residual + r * e.residual_stride, v);
      });
    }
  }
};

template <a_order order, std::size_t height, class Columns>
[[gnu::always_inline]] inline void make_tile(const tile_job& job, Columns columns) noexcept {
  const auto lanes = columns.lanes();
  accumulators<height, decltype(columns.lanes())> tile;
  tile.start(job, lanes);
  tile.template run<order>(job, lanes);
  tile.end(job, lanes);
}

// One tile. A function of its own for each height: in one for all, gcc runs out of registers.
template <a_order order, std::size_t height, class Columns>
[[gnu::noinline]] void run_tile(const tile_job& job, Columns columns) noexcept {
  make_tile<order, height>(job, columns);
}

// One tile of C = A B, its job in registers. While the sums of a small product wait to be stored, each further store fills the
// CPU's store queue; a job in memory, and the call's, would fill it up and keep the next call from starting.
template <a_order order, std::size_t height, class Columns>
[[gnu::noinline]] void run_plain_tile(const float* a, std::size_t lda, const float* b, std::size_t ldb, float* c,
                                      std::size_t ldc, std::size_t k, Columns columns) noexcept {
  make_tile<order, height>(tile_job(k, a, lda, b, ldb, c, ldc), columns);
}

// Calls body(height) with the height, 1 to `most`, as a constant.
template <std::size_t most = tile_rows, class Body>
[[gnu::always_inline]] inline void with_height(std::size_t height, const Body& body) noexcept {
  if (most == 1 || height == most)
    body(std::integral_constant<std::size_t, most>{});
  else if constexpr (most > 1)
    with_height<most - 1>(height, body);
}

// How many rows of C the next tile makes, of `rows` that are left. Between one and two tiles of rows are shared evenly, 8 on
// avx2 as 4 + 4, not 6 + 2, whose few sums would wait for each other. But not where A was copied tile by tile.
template <a_order order>
inline std::size_t next_height(std::size_t rows) noexcept {
  const bool evenly = order != a_order::packed && rows > tile_rows && rows < 2 * tile_rows - 1;
  return evenly ? (rows + 1) / 2 : smaller(rows, tile_rows);
}

// How many of `rows` rows next_height() makes tiles of tile_rows.
template <a_order order>
inline std::size_t rows_of_whole_tiles(std::size_t rows) noexcept {
  const std::size_t whole = rows / tile_rows * tile_rows;
  return whole > 0 && whole < rows && next_height<order>(rows - whole + tile_rows) < tile_rows ? whole - tile_rows : whole;
}

// From the first element of a tile of A, `height` rows and k columns, to that of the next one.
template <a_order order>
inline std::size_t step_of_a(std::size_t height, std::size_t stride, std::size_t k) noexcept {
  return height * (order == a_order::rows ? stride : order == a_order::columns ? 1 : k);
}

// A grid of tiles of C = A B, tile_rows rows each: `down` of them beneath each other, `across` beside each other, at least one. Row
// after row of tiles, so that what is written follows itself.
template <a_order order>
[[gnu::noinline]] void run_plain_grid(const float* a, std::size_t lda, const float* b, std::size_t ldb, float* c, std::size_t ldc,
                                      std::size_t k, std::size_t down, std::size_t across) noexcept {
  while (true) {
    std::size_t col = 0;
    do {
      make_tile<order, tile_rows>(tile_job(k, a, lda, b + col, ldb, c + col, ldc), whole_row<tile_registers>{});
      col += tile_cols;
    } while (col < across * tile_cols);
    if (--down == 0) return;
    a += step_of_a<order>(tile_rows, lda, k);
    c += tile_rows * ldc;
  }
}

// Whether a call for each tile of a column shows: with a k of 8 it takes a tenth of the time on avx2. On avx512, whose tiles are
// larger, such columns took 2 % longer as a grid.
template <class Columns>
constexpr bool calls_show = false;
template <>
constexpr bool calls_show<whole_row<tile_registers>> = tile_rows > 1 && width < 16;
constexpr std::size_t least_grid_rows = 3 * tile_rows;  // two tiles at the least are whole

// The sums of the tile after one of `height` rows, of `rows` that are left. Between blocks of k they have left the caches, and
// a tile begins with them.
[[gnu::always_inline]] inline void prefetch_sums(const tile_job& job, std::size_t height, std::size_t rows) noexcept {
  if (job.start == nullptr) return;
  for (std::size_t r = height; r < smaller(2 * height, rows); ++r) __builtin_prefetch(job.start + r * job.start_stride);
}

// Of a column of tiles, products and no more, those of tile_rows rows. Returns how many rows are left.
template <a_order order>
[[gnu::noinline]] std::size_t run_whole_tiles(tile_job& job, std::size_t rows) noexcept {
  const std::size_t done = rows_of_whole_tiles<order>(rows);
  run_plain_grid<order>(job.a, job.a_stride, job.b, job.b_stride, job.out, job.out_stride, job.k, done / tile_rows, 1);
  if (done < rows) {  // nothing points beyond the last row
    job.a += step_of_a<order>(done, job.a_stride, job.k);
    job.skip_rows(done);
  }
  return rows - done;
}

// A column of tiles: `rows` rows of C, up to tile_rows at a time.
template <a_order order, class Columns>
[[gnu::always_inline]] inline void run_tiles(tile_job& job, Columns columns, std::size_t rows) noexcept {
  if constexpr (calls_show<Columns>) {
    if (rows >= least_grid_rows && job.is_product()) rows = run_whole_tiles<order>(job, rows);
  }
  while (rows > 0) {
    const std::size_t height = next_height<order>(rows);
    prefetch_sums(job, height, rows);
    with_height(height, [&](auto h) __attribute__((always_inline)) { run_tile<order, h>(job, columns); });
    rows -= height;
    if (rows == 0) return;  // nothing points beyond the last row
    job.a += step_of_a<order>(height, job.a_stride, job.k);
    job.skip_rows(height);
  }
}

// Calls body(columns) with the columns of C that a panel of B makes: tile_cols, or less.
template <class Body>
[[gnu::always_inline]] inline void with_columns(std::size_t cols, const Body& body) noexcept {
  static_assert(tile_registers == 2);
  if (cols == tile_cols)
    body(whole_row<2>{});
  else if (cols > width)
    body(partial_row<2>{cols});
  else if (cols == width)
    body(whole_row<1>{});
  else
    body(partial_row<1>{cols});
}

template <a_order order>
[[gnu::always_inline]] inline void run_column(tile_job& job, std::size_t cols, std::size_t rows) noexcept {
  with_columns(cols, [&](auto columns) __attribute__((always_inline)) { run_tiles<order>(job, columns, rows); });
}

// C = A B of m rows and n columns, read in place: n = tile_cols, or less if has_masked_loads.
template <a_order order>
[[gnu::always_inline]] inline void run_plain_column(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda,
                                                    const float* b, std::size_t ldb, float* c, std::size_t ldc) noexcept {
  with_columns(n, [&](auto columns) __attribute__((always_inline)) {
    if constexpr (calls_show<decltype(columns)>) {
      if (m >= least_grid_rows) {
        const std::size_t done = rows_of_whole_tiles<order>(m);
        run_plain_grid<order>(a, lda, b, ldb, c, ldc, k, done / tile_rows, 1);
        m -= done;
        if (m == 0) return;
        a += step_of_a<order>(done, lda, k);
        c += done * ldc;
      }
    }
    while (m > 0) {
      const std::size_t height = next_height<order>(m);
      with_height(height, [&](auto h) __attribute__((always_inline)) {
        run_plain_tile<order, h>(a, lda, b, ldb, c, ldc, k, columns);
      });
      m -= height;
      if (m == 0) return;
      a += step_of_a<order>(height, lda, k);
      c += height * ldc;
    }
  });
}

// ---- flat tiles -------------------------------------------------------------------------------------------------------

// Of avx2, where 4, 7 or 8 rows are all that C has: 4 rows of 2 registers are so few sums that they wait for each other. 4 x 3 of
// them take 5 to 12 % less time.
constexpr bool has_flat_tiles = width == 8;
constexpr std::size_t flat_rows = 4, flat_registers = 3, flat_cols = flat_registers * width;
constexpr std::size_t most_cols = has_flat_tiles ? flat_cols : tile_cols;

// How many columns the next column of tiles has, of `cols` that are left of a C of `rows` rows.
constexpr std::size_t next_cols(std::size_t rows, std::size_t cols) noexcept {
  const bool flat = has_flat_tiles && (rows == flat_rows || rows == 2 * flat_rows - 1 || rows == 2 * flat_rows);
  return flat && cols >= flat_cols && cols != 2 * tile_cols ? flat_cols : smaller(cols, tile_cols);
}

// A column of them.
inline void run_flat_column(tile_job& job, std::size_t rows) noexcept {
  constexpr whole_row<flat_registers> columns;
  if (rows > flat_rows) {
    run_tile<a_order::rows, flat_rows>(job, columns);
    rows -= flat_rows;
    job.a += flat_rows * job.a_stride;
    job.skip_rows(flat_rows);
  }
  if (rows == flat_rows) return run_tile<a_order::rows, flat_rows>(job, columns);
  run_tile<a_order::rows, flat_rows - 1>(job, columns);
}

}  // namespace
}  // namespace lanewise::simd
