// SPDX-License-Identifier: MIT
#include "per_isa.hpp"
#include "simd/cache_sizes.hpp"
#include "simd/pixels.hpp"
#include "simd/row_sums.hpp"
#include "simd/row_updates.hpp"

namespace lanewise {

using namespace simd;

namespace {

struct listed {
  std::size_t count;
  const std::uint32_t* index;
  const float* value;
};

inline listed row_of(const raw_sparse_rows& a, std::size_t i) noexcept {
  return {a.starts[i + 1] - a.starts[i], a.index + a.starts[i], a.value + a.starts[i]};
}

template <class Stride, class Columns>
[[gnu::noinline]] void update_columns(const spmm_call& call, Stride ldc, Columns columns) noexcept {
  const auto lanes = columns.lanes();
  for (std::size_t i = 0; i < call.a.rows; ++i) {
    const listed row = row_of(call.a, i);
    vf y[lanes.registers];
    for (std::size_t v = 0; v < lanes.registers; ++v) y[v] = lanes.load(call.b + i * call.ldb, v);
    update_listed_rows(row.count, call.c, ldc, row.index, row.value, y, lanes);
  }
}

// ---- C += A^T B, row after row of C ------------------------------------------------------------------------------------

// Row after row of A each element costs a load and a store of a row of C, which soon is beyond L1. In batches of images a pixel is
// an element of many rows: each row of C is loaded once for all of them. Needs columns in ascending order, no two the same, so
// that a position in each row is all that tells where its elements are.
constexpr std::size_t rows_together = 64;       // of A, a bit each
constexpr std::size_t columns_together = 1024;  // of A: 8 KB of such bits

// Whether its elements are so many that the loads and stores they spare outweigh what each column of A costs: 2 in every 64 rows
// and column for 128 columns of C, 4 for 64. Steps on 64 images by nets 128 wide took 0.66 times as long on avx512 (avx2 0.84), on
// 16 images 0.74 (0.89); 64 wide 0.91 (0.95) and 1.04 (1.05), so those go the other way (Emerald Rapids).
inline bool worth_rows_of_c(const spmm_call& call) noexcept {
  constexpr std::size_t least_columns = 64, most_columns = 128;
  if (call.n < least_columns || call.a.rows < 2) return false;
  const std::size_t elements = call.a.starts[call.a.rows] - call.a.starts[0];
  const std::size_t parts = (call.a.rows + rows_together - 1) / rows_together;
  return elements / parts * smaller(call.n, most_columns) >= 256 * call.a.cols;
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

// Up to rows_together rows of A, and of these the elements in up to columns_together columns.
struct part_of_rows {
  std::size_t rows, columns;
  const float* value;
  std::uint32_t begin[rows_together], end[rows_together];  // of each row's elements
  std::uint64_t rows_of[columns_together];                 // a bit for each row that has an element in a column

  // From the ends of the part before it on.
  void take(const raw_sparse_rows& a, std::size_t first_row, std::size_t first_column) noexcept {
    columns = smaller(columns_together, a.cols - first_column);
    __builtin_memset(rows_of, 0, columns * sizeof *rows_of);
    for (std::size_t r = 0; r < rows; ++r) {
      std::uint32_t p = begin[r] = end[r];
      const std::uint32_t last = a.starts[first_row + r + 1];
      for (; p < last && a.index[p] - first_column < columns; ++p) rows_of[a.index[p] - first_column] |= std::uint64_t{1} << r;
      end[r] = p;
    }
  }
};

// `registers` of C, from its row of the part's first column on; b without gaps.
template <std::size_t registers>
[[gnu::noinline]] void update_from_part(const part_of_rows& part, const float* b, float* c, std::size_t ldc) noexcept {
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
}

// Columns of C, as many as fill 8 registers or 4. Those of B are copied where it is wider: its rows might meet in the same sets
// of L1.
template <std::size_t registers>
void update_columns_from_part(const part_of_rows& part, const float* b, std::size_t ldb, float* c, std::size_t ldc) noexcept {
  constexpr std::size_t columns = registers * width;
  if (ldb == columns) return update_from_part<registers>(part, b, c, ldc);
  alignas(64) float copy[rows_together * columns];
  for (std::size_t r = 0; r < part.rows; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < registers; ++v) store(copy + r * columns + v * width, load(b + r * ldb + v * width));
  update_from_part<registers>(part, copy, c, ldc);
}

// The columns of C that fill 4 registers. Returns how many those are.
std::size_t update_rows_of_c(const spmm_call& call) noexcept {
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

// Rows from a list come in no order that a prefetcher could foresee: wide ones gain nothing from being taken whole, and in tiles
// of columns what is summed, or added, stays in registers.
constexpr std::size_t sum_tile = 4 * width;

// Of the product of one row of A the columns from `first` on, at most sum_tile of them.
inline void product_of_tile(gemv_call tile, const std::uint32_t* index, std::size_t first) noexcept {
  tile.n = smaller(sum_tile, tile.n - first);
  if (tile.m > 0) tile.a += first;  // a B without rows may be null
  tile.y += first;
  if (tile.epilogue.bias != nullptr) tile.epilogue.bias += first;
  if (tile.epilogue.residual != nullptr) tile.epilogue.residual += first;
  if (tile.n == sum_tile)
    narrow_product(tile.m, whole_row<sum_tile / width>{}, listed_rows{tile.a, tile.lda, index}, tile.x, output_vector{tile});
  else
    product_of_rows(tile.m, tile.n, tile.lda, [&](auto stride) { return listed_rows{tile.a, stride, index}; }, tile.x,
                    output_vector{tile});
}

// All columns.
inline void product_in_tiles(const gemv_call& call, const std::uint32_t* index) noexcept {
  for (std::size_t j = 0; j < call.n; j += sum_tile) product_of_tile(call, index, j);
}

// The same in blocks, as an activation needs that is not inline.
[[gnu::noinline]] void product_in_blocks(const gemv_call& call, const std::uint32_t* index) noexcept {
  in_blocks(call, call.n, [=](std::size_t first, std::size_t count, gemv_call& part) {
    if (part.m > 0) part.a += first;
    part.n = count;
    product_in_tiles(part, index);
  });
}

}  // namespace

// i < limit for limits up to 2^31: i itself has no top bit, i - limit has one. SSE2 has no maximum of unsigned integers.
template <class Isa>
bool sparse_rows_kernels<Isa>::all_below(std::uint32_t limit, std::size_t n, const std::uint32_t* index) noexcept {
  const vi limits(static_cast<std::int32_t>(limit));
  vi wrong(0);  // whose top bits are those of an index that is too large
  std::size_t i = 0;
#pragma GCC unroll 4
  for (; i + width <= n; i += width) {
    const vi x = vi::load_unaligned(reinterpret_cast<const std::int32_t*>(index + i));
    wrong = wrong | x | ~(x - limits);
  }
  std::int32_t lanes[width];
  wrong.store_unaligned(lanes);
  std::uint32_t any = 0;
  for (const std::int32_t lane : lanes) any |= static_cast<std::uint32_t>(lane);
  for (; i < n; ++i) any |= index[i] | ~(index[i] - limit);
  return any >> 31 == 0;
}

template <class Isa>
std::size_t sparse_rows_kernels<Isa>::nonzero_pixels(const pixels_call& call) noexcept {
  return list_pixels(call);
}

// Row by row, whose lists stay in L1; but a B beyond L2 tile by tile, so that many rows of A find its columns there: 64 rows of
// pixels by 1040 columns take 0.9 times as long.
template <class Isa>
void sparse_rows_kernels<Isa>::nn(const spmm_call& call) noexcept {
  const auto product_of_row = [&](std::size_t i) {
    const listed row = row_of(call.a, i);
    raw_epilogue epilogue = call.epilogue;
    if (epilogue.residual != nullptr) epilogue.residual += i * epilogue.residual_stride;
    return gemv_call{row.count, call.n, call.b, call.ldb, row.value, 0, call.c + i * call.ldc, epilogue};
  };
  const auto index_of_row = [&](std::size_t i) { return row_of(call.a, i).index; };
  if (!is_inline(call.epilogue.act)) {
    for (std::size_t i = 0; i < call.a.rows; ++i) product_in_blocks(product_of_row(i), index_of_row(i));
  } else if (fits_l2(call.a.cols, call.n)) {
    for (std::size_t i = 0; i < call.a.rows; ++i) product_in_tiles(product_of_row(i), index_of_row(i));
  } else {
    for (std::size_t j = 0; j < call.n; j += sum_tile)
      for (std::size_t i = 0; i < call.a.rows; ++i) product_of_tile(product_of_row(i), index_of_row(i), j);
  }
}

template <class Isa>
void sparse_rows_kernels<Isa>::tn(const spmm_call& call) noexcept {
  spmm_call rest = call;
  if (worth_rows_of_c(call) && are_ascending(call.a)) {
    const std::size_t done = update_rows_of_c(call);
    rest.n -= done, rest.b += done, rest.c += done;
  }
  const auto tiles_of = [&]<std::size_t registers>(std::integral_constant<std::size_t, registers>) {
    constexpr std::size_t columns = registers * width;
    for (; rest.n >= columns; rest.n -= columns, rest.b += columns, rest.c += columns)
      update_columns(rest, rest.ldc, whole_row<registers>{});
  };
  tiles_of(std::integral_constant<std::size_t, 8>{});
  tiles_of(std::integral_constant<std::size_t, 4>{});
  if (rest.n == 0) return;
  const bool done =
      with_narrow_rows(rest.n, rest.ldc, [&](auto columns, auto stride) { update_columns(rest, stride, columns); });
  if (done) return;
  for (std::size_t i = 0; i < rest.a.rows; ++i) {
    const listed row = row_of(rest.a, i);
    for (std::size_t p = 0; p < row.count; ++p)
      update_row(rest.n, row.value[p], rest.b + i * rest.ldb, rest.c + row.index[p] * rest.ldc);
  }
}

template struct sparse_rows_kernels<this_isa>;

}  // namespace lanewise
