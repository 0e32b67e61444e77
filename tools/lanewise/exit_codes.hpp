// SPDX-License-Identifier: MIT
// What the program tells the one who started it.
#pragma once

#include <stdexcept>

namespace lanewise::cli {

enum exit_code : int {
  exit_ok = 0,
  exit_failure = 1,     // reading or writing failed, a directory is in use, not enough memory; a gradcheck does not hold
  exit_usage = 2,       // a wrong flag or value, or a named path that does not exist
  exit_diverged = 3,    // the loss or the weights stopped being finite
  exit_malformed = 65,  // a file exists, but breaks a rule of its format
  exit_signal = 128,    // plus the number of the signal that interrupted the run: 130, 143
};

// A flag or its value is wrong: exit_usage. The other kinds of errors come from lanewise/model/errors.hpp.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace lanewise::cli
