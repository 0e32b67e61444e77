// SPDX-License-Identifier: MIT
#include "output_files.hpp"

#include <system_error>

#include <fmt/format.h>

#include <lanewise/model/errors.hpp>

#include "exit_codes.hpp"
#include "text.hpp"

namespace lanewise::cli {

void require_directory_name(const std::filesystem::path& out) {
  std::error_code error;
  const auto status = std::filesystem::status(out, error);
  if (exists(status) && !is_directory(status))
    throw usage_error(fmt::format("--out {}: is a file; name a directory, which may be a new one", out.string()));
}

void require_creatable(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::symlink_status(file, error);
  if (error && status.type() != std::filesystem::file_type::not_found)
    throw io_error(file.string() + ": cannot be examined: " + error.message() + "; choose another --out");
  if (exists(status) && !is_regular_file(status) && !is_symlink(status))
    throw io_error(fmt::format("{}: is {}, so the file cannot be written; remove it or choose another --out",
                               file.string(), is_directory(status) ? "a directory" : "not a regular file"));
}

void require_replaceable(const std::filesystem::path& file) {
  require_creatable(file);
  require_creatable(file.string() + ".prev");
}

void require_space(const std::filesystem::path& directory, std::uintmax_t bytes) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(directory, error);
  if (!error && space.available < bytes)
    throw io_error(fmt::format("{}: {} bytes free, the run needs {}; free some or choose another --out",
                               directory.string(), thousands(space.available), thousands(bytes)));
}

}  // namespace lanewise::cli
