// SPDX-License-Identifier: MIT
// An array that ends where an inaccessible page begins.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

#include "guarded_buffer.hpp"

namespace lanewise::test {

// Elements at the end of memory, behind which a guard page lies, with NaN before them.
template <class T>
class at_end {
 public:
  explicit at_end(std::size_t count) : memory_(std::make_unique<guarded_buffer>(count * sizeof(T) + 64)), count_(count) {
    std::memset(memory_->writable(), 0xff, memory_->size());
  }
  std::span<T> span() const {
    return {reinterpret_cast<T*>(memory_->writable() + memory_->size() - count_ * sizeof(T)), count_};
  }
  bool before_is_intact() const {
    const std::size_t size = memory_->size() - count_ * sizeof(T);
    for (std::size_t i = 0; i < size; ++i)
      if (memory_->writable()[i] != std::byte{0xff}) return false;
    return true;
  }

 private:
  std::unique_ptr<guarded_buffer> memory_;
  std::size_t count_;
};

}  // namespace lanewise::test
