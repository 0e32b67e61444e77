// SPDX-License-Identifier: MIT
// The only owner of memory in the library: a fixed number of elements, aligned to 64 bytes (a cache line, a zmm).
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace lanewise {

// Zero-initialised. Throws std::bad_alloc, also when size * sizeof(T) would overflow. Moves; copies are spelled out.
template <class T>
class aligned_buffer {
  static_assert(std::is_trivially_copyable_v<T>, "aligned_buffer holds plain values");

 public:
  static constexpr std::size_t alignment = 64;

  aligned_buffer() noexcept = default;
  explicit aligned_buffer(std::size_t size) : data_(allocate(size)), size_(size) { std::fill_n(data_, size, T{}); }
  aligned_buffer(aligned_buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  aligned_buffer& operator=(aligned_buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~aligned_buffer() { ::operator delete(data_, std::align_val_t{alignment}); }

  aligned_buffer clone() const {
    aligned_buffer copy(size_);
    std::copy_n(data_, size_, copy.data_);
    return copy;
  }

  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  T* begin() noexcept { return data_; }
  T* end() noexcept { return data_ + size_; }
  const T* begin() const noexcept { return data_; }
  const T* end() const noexcept { return data_ + size_; }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  std::span<T> span() noexcept { return {data_, size_}; }
  std::span<const T> span() const noexcept { return {data_, size_}; }

 private:
  static T* allocate(std::size_t size) {
    if (size == 0) return nullptr;
    if (size > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(::operator new(size * sizeof(T), std::align_val_t{alignment}));
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace lanewise
