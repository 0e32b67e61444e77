// SPDX-License-Identifier: MIT
// How gemm goes about a product: blocks of m, n and k, what is copied, which tiles. Policy, with what it was derived from.
#pragma once

#include "cache_sizes.hpp"
#include "few_rows.hpp"

namespace lanewise::simd {
namespace {

// A tile of avx512 is 8 rows by 32 columns: each k takes two lines of B and half a line of A^T, on Zen 4 about as fast where they
// lie as from a copy. Where a CPU begins two fma of 512 bits a cycle, copies of A^T spare 9 to 23 %.
constexpr bool wide_tiles = tile_cols > 16;

constexpr std::size_t block_k = 384;  // a panel of B: 384 x 32 floats = 48 KB on avx512, 24 KB on avx2
constexpr std::size_t block_k_of_columns = 64;  // A^T in place: each k is another line, often another page
constexpr std::size_t block_k_of_far_rows = 128;  // B in place, rows far apart: the same, of which a tile uses tile_cols floats
constexpr std::size_t block_k_of_few_rows = 64;  // all columns of B: 64 x 1024 floats = 256 KB of L2
constexpr std::size_t block_k_of_some_rows = 128;  // the same: 512 KB
constexpr std::size_t block_m = 96;  // rows of A: 96 x 384 floats = 144 KB of L2; a multiple of every tile_rows

static_assert(block_m % tile_rows == 0);

// Whether rows of B lie nearly a page apart or more. Lines of a column of tiles then drive each other out of the caches.
constexpr bool far_apart(std::size_t ldb) noexcept { return ldb >= 640; }
// Whether tiles use a panel of B so often that a copy of it pays, if it pays at all.
constexpr bool many_tiles(std::size_t m) noexcept { return m > 4 * tile_rows; }
// Whether a panel of such rows is copied for one column of tiles. On avx512 40 to 112 rows of 1024 took 3 to 12 % longer so; but
// few rows of B, of which each tile reads all, rows of C would drive out of their sets: 8 x 1024 took 1.8 times as long in place.
constexpr bool worth_copying_panel(std::size_t m, std::size_t k, std::size_t ldb) noexcept {
  return many_tiles(m) && ((k <= 16 && fill_their_sets(16, ldb)) || (!wide_tiles && far_apart(ldb)));
}

constexpr bool is_one_block(std::size_t m, std::size_t n, std::size_t k) noexcept {
  return m <= block_m && n <= tile_cols && k <= block_k;
}

// Whether A^T B is better made as the transpose of B^T A: few columns, as 10 classes, leave lanes idle; the rows of A lie near
// each other, their columns fill whole registers, and so many of them are added that transposing the sums does not show.
constexpr bool better_transposed(std::size_t m, std::size_t n, std::size_t k, std::size_t lda) noexcept {
  return has_masked_loads && n <= width * 4 / 5 && m % width == 0 && k >= 32 && !far_apart(lda);
}

// A copy costs a pass over the operand. It pays where every element is used by several tiles; or by few, but B comes from
// beyond an L2, and its rows, which share a set of L1, come faster along than across: on avx2 with an L2 of 512 KB, where 8 rows of
// 1024 took 1.2 times as long without a copy. With one of 1 MB they take 1.2 times as long with it, on avx512 1.5 times. There
// 48 to 96 rows of 1024 take 0.52 to 0.6 times as long with it (Emerald Rapids).
constexpr std::size_t many_rows = 128;
constexpr bool worth_packing(std::size_t m, std::size_t n, std::size_t k) noexcept {
  return n >= 4 * tile_cols && k >= 32 && (m >= many_rows || ((wide_tiles ? many_tiles(m) : !many_tiles(m)) && !fits_l2(k, n)));
}
constexpr std::size_t packed_k(std::size_t m) noexcept {
  return m >= many_rows ? block_k : many_tiles(m) ? block_k_of_some_rows : block_k_of_few_rows;
}
// Whether B is copied, if it is worth it, before all else. Of B^T, whose copies are dear, each panel of its own where rows are few.
template <bool b_transposed>
constexpr bool packs_first(std::size_t m, std::size_t ldb) noexcept {
  return b_transposed ? m >= many_rows : many_tiles(m) || fill_their_sets(8, ldb);
}

// Whether so many panels use a block of A that a copy of it pays. Beside each other its rows stay in an L2 of 512 KB, where rows a
// page apart drive each other out. Columns only wide tiles read in place, for few panels.
template <bool a_transposed>
constexpr bool worth_copying_a(std::size_t n) noexcept {
  return a_transposed ? !wide_tiles || n >= 256 : !wide_tiles && n >= 512;
}

// Whether few rows of C are one tile, whose columns of B^T are not copied. More of them than other tiles have leave few registers
// for the transposition, which a long k makes up for. Rows of A and of B that meet in the same sets drive each other out.
constexpr bool worth_transposing_in_registers(std::size_t m, std::size_t k, std::size_t ldb) noexcept {
  return m <= few_rows && (m <= tile_rows || k >= 256) && (wide_tiles || m < 4 || !fill_their_sets(8, ldb));
}

// Whether C = A B is made in rows of tiles, each of which reads another panel of B where it lies, in an L2 or an L1. It spares
// copies of B, sums that leave the registers between blocks of k, and calls: 2 to 5 % at 128 x 128 x 128, 15 to 20 % at a k of 8.
// But not where rows of B, more than a few, drive each other out of their sets; avx512 takes that better than the other ways.
constexpr bool worth_a_grid(std::size_t m, std::size_t n, std::size_t k, std::size_t ldb) noexcept {
  if (m < least_grid_rows || n <= tile_cols || (n % tile_cols != 0 && !has_masked_loads)) return false;
  if (wide_tiles) return fits_l2(k, n);
  return k <= 8 || (fits_l2(2 * k, n) && !fill_their_sets(16, ldb) && !far_apart(ldb));
}
// Whether the lines of a tile of A^T would not stay in L1 for its row of tiles; and whether it may be copied: for so many tiles
// that the copy does not show, of so many columns at most.
constexpr bool worth_copying_tiles(std::size_t k, std::size_t lda) noexcept {
  return k > 8 && (k > 128 || fill_their_sets(k, lda));
}
constexpr std::size_t most_k_of_copy = 1024;
constexpr bool can_copy_tiles(std::size_t n, std::size_t k) noexcept { return n >= 8 * tile_cols && k <= most_k_of_copy; }

// Whether C = A B^T is made so of a transposed copy of B, some columns of it at a time: where k is so short that writing C is much
// of the work, which goes along its rows then. 1024 x 784 x 16 takes 0.62 of the time on avx512, 1024 x 784 x 64 0.87 to 0.93; of a
// k of 128 or 256 with copies in scratch 0.95 to 1.03. On avx2 1024 x 784 x 16 takes 0.94, but x 64 1.06 (Emerald Rapids).
constexpr std::size_t floats_of_transposed = 12288;  // 48 KB of stack
constexpr std::size_t most_cols_of_transposed(std::size_t k) noexcept {
  return (floats_of_transposed / k - width) / tile_cols * tile_cols;
}
constexpr bool worth_a_grid_of_transposed(std::size_t m, std::size_t n, std::size_t k) noexcept {
  return m > block_m && n > 2 * tile_cols && 0 < k && k <= (wide_tiles ? 64 : 32);
}

constexpr std::size_t panels(std::size_t n) noexcept { return (n + tile_cols - 1) / tile_cols; }

// Floats of scratch: all panels of B, a block of k high, and one block of A. False if they are more than there can be.
inline bool packed_floats(std::size_t m, std::size_t n, std::size_t k, std::size_t& floats) noexcept {
  floats = 0;
  if (!worth_packing(m, n, k)) return true;
  return !__builtin_add_overflow(n, tile_cols - 1, &floats) &&
         !__builtin_mul_overflow(floats / tile_cols * tile_cols, smaller(k, packed_k(m)), &floats) &&
         !__builtin_add_overflow(floats, block_m * smaller(k, packed_k(m)), &floats);
}

}  // namespace
}  // namespace lanewise::simd
