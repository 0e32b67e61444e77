// SPDX-License-Identifier: MIT
// What a figure depends on beside the code: printed above each table and written into each JSON file.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lanewise::bench {

// Keys and values: version, compiler and flags of the build, usable ISAs, CPU, training data.
std::vector<std::pair<std::string, std::string>> measurement_context();

}  // namespace lanewise::bench
