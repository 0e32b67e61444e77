// SPDX-License-Identifier: MIT
// A register tile of C runs down k; around it blocks of m, n and k that keep its operands in cache. Whatever the blocking,
// each output is one chain of fma over ascending k, so it never shows in the bits.
#include "per_isa.hpp"
#include "simd/few_rows.hpp"
#include "simd/gemm_blocking.hpp"
#include "simd/small_b.hpp"

namespace lanewise {

using namespace simd;

namespace {

// ---- in place, but for what tiles cannot use as it is ----------------------------------------------------------------

// C rows first_row.. (at most block_m of them), `cols` columns (as next_cols()) from first_col on, k from first_k on.
template <bool a_transposed, bool b_transposed>
void block(const gemm_call& call, std::size_t first_row, std::size_t first_col, std::size_t cols, std::size_t first_k,
           std::size_t k, sums_between_blocks sums) noexcept {
  constexpr a_order order = a_transposed ? a_order::columns : a_order::rows;
  alignas(64) float panel[block_k * tile_cols];
  const std::size_t rows = smaller(block_m, call.m - first_row);
  tile_job job(call, first_row, first_col, first_k, k, sums);
  job.a = call.a + (a_transposed ? first_k * call.lda + first_row : first_row * call.lda + first_k);
  job.a_stride = call.lda;
  if (b_transposed || (cols < tile_cols && !has_masked_loads) || worth_copying_panel(rows, k, call.ldb)) {
    pack_panel<b_transposed>(call, first_k, k, first_col, panel);
    job.b = panel;
    job.b_stride = tile_cols;
  } else {
    job.b = call.b + first_k * call.ldb + first_col;
    job.b_stride = call.ldb;
  }
  if constexpr (has_flat_tiles && !a_transposed && !b_transposed)
    if (cols > tile_cols) return run_flat_column(job, rows);
  run_column<order>(job, cols, rows);
}

// Calls body(first, count) for the blocks of k, `most` at the most, of about the same size; once, with none, for k = 0.
template <class Body>
inline void for_each_block_of_k(std::size_t k, std::size_t most, const Body& body) noexcept {
  const std::size_t blocks = k > most ? (k + most - 1) / most : 1;
  const std::size_t size = ((k + blocks - 1) / blocks + 3) / 4 * 4;
  std::size_t first = 0;
  do {
    body(first, smaller(size, k - first));
    first += size;
  } while (first < k);
}

template <bool a_transposed, bool b_transposed>
std::size_t columns_of_block(const gemm_call& call, std::size_t first_col) noexcept {
  const std::size_t left = call.n - first_col;
  return a_transposed || b_transposed ? smaller(left, tile_cols) : next_cols(call.m, left);
}

// Blocks of k innermost.
template <bool a_transposed, bool b_transposed>
void multiply_in_place(const gemm_call& call) noexcept {
  alignas(64) float sums[block_m * most_cols];
  for (std::size_t row = 0; row < call.m; row += block_m)
    for (std::size_t col = 0, cols = 0; col < call.n; col += cols) {
      cols = columns_of_block<a_transposed, b_transposed>(call, col);
      for_each_block_of_k(call.k, block_k, [&](std::size_t first_k, std::size_t k) {
        block<a_transposed, b_transposed>(call, row, col, cols, first_k, k, {sums, most_cols});
      });
    }
}

// Blocks of k outermost, sums in C: an operand whose rows are far apart is read along them, not each a little at a time.
template <bool a_transposed>
void multiply_along_rows(const gemm_call& call, std::size_t size) noexcept {
  for_each_block_of_k(call.k, size, [&](std::size_t first_k, std::size_t k) {
    for (std::size_t row = 0; row < call.m; row += block_m)
      for (std::size_t col = 0, cols = 0; col < call.n; col += cols) {
        cols = columns_of_block<a_transposed, false>(call, col);
        block<a_transposed, false>(call, row, col, cols, first_k, k, {call.c + row * call.ldc + col, call.ldc});
      }
  });
}

// ---- packed ----------------------------------------------------------------------------------------------------------

// C rows first_row.., all columns, k from first_k on, of panels of B.
template <a_order order>
void rows_of_tiles(const gemm_call& call, std::size_t first_row, std::size_t rows, std::size_t first_k, std::size_t k,
                   const float* a, std::size_t a_stride, const float* packed_b) noexcept {
  for (std::size_t col = 0; col < call.n; col += tile_cols) {
    tile_job job(call, first_row, col, first_k, k, {call.c + first_row * call.ldc + col, call.ldc});
    job.a = a;
    job.a_stride = a_stride;
    job.b = packed_b + col * k;
    job.b_stride = tile_cols;
    if (col + tile_cols < call.n) prefetch_sums(job, 0, tile_cols, smaller(tile_rows, rows));
    run_column<order>(job, smaller(tile_cols, call.n - col), rows);
  }
}

// Where a copy pays, A is copied in the order in which tiles read it: A^T tile by tile; rows as they are, beside each other (a
// transposed copy of them took 4 % of the time). Sums between blocks of k lie in C. The panels of a block of k follow each other:
// the next one is what a prefetcher expects, and they do not meet in the same sets of a cache.
template <bool a_transposed, bool b_transposed>
void multiply_packed(const gemm_call& call, float* packed_b, float* packed_a) noexcept {
  for_each_block_of_k(call.k, packed_k(call.m), [&](std::size_t first_k, std::size_t k) {
    if (!b_transposed && far_apart(call.ldb))
      pack_along_rows(call, first_k, k, packed_b);
    else
      for (std::size_t col = 0; col < call.n; col += tile_cols)
        pack_panel<b_transposed>(call, first_k, k, col, packed_b + col * k);
    for (std::size_t row = 0; row < call.m; row += block_m) {
      const std::size_t rows = smaller(block_m, call.m - row);
      const float* a = call.a + (a_transposed ? first_k * call.lda + row : row * call.lda + first_k);
      if (!worth_copying_a<a_transposed>(call.n)) {
        rows_of_tiles<a_transposed ? a_order::columns : a_order::rows>(call, row, rows, first_k, k, a, call.lda, packed_b);
      } else if (a_transposed) {
        pack_tiles(call, row, rows, first_k, k, packed_a);
        rows_of_tiles<a_order::packed>(call, row, rows, first_k, k, packed_a, 0, packed_b);
      } else {
        for (std::size_t r = 0; r < rows; ++r) __builtin_memcpy(packed_a + r * k, a + r * call.lda, k * sizeof(float));
        rows_of_tiles<a_order::rows>(call, row, rows, first_k, k, packed_a, k, packed_b);
      }
    }
  });
}

// All but the smallest products, which shall not pay for the decisions here.
template <bool a_transposed, bool b_transposed>
[[gnu::noinline]] void multiply_in_blocks(const gemm_call& call) noexcept {
  // C cannot hold sums as long as it is still to be added.
  const bool c_is_free = call.epilogue.residual != call.c;
  std::size_t floats = 0;
  const std::size_t skip = (64 - reinterpret_cast<std::uintptr_t>(call.scratch) % 64) % 64;
  const bool fits = packed_floats(call.m, call.n, call.k, floats) && call.scratch_bytes >= skip &&
                    (call.scratch_bytes - skip) / sizeof(float) >= floats;
  const bool pays = packs_first<b_transposed>(call.m, call.ldb);
  if (tile_rows > 1 && floats > 0 && fits && pays && c_is_free) {
    float* packed_b = reinterpret_cast<float*>(call.scratch + skip);
    const std::size_t floats_of_b = panels(call.n) * tile_cols * smaller(call.k, packed_k(call.m));
    return multiply_packed<a_transposed, b_transposed>(call, packed_b, packed_b + floats_of_b);
  }
  if constexpr (a_transposed) {
    if (c_is_free && call.m > block_m) return multiply_along_rows<true>(call, block_k_of_columns);
  } else if constexpr (!b_transposed) {
    if (c_is_free && far_apart(call.ldb) && !many_tiles(call.m) && !fits_l2(call.k, call.n))
      return multiply_along_rows<false>(call, block_k_of_far_rows);
  }
  multiply_in_place<a_transposed, b_transposed>(call);
}

template <bool a_transposed, bool b_transposed>
void multiply(const gemm_call& call) noexcept {
  if (b_transposed && worth_transposing_in_registers(call.m, call.k, call.ldb)) return multiply_few_rows(call);
  if (is_one_block(call.m, call.n, call.k))
    return block<a_transposed, b_transposed>(call, 0, 0, call.n, 0, call.k, {nullptr, 0});
  multiply_in_blocks<a_transposed, b_transposed>(call);
}

// ---- without beta and epilogue ----------------------------------------------------------------------------------------

// C = A^T B as the transpose of B^T A, `width` rows of C at a time. Each element is the same chain of fma.
void multiply_transposed(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b,
                         std::size_t ldb, float* c, std::size_t ldc) noexcept {
  const first_lanes columns(n);
  for (std::size_t row = 0; row < m; row += width) {
    alignas(64) float sums[width * width];
    run_plain_column<a_order::columns>(n, width, k, b, ldb, a + row, lda, sums, width);
    vf x[width];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < width; ++r) x[r] = r < n ? load(sums + r * width) : zero();
    transpose(x);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < width; ++r) columns.store(c + (row + r) * ldc, x[r]);
  }
}

