// SPDX-License-Identifier: MIT
// Labelled images as comma-separated values: a line an image, the label first, then its pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace lanewise {

struct csv_u8 {
  std::size_t pixels_per_image = 0;
  std::vector<std::uint8_t> labels;
  std::vector<std::uint8_t> pixels;  // images after each other
};

// Reads a CSV file, plain or gzip (told by content), of whole numbers 0 .. 255 without spaces or quotes. Every line has
// as many columns as the first, at least two, and ends in a line feed, which may have a carriage return before it. A
// first line whose fields are all no numbers is a header. At most max_bytes of pixels, lines of at most 2^24 bytes.
// Throws not_found_error, malformed_error ("FILE: line 3, column 5: ...") or io_error.
csv_u8 read_csv(const std::filesystem::path& file, std::size_t max_bytes = std::size_t{1} << 30);

}  // namespace lanewise
