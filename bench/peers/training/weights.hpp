// SPDX-License-Identifier: MIT
// The weights of one layer in the order in which a contender wants them.
#pragma once

#include <algorithm>
#include <new>

#include "contender.hpp"

namespace lanewise::bench {

enum class order { in_out, out_in };

// Floats aligned to 64 bytes, zero at first.
class floats {
 public:
  explicit floats(std::size_t size)
      : size_(size), data_(new (std::align_val_t{64}) float[size]()) {}
  floats(const floats& other) : floats(other.size_) { *this = other; }
  floats& operator=(const floats& other) {
    std::copy_n(other.data_, size_, data_);
    return *this;
  }
  ~floats() { ::operator delete[](data_, std::align_val_t{64}); }

  float* data() { return data_; }
  const float* data() const { return data_; }
  float& operator[](std::size_t i) { return data_[i]; }
  float operator[](std::size_t i) const { return data_[i]; }

 private:
  std::size_t size_;
  float* data_;
};

// [in][out] or [out][in]; or [in][out] in panels of `panel` columns after each other.
template <int in, int out, order o, int panel = out> class weights {
  static_assert(out % panel == 0);

 public:
  explicit weights(const layer_values& start) : start_(std::size_t{in} * out), now_(start_) {
    for (int i = 0; i < in; ++i)
      for (int u = 0; u < out; ++u) start_[index(i, u)] = start.weights[static_cast<std::size_t>(u * in + i)];
    restart();
  }
  void restart() { now_ = start_; }
  float* data() { return now_.data(); }
  const float* data() const { return now_.data(); }

  layer_values values() const {
    layer_values found{in, out, std::vector<float>(std::size_t{in} * out), {}};
    for (int i = 0; i < in; ++i)
      for (int u = 0; u < out; ++u) found.weights[static_cast<std::size_t>(u * in + i)] = now_[index(i, u)];
    return found;
  }

 private:
  static std::size_t index(int i, int u) {
    return static_cast<std::size_t>(o == order::out_in ? u * in + i : u / panel * panel * in + i * panel + u % panel);
  }
  floats start_, now_;
};

}  // namespace lanewise::bench