// Rows of tiles of A^T, each copied before all tiles beside it are made.
[[maybe_unused, gnu::noinline]] void run_grid_of_copies(std::size_t rows, std::size_t k, const float* a, std::size_t lda,
                                                        const float* b, std::size_t ldb, float* c, std::size_t ldc,
                                                        std::size_t across) noexcept {
  alignas(64) float tile[tile_rows * most_k_of_copy];
  for (std::size_t r = 0; r < rows; r += tile_rows) {
    pack_tile(a + r, lda, k, tile);
    run_plain_grid<a_order::packed>(tile, 0, b, ldb, c + r * ldc, ldc, k, 1, across);
  }
}

// Not inlined: the heights and widths of tiles make it long.
template <a_order order>
[[gnu::noinline]] void rest_of_grid(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b,
                                    std::size_t ldb, float* c, std::size_t ldc) noexcept {
  run_plain_column<order>(m, n, k, a, lda, b, ldb, c, ldc);
}

// C = A B or A^T B, row of tiles after row, in place but for copies of tiles of A^T.
template <a_order order>
void multiply_grid(bool copies, std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b,
                   std::size_t ldb, float* c, std::size_t ldc) noexcept {
  const std::size_t whole = rows_of_whole_tiles<order>(m), rest = n % tile_cols, across = n / tile_cols;
  if (across == 0) return rest_of_grid<order>(m, n, k, a, lda, b, ldb, c, ldc);
  if (order == a_order::columns && copies)
    run_grid_of_copies(whole, k, a, lda, b, ldb, c, ldc, across);
  else
    run_plain_grid<order>(a, lda, b, ldb, c, ldc, k, whole / tile_rows, across);
  if (whole < m) {
    const float* const last_rows = a + step_of_a<order>(whole, lda, k);
    for (std::size_t col = 0; col < n - rest; col += tile_cols)
      rest_of_grid<order>(m - whole, tile_cols, k, last_rows, lda, b + col, ldb, c + whole * ldc + col, ldc);
  }
  if (rest > 0) rest_of_grid<order>(m, rest, k, a, lda, b + n - rest, ldb, c + n - rest, ldc);
}

