// SPDX-License-Identifier: MIT
#include "png.hpp"

#include <string>

#include <png.h>

#include <lanewise/model/errors.hpp>

namespace lanewise::cli {

std::vector<std::byte> png_bytes(std::span<const std::uint8_t> pixels, std::size_t height, std::size_t width) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::byte> bytes(size);
  // Row stride 0: the rows follow each other without gaps.
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr) == 0)
    throw io_error(std::string("the picture cannot be made: ") + image.message);
  bytes.resize(size);
  return bytes;
}

}  // namespace lanewise::cli
