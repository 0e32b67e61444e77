// SPDX-License-Identifier: MIT
// Products with a matrix of which most elements are zero, given as lists of the others (compressed sparse rows, CSR).
// A zero input adds nothing to a layer's sums nor to its weights' gradient: its row of weights is never touched.
//
// Otherwise as gemv.hpp says: any shape and stride, overlap, alignment, empty dimensions, no allocation, equal bits on every
// ISA, u and gamma_k. What does not fit goes to the contract handler before anything is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <lanewise/epilogue.hpp>
#include <lanewise/matrix_view.hpp>

namespace lanewise {

// spmm_tn() into fewer columns has no use for sparse_rows::bits().
inline constexpr std::size_t least_columns_for_bits = 64;

// A sparse matrix that somebody else owns. Row r has the elements starts[r] to starts[r + 1] - 1 of `value`, in the columns
// that `index` says. Columns of a row come in any order; each is below cols, and at most once in a row.
//
// Bits, too, may say where the elements are, nonzero_bits_size(cols) words for each row: they spare spmm_tn() of many rows into
// least_columns_for_bits columns or more the search for them. Columns must ascend, and the bits be those of the columns: neither is
// checked. Bits that tell of more or fewer elements than a row has, or of one beyond the last column, are as good as none.
class sparse_rows {
 public:
  // starts: rows + 1, never falling, none beyond index.size() == value.size(); or none at all. bits: none, or words for all rows.
  // Columns, starts and sizes are checked here, not in each product: the memory must stay as it is.
  sparse_rows(std::size_t cols, std::span<const std::uint32_t> starts, std::span<const std::uint32_t> index,
              std::span<const float> value, std::span<const std::uint64_t> bits = {}) noexcept;

  std::size_t rows() const noexcept { return starts_.empty() ? 0 : starts_.size() - 1; }
  std::size_t cols() const noexcept { return cols_; }
  std::span<const std::uint32_t> starts() const noexcept { return starts_; }
  std::span<const std::uint32_t> index() const noexcept { return index_; }
  std::span<const float> value() const noexcept { return value_; }
  std::span<const std::uint64_t> bits() const noexcept { return bits_; }

 private:
  std::size_t cols_;
  std::span<const std::uint32_t> starts_, index_;
  std::span<const float> value_;
  std::span<const std::uint64_t> bits_;
};

// The least size of the lists that nonzero_pixels() fills from n bytes: n, rounded up to whole groups of 16.
constexpr std::size_t pixel_list_size(std::size_t n) noexcept { return (n + 15) / 16 * 16; }

// How many words tell of n elements which are not zero: bit i % 64 of word i / 64 of element i. Bits beyond the last are zeros.
constexpr std::size_t nonzero_bits_size(std::size_t n) noexcept { return n / 64 + (n % 64 != 0 ? 1 : 0); }

// The positions of the bytes that are not zero, in ascending order, and their values float(byte) / 255.0f. Returns how many;
// elements beyond that are unspecified. Both lists hold at least pixel_list_size(bytes.size()), bytes at most 2^32. The bits, too,
// where there are nonzero_bits_size(bytes.size()) or more words for them; else there must be none.
std::size_t nonzero_pixels(std::span<const std::uint8_t> bytes, std::span<std::uint32_t> index, std::span<float> value,
                           std::span<std::uint64_t> bits = {}) noexcept;

// C = act(A B + bias) + residual                  A [m, k] sparse, B [k, n], C [m, n], bias [n], residual [m, n]
// Each row of C is what gemv_t() makes of the listed rows of B, bit for bit: groups of 8, a chain of fma in each, added in
// order. Error before act, for a row of c elements: |err_ij| <= gamma_{ceil(c/8)+10} ((|A| |B|)_ij + |bias_j|).
void spmm_nn(const sparse_rows& a, const matrix_view<const float>& b, const matrix_view<float>& c,
             const epilogue& epilogue = no_epilogue) noexcept;

// C = C + A^T B                                   A [m, k] sparse, B [m, n], C [k, n]
// Row after row of A: C_lj = fma(a_il, b_ij, C_lj) for i = 0, 1, ... Error: |err_lj| <= gamma_{m+1} (|C| + |A|^T |B|)_lj.
// Rows of C that no element of A names are not touched.
void spmm_tn(const sparse_rows& a, const matrix_view<const float>& b, const matrix_view<float>& c) noexcept;

}  // namespace lanewise
