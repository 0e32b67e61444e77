// SPDX-License-Identifier: MIT
// C += A^T B of a sparse A, row after row of C.
//
// Row after row of A each element costs a load and a store of a row of C, which soon is beyond L1. In batches of images a pixel is
// an element of many rows: each row of C is loaded once for all of them. Needs columns in ascending order, no two the same, so
// that a position in each row is all that tells where its elements are.
#pragma once

#include "../per_isa.hpp"
#include "bit_matrix.hpp"
#include "loop.hpp"

namespace lanewise::simd {
namespace {

constexpr std::size_t rows_together = 64;       // of A, a bit each
constexpr std::size_t columns_together = 1024;  // of A: 8 KB of such bits

// Whether its elements are so many that the loads and stores they spare outweigh what each column of A costs: 2 in every 64 rows
// and column for 128 columns of C, 4 for 64, half as many where bits are at hand. Steps on 64 images by nets 128 wide took 0.66
// times as long on avx512 (avx2 0.84), 64 wide 0.91 (0.95), of which bits take 0.94 (0.96) and 0.89 (0.93). Steps of nets 64 wide
// on 16 images took 1.04 (1.05), with bits 0.98 (0.97), on 12 images with bits 1.02 (Emerald Rapids).
inline bool worth_rows_of_c(const spmm_call& call) noexcept {
  constexpr std::size_t most_columns = 128;
  if (call.n < least_columns_of_rows_of_c || call.a.rows < 2) return false;
  const std::size_t elements = call.a.starts[call.a.rows] - call.a.starts[0];
  const std::size_t parts = (call.a.rows + rows_together - 1) / rows_together;
  const std::size_t cost = call.a.bits == nullptr ? 256 : 128;
  return elements / parts * smaller(call.n, most_columns) >= cost * call.a.cols;
}

inline bool are_ascending(const raw_sparse_rows& a) noexcept {
  vi wrong(0);  // whose top bits are set by an index that is not above the one before it, both below 2^31
  std::uint32_t rest = 0;
  for (std::size_t i = 0; i < a.rows; ++i) {
    std::size_t p = a.starts[i];
    const std::size_t end = a.starts[i + 1];
    for (; p + width < end; p += width) {
      const auto* const index = reinterpret_cast<const std::int32_t*>(a.index + p);
      wrong = wrong | (vi::load_unaligned(index + 1) - vi::load_unaligned(index) - vi(1));
    }
    for (; p + 1 < end; ++p) rest |= a.index[p + 1] - a.index[p] - 1;
  }
  std::int32_t lanes[width];
  wrong.store_unaligned(lanes);
  for (const std::int32_t lane : lanes) rest |= static_cast<std::uint32_t>(lane);
  return rest >> 31 == 0;
}

// Whether each row has as many bits as elements, and none beyond its columns: by such bits nothing is read from beyond a row.
inline bool bits_fit(const raw_sparse_rows& a) noexcept {
  const std::size_t words = bit_words(a.cols);
  const std::uint64_t beyond = a.cols % 64 == 0 ? 0 : ~std::uint64_t{0} << a.cols % 64;
  const std::uint64_t* word = a.bits;
  std::uint64_t wrong = 0;
  for (std::size_t r = 0; r < a.rows; ++r) {
    std::size_t count = 0;
    for (std::size_t w = 0; w < words; ++w) count += bits_in(*word++);
    wrong |= (count ^ (a.starts[r + 1] - a.starts[r])) | (words == 0 ? 0 : word[-1] & beyond);
  }
  return wrong == 0;
}

// Whether positions in each row tell where its elements are: bits that do not fit are as good as none.
inline bool tell_where_elements_are(raw_sparse_rows& a) noexcept {
  if (a.bits != nullptr && !bits_fit(a)) a.bits = nullptr;
  return a.bits != nullptr || are_ascending(a);
}

// Up to rows_together rows of A, and of these the elements in up to columns_together columns.
struct part_of_rows {
  std::size_t rows, columns;
  const float* value;
  std::uint32_t begin[rows_together], end[rows_together];  // of each row's elements; ends are known once C is updated
  std::uint64_t rows_of[columns_together];                 // a bit for each row that has an element in a column

