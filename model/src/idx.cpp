// SPDX-License-Identifier: MIT
#include <lanewise/model/idx.hpp>

#include <array>
#include <cstdio>
#include <string>

#include "array_content.hpp"
#include "huge_pages.hpp"

namespace lanewise {
namespace {

constexpr std::uint8_t unsigned_bytes = 0x08;
constexpr std::size_t magic_bytes = 4, dimension_bytes = 4;

std::string hex(std::uint8_t value) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "0x%02x", static_cast<unsigned>(value));
  return text.data();
}

void check_magic(const content_reader& content, std::span<const std::uint8_t> magic, std::size_t rank) {
  if (magic[0] != 0 || magic[1] != 0)
    content.refuse("is not an IDX file: it begins with " + hex(magic[0]) + " " + hex(magic[1]) + ", not 0x00 0x00");
  if (magic[2] != unsigned_bytes)
    content.refuse("byte 2: values of type " + hex(magic[2]) + ", expected " + hex(unsigned_bytes) +
                   " (unsigned bytes)");
  if (magic[3] != rank)
    content.refuse("byte 3: " + std::to_string(magic[3]) + " dimensions, expected " + std::to_string(rank) +
                   "; images have 3, labels 1");
}

std::vector<std::size_t> read_dims(content_reader& content, std::size_t rank) {
  std::vector<std::uint8_t> header(magic_bytes + dimension_bytes * rank);
  const std::size_t count = content.read(std::as_writable_bytes(std::span(header)));
  if (count >= magic_bytes) check_magic(content, header, rank);
  if (count < header.size())
    content.refuse("ends after " + byte_count(count) + ", inside the header of " + byte_count(header.size()));

  std::vector<std::size_t> dims(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t at = magic_bytes + dimension_bytes * i;
    dims[i] = std::size_t{header[at]} << 24 | std::size_t{header[at + 1]} << 16 | std::size_t{header[at + 2]} << 8 |
              std::size_t{header[at + 3]};
    if (dims[i] == 0) content.refuse("byte " + std::to_string(at) + ": dimension " + std::to_string(i) + " is 0");
  }
  return dims;
}

}  // namespace

idx_u8 read_idx_u8(const std::filesystem::path& file, std::size_t rank, std::size_t max_bytes) {
  content_reader content(file);
  std::vector<std::size_t> dims = read_dims(content, rank);
  const std::size_t header = magic_bytes + dimension_bytes * rank;
  idx_u8 idx{dims, bytes_in_huge_pages(promised_bytes(content, {dims, 1, header, "byte 4: "}, max_bytes))};
  read_promised(content, std::as_writable_bytes(std::span(idx.values)));
  return idx;
}

}  // namespace lanewise