// C = A B^T of a small k in rows of tiles, of a transposed copy of as many columns of B^T as it has room for.
[[maybe_unused, gnu::noinline]] void multiply_grid_of_transposed(std::size_t m, std::size_t n, std::size_t k, const float* a,
                                                                 std::size_t lda, const float* b, std::size_t ldb, float* c,
                                                                 std::size_t ldc) noexcept {
  alignas(64) float copy[floats_of_transposed];
  const std::size_t most = most_cols_of_transposed(k), chunks = (n + most - 1) / most;
  const std::size_t cols_at_once = ((n + chunks - 1) / chunks + tile_cols - 1) / tile_cols * tile_cols;
  const std::size_t stride = cols_at_once + width;
  for (std::size_t first = 0; first < n; first += cols_at_once) {
    const std::size_t cols = smaller(cols_at_once, n - first);
    for (std::size_t j = 0; j < cols; j += width)
      transpose_rows(b + (first + j) * ldb, ldb, smaller(width, cols - j), k,
                     [&](std::size_t p, vf x) { store(copy + p * stride + j, x); });
    multiply_grid<a_order::rows>(false, m, cols, k, a, lda, copy, stride, c + first, ldc);
  }
}

// C = A B: most calls, among them the smallest, whose few arguments cost less than a gemm_call in memory.
template <bool a_transposed, bool b_transposed>
void multiply_plain(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b, std::size_t ldb,
                    float* c, std::size_t ldc, std::byte* scratch, std::size_t scratch_bytes) noexcept {
  if constexpr (a_transposed)
    if (better_transposed(m, n, k, lda)) return multiply_transposed(m, n, k, a, lda, b, ldb, c, ldc);
  if constexpr (has_small_b) {
    if (is_small_b<a_transposed>(m, n, k)) {
      if (n == width) return multiply_by_small_b<a_transposed, b_transposed>(m, k, a, lda, b, ldb, c, ldc, whole_row<1>{});
      return multiply_by_small_b<a_transposed, b_transposed>(m, k, a, lda, b, ldb, c, ldc, partial_row<1>{n});
    }
  }
  constexpr a_order order = a_transposed ? a_order::columns : a_order::rows;
  if constexpr (!b_transposed && tile_rows > 1) {
    const bool pays = a_transposed && worth_copying_tiles(k, lda), copies = pays && can_copy_tiles(n, k);
    // Without a copy that would pay, wide tiles still go faster so.
    if (worth_a_grid(m, n, k, ldb) && (wide_tiles || copies == pays))
      return multiply_grid<order>(copies, m, n, k, a, lda, b, ldb, c, ldc);
  }
  if constexpr (b_transposed && tile_rows > 1)
    if (worth_a_grid_of_transposed(m, n, k)) return multiply_grid_of_transposed(m, n, k, a, lda, b, ldb, c, ldc);
  const bool in_place = !b_transposed && (has_masked_loads || n == tile_cols) && !worth_copying_panel(m, k, ldb);
  if (in_place && is_one_block(m, n, k)) return run_plain_column<order>(m, n, k, a, lda, b, ldb, c, ldc);
  multiply<a_transposed, b_transposed>({m, n, k, a, lda, b, ldb, c, ldc, 0, {}, scratch, scratch_bytes});
}

}  // namespace

