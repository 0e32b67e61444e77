// SPDX-License-Identifier: MIT
// Tiles of a matrix product beneath each other and beside each other.
#pragma once

#include "tile.hpp"

namespace lanewise::simd {
namespace {

// Calls body(height) with the height, 1 to `most`, as a constant.
template <std::size_t most = tile_rows, class Body>
[[gnu::always_inline]] inline void with_height(std::size_t height, const Body& body) noexcept {
  if (most == 1 || height == most)
    body(std::integral_constant<std::size_t, most>{});
  else if constexpr (most > 1)
    with_height<most - 1>(height, body);
}

// How many rows of C the next tile makes, of `rows` that are left, after those with more than tile_rows. Between one and two tiles
// of rows are shared evenly, 8 on avx2 as 4 + 4, not 6 + 2, whose few sums would wait for each other. But not where A was copied
// tile by tile.
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

// What a tile begins with that is soon to be made, `rows` rows of it, by so many rows and columns from where the job's begins: sums
// between blocks of k have left the caches. 2048^3 took 1.11 times as long where only the first line of each row was fetched, and
// none of the uppermost tile's. Lines that are stored without being read: no gain, 128 k are 4 % slower (Emerald Rapids).
[[gnu::always_inline]] inline void prefetch_sums(const tile_job& job, std::size_t down, std::size_t right,
                                                 std::size_t rows) noexcept {
  if (job.start == nullptr) return;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < tile_cols; j += 16) __builtin_prefetch(job.start + (down + r) * job.start_stride + right + j, 1);
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

// How many rows a tile of such columns has, where there are as many. Of one register of columns of A^T twice as many on avx512: 8
// sums just hide the latency of fma where a CPU begins two a cycle, and each fma has an element of A, at a fixed offset, for an
// operand. Of 16 rows of A each would need a register of its own for its address.
template <a_order order, class Columns>
constexpr std::size_t most_rows_of_tile = tile_rows;
template <>
constexpr std::size_t most_rows_of_tile<a_order::columns, whole_row<1>> = has_broadcast_operands ? 2 * tile_rows : tile_rows;
template <>
constexpr std::size_t most_rows_of_tile<a_order::columns, partial_row<1>> = most_rows_of_tile<a_order::columns, whole_row<1>>;

// Calls body(height, rows that are left, with) for the tiles of a column of `rows` rows of C, from above; with(make) calls
// make(height) with the height as a constant.
template <a_order order, class Columns, class Body>
[[gnu::always_inline]] inline void for_each_height(std::size_t rows, const Body& body) noexcept {
  constexpr std::size_t tall = most_rows_of_tile<order, Columns>;
  if constexpr (tall > tile_rows)
    for (; rows >= tall; rows -= tall)
      body(tall, rows, [](const auto& make) __attribute__((always_inline)) { make(std::integral_constant<std::size_t, tall>{}); });
  for (std::size_t height = 0; rows > 0; rows -= height) {
    height = next_height<order>(rows);
    body(height, rows, [=](const auto& make) __attribute__((always_inline)) { with_height(height, make); });
  }
}

// A column of tiles: `rows` rows of C.
template <a_order order, class Columns>
[[gnu::always_inline]] inline void run_tiles(tile_job& job, Columns columns, std::size_t rows) noexcept {
  if constexpr (calls_show<Columns>) {
    if (rows >= least_grid_rows && job.is_product()) rows = run_whole_tiles<order>(job, rows);
  }
  for_each_height<order, Columns>(rows, [&](std::size_t height, std::size_t left, auto with) __attribute__((always_inline)) {
    prefetch_sums(job, height, 0, smaller(height, left - height));
    with([&](auto h) __attribute__((always_inline)) { run_tile<order, h>(job, columns); });
    if (left == height) return;  // nothing points beyond the last row
    job.a += step_of_a<order>(height, job.a_stride, job.k);
    job.skip_rows(height);
  });
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

// C = A B of m rows and n columns, read in place: n = tile_cols, or less if has_masked_loads or rows of B are whole registers.
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
    const auto make_next = [&](std::size_t height, std::size_t left, auto with) __attribute__((always_inline)) {
      with([&](auto h) __attribute__((always_inline)) { run_plain_tile<order, h>(a, lda, b, ldb, c, ldc, k, columns); });
      if (left == height) return;
      a += step_of_a<order>(height, lda, k);
      c += height * ldc;
    };
    for_each_height<order, decltype(columns)>(m, make_next);
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
