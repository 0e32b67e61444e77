// SPDX-License-Identifier: MIT
// A contender is a program that trains 784-H-Hr-10 for the comparison of bench/training.py. Each defines the two functions
// below; contender.cpp does the rest, the same for all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lanewise::bench {

inline constexpr int pixels = 784;
inline constexpr int classes = 10;

// W [out][in] row-major, b [out].
struct layer_values {
  int in = 0, out = 0;
  std::vector<float> weights, bias;
};

// Three layers: a0 = relu(W0 x + b0), a1 = a0 + relu(W1 a0 + b1), logits W2 a1 + b2. A step is plain SGD for the mean loss of
// `batch` samples that follow each other.
struct task {
  int hidden = 0;
  int batch = 0;
  float learning_rate = 0;
  std::array<layer_values, 3> start;  // the parameters to start from
  std::span<const std::uint8_t> bytes;
  std::span<const float> images;  // bytes / 255, aligned to 64 bytes; made outside the clock
  std::span<const std::int32_t> labels;
};

class training_run {
 public:
  training_run() = default;
  training_run(const training_run&) = delete;
  training_run& operator=(const training_run&) = delete;
  virtual ~training_run() = default;

  virtual void restart() = 0;  // back to the parameters at the start
  // Steps over samples first .. first + count - 1, a multiple of the batch. Returns the sum of their losses before each step.
  virtual double train(std::size_t first, std::size_t count) = 0;
  virtual std::array<layer_values, 3> parameters() const = 0;
  // The class of images 0 .. into.size() - 1, from their bytes: conversion is inside the clock. False: it does not do that.
  virtual bool classify(std::span<std::int32_t> into) = 0;
};

// A way to do it. Of several the fastest is timed. The task outlives what is made.
struct variant {
  std::string name;
  std::function<std::unique_ptr<training_run>()> make;
};

// None if the contender does not take part at this width or batch.
std::vector<variant> variants(const task& t);

// One line: version, and what it was held to.
std::string describe();

}  // namespace lanewise::bench