template <class Isa>
void gemm_kernels<Isa>::nn(const gemm_call& call) noexcept { multiply<false, false>(call); }
template <class Isa>
void gemm_kernels<Isa>::nt(const gemm_call& call) noexcept { multiply<false, true>(call); }
template <class Isa>
void gemm_kernels<Isa>::tn(const gemm_call& call) noexcept { multiply<true, false>(call); }

template <class Isa>
void gemm_kernels<Isa>::plain_nn(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b,
                                 std::size_t ldb, float* c, std::size_t ldc, std::byte* scratch,
                                 std::size_t scratch_bytes) noexcept {
  multiply_plain<false, false>(m, n, k, a, lda, b, ldb, c, ldc, scratch, scratch_bytes);
}
template <class Isa>
void gemm_kernels<Isa>::plain_nt(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b,
                                 std::size_t ldb, float* c, std::size_t ldc, std::byte* scratch,
                                 std::size_t scratch_bytes) noexcept {
  multiply_plain<false, true>(m, n, k, a, lda, b, ldb, c, ldc, scratch, scratch_bytes);
}
template <class Isa>
void gemm_kernels<Isa>::plain_tn(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t lda, const float* b,
                                 std::size_t ldb, float* c, std::size_t ldc, std::byte* scratch,
                                 std::size_t scratch_bytes) noexcept {
  multiply_plain<true, false>(m, n, k, a, lda, b, ldb, c, ldc, scratch, scratch_bytes);
}

template <class Isa>
std::size_t gemm_kernels<Isa>::scratch_bytes(std::size_t m, std::size_t n, std::size_t k) noexcept {
  std::size_t bytes = 0;
  const bool overflow = !packed_floats(m, n, k, bytes) || __builtin_mul_overflow(bytes, sizeof(float), &bytes) ||
                        (bytes > 0 && __builtin_add_overflow(bytes, 63, &bytes));
  return overflow ? static_cast<std::size_t>(-1) : bytes;
}

template struct gemm_kernels<this_isa>;

}  // namespace lanewise
