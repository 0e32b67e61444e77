// SPDX-License-Identifier: MIT
// What formats share whose header promises an array: the promise is held against the file before memory is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "content_reader.hpp"

namespace lanewise {

struct array_promise {
  std::span<const std::size_t> dims;
  std::size_t value_bytes = 1;
  std::size_t header_bytes = 0;
  const char* where = "";  // of the dimensions in the file, for messages: "byte 4: "
};

// product(dims) * value_bytes. Refuses what overflows, is more than max_bytes, or cannot be in the file.
std::size_t promised_bytes(const content_reader& content, const array_promise& promise, std::size_t max_bytes);

// Fills `to` with the rest of the content; refuses a rest that is shorter or longer.
void read_promised(content_reader& content, std::span<std::byte> to);

std::string byte_count(std::uint64_t count);  // "1 byte", "2 bytes"

}  // namespace lanewise
