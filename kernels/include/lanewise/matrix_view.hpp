// SPDX-License-Identifier: MIT
// A matrix that somebody else owns: pointer, rows, columns and row stride, row-major. Trivially copyable.
//
// Kernels take it by reference: by value its 32 bytes go over the stack, in a copy that compilers make with wider loads than
// the stores just before it. Such loads wait until these have left the CPU, a third of the time of a small product.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <type_traits>

#include <lanewise/contract.hpp>

namespace lanewise {

// Element (i, j) lies at data()[i * stride() + j]. The stride counts elements and is at least cols().
// Only the elements are ever touched, never the gap between cols() and stride().
template <class T>
class matrix_view {
 public:
  constexpr matrix_view() noexcept = default;
  constexpr matrix_view(T* data, std::size_t rows, std::size_t cols) noexcept : matrix_view(data, rows, cols, cols) {}
  constexpr matrix_view(T* data, std::size_t rows, std::size_t cols, std::size_t stride) noexcept
      : data_(data), rows_(rows), cols_(cols), stride_(stride) {
    if (stride < cols) contract_violated("matrix_view: stride must be at least cols");
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(rows, stride, &bytes) || __builtin_mul_overflow(bytes, sizeof(T), &bytes) ||
        bytes > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()))
      contract_violated("matrix_view: rows * stride must fit the address space");
  }

  // A vector seen as a matrix of one row.
  constexpr explicit matrix_view(std::span<T> row) noexcept : matrix_view(row.data(), 1, row.size()) {}

  // matrix_view<float> converts to matrix_view<const float>.
  template <class U>
    requires(std::is_const_v<T> && std::is_same_v<U, std::remove_const_t<T>>)
  constexpr matrix_view(matrix_view<U> other) noexcept
      : data_(other.data()), rows_(other.rows()), cols_(other.cols()), stride_(other.stride()) {}

  constexpr T* data() const noexcept { return data_; }
  constexpr std::size_t rows() const noexcept { return rows_; }
  constexpr std::size_t cols() const noexcept { return cols_; }
  constexpr std::size_t stride() const noexcept { return stride_; }
  constexpr bool empty() const noexcept { return rows_ == 0 || cols_ == 0; }

  constexpr T& operator()(std::size_t i, std::size_t j) const noexcept { return data_[i * stride_ + j]; }
  constexpr std::span<T> row(std::size_t i) const noexcept { return {data_ + i * stride_, cols_}; }

  // The first `rows` rows; the first `cols` columns. Neither may exceed what there is.
  constexpr matrix_view first_rows(std::size_t rows) const noexcept {
    if (rows > rows_) contract_violated("matrix_view: first_rows beyond the last row");
    return {data_, rows, cols_, stride_};
  }
  constexpr matrix_view first_cols(std::size_t cols) const noexcept {
    if (cols > cols_) contract_violated("matrix_view: first_cols beyond the last column");
    return {data_, rows_, cols, stride_};
  }

 private:
  T* data_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::size_t stride_ = 0;
};

}  // namespace lanewise
