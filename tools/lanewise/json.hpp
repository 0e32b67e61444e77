// SPDX-License-Identifier: MIT
// JSON for other programs: keys in the order in which they were set, one line.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace lanewise::cli {

using json = nlohmann::ordered_json;

// Paths may hold bytes that are not UTF-8; they are replaced. Numbers that are not finite become null.
inline std::string to_line(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace lanewise::cli
