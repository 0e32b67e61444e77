// SPDX-License-Identifier: MIT
// What can go wrong outside the program: files and data. Each kind has its own exit code in the program `lanewise`.
// what() is one line: which file, where in it, what is wrong, what to do.
#pragma once

#include <stdexcept>

namespace lanewise {

struct io_error : std::runtime_error { using std::runtime_error::runtime_error; };         // reading or writing failed
struct not_found_error : std::runtime_error { using std::runtime_error::runtime_error; };  // a named path does not exist
struct malformed_error : std::runtime_error { using std::runtime_error::runtime_error; };  // it exists, but breaks a rule

}  // namespace lanewise
