// SPDX-License-Identifier: MIT
#include <lanewise/model/npy.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "array_content.hpp"
#include "huge_pages.hpp"
#include "npy_header.hpp"

namespace lanewise {
namespace {

std::vector<std::uint8_t> read_raw(content_reader& content, const npy_header& header, std::size_t max_bytes) {
  std::vector<std::uint8_t> raw = bytes_in_huge_pages(
      promised_bytes(content, {header.dims, header.value_bytes, header.header_bytes, "header: "}, max_bytes));
  read_promised(content, std::as_writable_bytes(std::span(raw)));
  return raw;
}

// Value i as an integer whose low bytes are those in the file.
std::uint64_t bits_at(std::span<const std::uint8_t> raw, const npy_header& header, std::size_t i) {
  const std::span<const std::uint8_t> bytes = raw.subspan(i * header.value_bytes, header.value_bytes);
  std::uint64_t bits = 0;
  for (std::size_t b = 0; b < bytes.size(); ++b)
    bits = bits << 8 | bytes[header.big_endian ? b : bytes.size() - 1 - b];
  return bits;
}

std::optional<std::uint8_t> pixel_of(float value, bool all_up_to_1) {
  constexpr float near = 1e-4f;
  const float level = all_up_to_1 ? std::nearbyint(value * 255) : value;
  // Also false for NaN.
  const bool is_level = level >= 0 && level <= 255 && level == std::nearbyint(level);
  if (!is_level || (all_up_to_1 && std::abs(value - level / 255) > near)) return std::nullopt;
  return static_cast<std::uint8_t>(level);
}

std::vector<std::uint8_t> pixels_from_floats(const content_reader& content, const npy_header& header,
                                             std::span<const std::uint8_t> raw) {
  std::vector<float> floats(raw.size() / sizeof(float));
  for (std::size_t i = 0; i < floats.size(); ++i)
    floats[i] = std::bit_cast<float>(static_cast<std::uint32_t>(bits_at(raw, header, i)));
  const bool all_up_to_1 = std::all_of(floats.begin(), floats.end(), [](float f) { return f >= 0 && f <= 1; });
  std::vector<std::uint8_t> pixels = bytes_in_huge_pages(floats.size());
  for (std::size_t i = 0; i < floats.size(); ++i) {
    const std::optional<std::uint8_t> pixel = pixel_of(floats[i], all_up_to_1);
    if (!pixel)
      content.refuse("value " + std::to_string(i) + " is " + std::to_string(floats[i]) +
                     ", which is no pixel: all must be k / 255 within 1e-4, or all whole numbers 0 .. 255");
    pixels[i] = *pixel;
  }
  return pixels;
}

std::vector<std::uint8_t> labels_from_integers(const content_reader& content, const npy_header& header,
                                               std::span<const std::uint8_t> raw) {
  std::vector<std::uint8_t> labels(raw.size() / header.value_bytes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::uint64_t bits = bits_at(raw, header, i);  // of a negative number: 128 or more
    const std::uint64_t highest = header.kind == 'i' && header.value_bytes == 1 ? 127 : 255;
    if (bits > highest) content.refuse("label " + std::to_string(i) + " is not in 0 .. 255");
    labels[i] = static_cast<std::uint8_t>(bits);
  }
  return labels;
}

}  // namespace

npy_u8 read_npy_images(const std::filesystem::path& file, std::size_t max_bytes) {
  content_reader content(file);
  npy_header header = read_npy_header(content);
  if (header.kind != 'f' && !(header.kind == 'u' && header.value_bytes == 1))
    content.refuse("header: images of integers that are not uint8; save them as uint8 or float32");
  const std::size_t rank = header.dims.size();
  if (rank < 2 || rank > 4 || (rank == 4 && header.dims[1] != 1))
    content.refuse("header: images have the shape (n, height, width), (n, 1, height, width) or (n, pixels)");
  std::vector<std::uint8_t> values = read_raw(content, header, max_bytes);
  if (header.kind == 'f') values = pixels_from_floats(content, header, values);
  if (rank == 4) header.dims.erase(header.dims.begin() + 1);
  return {std::move(header.dims), std::move(values)};
}

npy_u8 read_npy_labels(const std::filesystem::path& file, std::size_t max_bytes) {
  content_reader content(file);
  const npy_header header = read_npy_header(content);
  if (header.kind == 'f') content.refuse("header: labels of type float32; save them as integers");
  if (header.dims.size() != 1 && !(header.dims.size() == 2 && header.dims[1] == 1))
    content.refuse("header: labels have the shape (n,) or (n, 1)");
  return {{header.dims[0]}, labels_from_integers(content, header, read_raw(content, header, max_bytes))};
}

}  // namespace lanewise
