// SPDX-License-Identifier: MIT
// Random numbers that are the same everywhere: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011), a counter-based generator. A number is a function of (seed, stream, epoch, position), so a
// resumed run needs no generator state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lanewise {

using philox_block = std::array<std::uint32_t, 4>;
philox_block philox4x32_10(philox_block counter, std::array<std::uint32_t, 2> key) noexcept;

enum class stream : std::uint32_t { init = 0, shuffle = 1, digits_train = 2, digits_test = 3, validation = 4, gradient_check = 5 };

class random_stream {
 public:
  // key = seed; counter = (block number, low and high; epoch; stream).
  random_stream(std::uint64_t seed, stream which, std::uint32_t epoch = 0) noexcept;

  std::uint32_t next() noexcept;                          // 32 random bits
  std::uint32_t below(std::uint32_t bound) noexcept;      // uniform in [0, bound), bound >= 1, unbiased (Lemire's rejection)
  float uniform() noexcept;                               // uniform in [0, 1): (u32 >> 8) * 2^-24
  float normal() noexcept;                                // standard normal: normal_quantile((u32 + 1/2) * 2^-32)

  void skip_to(std::uint64_t position) noexcept;          // the next number is number `position` of the stream

 private:
  std::uint64_t seed_;
  stream stream_;
  std::uint32_t epoch_;
  std::uint64_t position_ = 0;
  philox_block block_{};
  bool block_is_current_ = false;
};

// The x below which a standard normal number is with probability p, 0 < p < 1. Relative error below 5e-7. Wichura,
// "Algorithm AS 241: the percentage points of the normal distribution", 1988 (PPND7); the logarithm is our own.
float normal_quantile(double p) noexcept;

// Fisher-Yates from the last element down: swaps i with below(i + 1).
void shuffle(std::span<std::uint32_t> values, random_stream& random) noexcept;

}  // namespace lanewise
