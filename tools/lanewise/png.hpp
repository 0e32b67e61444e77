// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lanewise::cli {

// A grey picture, 0 black to 255 white, pixels [height * width], as the bytes of a PNG file. Throws io_error.
std::vector<std::byte> png_bytes(std::span<const std::uint8_t> pixels, std::size_t height, std::size_t width);

}  // namespace lanewise::cli
