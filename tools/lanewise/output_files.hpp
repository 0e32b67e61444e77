// SPDX-License-Identifier: MIT
// What would keep a command from writing its files, found before the work and not after it.
#pragma once

#include <cstdint>
#include <filesystem>

namespace lanewise::cli {

// Throws usage_error if --out names something that is there and no directory.
void require_directory_name(const std::filesystem::path& out);

// Whether a file of this name can be put there. Symbolic links are replaced and not followed, wherever they lead.
// Throws io_error.
void require_creatable(const std::filesystem::path& file);

// The same for a file and for FILE.prev, where replace_file() keeps the old one.
void require_replaceable(const std::filesystem::path& file);

// Throws io_error if that many bytes are not free.
void require_space(const std::filesystem::path& directory, std::uintmax_t bytes);

}  // namespace lanewise::cli