  // From the ends of the part before it on.
  void take(const raw_sparse_rows& a, std::size_t first_row, std::size_t first_column) noexcept {
    columns = smaller(columns_together, a.cols - first_column);
    __builtin_memcpy(begin, end, rows * sizeof *begin);
    if (a.bits != nullptr)
      take_bits(a, first_row, first_column);
    else
      take_listed(a, first_row, first_column);
  }

 private:
  void take_bits(const raw_sparse_rows& a, std::size_t first_row, std::size_t first_column) noexcept {
    const std::size_t words = bit_words(a.cols);
    const std::uint64_t* const first = a.bits + first_row * words + first_column / 64;
    for (std::size_t l = 0; l < columns; l += 64) {
      std::uint64_t block[64];
      for (std::size_t r = 0; r < rows; ++r) block[r] = first[r * words + l / 64];
      for (std::size_t r = rows; r < 64; ++r) block[r] = 0;
      transpose_bits(block);
      __builtin_memcpy(rows_of + l, block, sizeof block);
    }
  }

  void take_listed(const raw_sparse_rows& a, std::size_t first_row, std::size_t first_column) noexcept {
    __builtin_memset(rows_of, 0, columns * sizeof *rows_of);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::uint32_t last = a.starts[first_row + r + 1];
      for (std::uint32_t p = begin[r]; p < last && a.index[p] - first_column < columns; ++p)
        rows_of[a.index[p] - first_column] |= std::uint64_t{1} << r;
    }
  }
};

// `registers` of C, from its row of the part's first column on; b without gaps.
template <std::size_t registers>
[[gnu::noinline]] void update_from_part(part_of_rows& part, const float* b, float* c, std::size_t ldc) noexcept {
  std::uint32_t at[rows_together];
  __builtin_memcpy(at, part.begin, part.rows * sizeof *at);
  const float* const value = part.value;
  for (std::size_t l = 0; l < part.columns; ++l) {
    std::uint64_t rows = part.rows_of[l];
    if (rows == 0) continue;
    float* const row_of_c = c + l * ldc;
    vf sum[registers];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < registers; ++v) sum[v] = load(row_of_c + v * width);
    do {
      const auto r = static_cast<std::size_t>(__builtin_ctzll(rows));
      rows &= rows - 1;
      const vf factor = splat(value[at[r]++]);
      const float* const y = b + r * registers * width;
#pragma GCC unroll 8
      for (std::size_t v = 0; v < registers; ++v) sum[v] = fma(factor, load(y + v * width), sum[v]);
    } while (rows != 0);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < registers; ++v) store(row_of_c + v * width, sum[v]);
  }
  __builtin_memcpy(part.end, at, part.rows * sizeof *at);
}

// Columns of C, as many as fill 8 registers or 4. Those of B are copied where it is wider: its rows might meet in the same sets
// of L1.
template <std::size_t registers>
void update_columns_from_part(part_of_rows& part, const float* b, std::size_t ldb, float* c, std::size_t ldc) noexcept {
  constexpr std::size_t columns = registers * width;
  if (ldb == columns) return update_from_part<registers>(part, b, c, ldc);
  alignas(64) float copy[rows_together * columns];
  for (std::size_t r = 0; r < part.rows; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < registers; ++v) store(copy + r * columns + v * width, load(b + r * ldb + v * width));
  update_from_part<registers>(part, copy, c, ldc);
}

// The columns of C that fill 4 registers. Returns how many those are.
inline std::size_t update_rows_of_c(const spmm_call& call) noexcept {
  part_of_rows part;
  part.value = call.a.value;
  for (std::size_t row = 0; row < call.a.rows; row += rows_together) {
    part.rows = smaller(rows_together, call.a.rows - row);
    __builtin_memcpy(part.end, call.a.starts + row, part.rows * sizeof *part.end);
    for (std::size_t l = 0; l < call.a.cols; l += columns_together) {
      part.take(call.a, row, l);
      const float* const b = call.b + row * call.ldb;
      float* const c = call.c + l * call.ldc;
      std::size_t j = 0;
      for (; j + 8 * width <= call.n; j += 8 * width) update_columns_from_part<8>(part, b + j, call.ldb, c + j, call.ldc);
      for (; j + 4 * width <= call.n; j += 4 * width) update_columns_from_part<4>(part, b + j, call.ldb, c + j, call.ldc);
    }
  }
  return call.n / (4 * width) * (4 * width);
}

}  // namespace
}  // namespace lanewise::simd
