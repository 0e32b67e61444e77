// SPDX-License-Identifier: MIT
// Handwritten digits that need no file: drawn by rule from a seed, in the form and size of MNIST.
#pragma once

#include <cstddef>
#include <cstdint>

#include <lanewise/model/data.hpp>

namespace lanewise {

struct digits_options {
  std::size_t train = 60'000;
  std::size_t test = 10'000;
  std::size_t classes = 10;  // of the data sets, at least 10: the labels are 0 to 9 whatever it is
  std::uint64_t seed = 1;    // of the images; nothing else depends on it, and no other seed changes them
};

// Images of 28 x 28 bytes: white (255) strokes of a pen on black, about 20 pixels high or wide, their centre of mass
// near the middle. Image i shows the digit i % 10 and is a function of (seed, train or test, i): a smaller set is the
// beginning of a larger one, and the test images come from random numbers of their own. The same bytes on every
// machine. At most 2^32 images each; throws std::invalid_argument on more, or on classes below 10.
train_and_test make_digits(const digits_options& options = {});

}  // namespace lanewise
