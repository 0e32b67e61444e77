// SPDX-License-Identifier: MIT
#include "data_directory.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include <lanewise/model/errors.hpp>

#include "posix.hpp"

namespace lanewise {
namespace {

using std::filesystem::path;

constexpr const char* what_to_do = "; put the four MNIST files there or pass --data DIR; --data digits needs none";

bool contains(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }

// Some archives unpack to a directory of the same name as the file inside it, so directories are passed over. Anything
// else that cannot be examined is left to the reader, which then says why.
bool may_be_a_file(const path& candidate) {
  std::error_code error;
  const auto type = std::filesystem::status(candidate, error).type();
  return type != std::filesystem::file_type::not_found && type != std::filesystem::file_type::directory;
}

// `stem` and `kind` as in train-images-idx3-ubyte: "train-images", "idx3".
std::optional<path> find_mnist_file(std::span<const path> places, const std::string& stem, const std::string& kind) {
  for (const path& place : places)
    for (const char* separator : {"-", "."})
      for (const char* ending : {"", ".gz"}) {
        path candidate = place / (stem + separator + kind + "-ubyte" + ending);
        if (may_be_a_file(candidate)) return candidate;
      }
  return std::nullopt;
}

// As names are compared: in lower case, without .gz.
std::string plain_name(const path& file) {
  std::string name = file.filename().native();
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name;
}

struct candidate {
  path file;
  bool images = false;
  bool labels = false;
};

bool is_idx(std::string_view name, const std::string& what, const std::string& kind) {
  return contains(name, what) && (name.ends_with("-" + kind + "-ubyte") || name.ends_with("." + kind + "-ubyte"));
}

candidate judge(const path& file) {
  const std::string name = plain_name(file);
  const bool npy = name.ends_with(".npy"), csv = name.ends_with(".csv");
  const bool keras_x = name == "x_train.npy" || name == "x_test.npy";
  const bool keras_y = name == "y_train.npy" || name == "y_test.npy";
  const bool images = is_idx(name, "images", "idx3") || (npy && contains(name, "images")) || keras_x;
  const bool labels = is_idx(name, "labels", "idx1") || (npy && contains(name, "labels")) || keras_y;
  return {file, images || csv, labels || csv};
}

bool belongs_to(const path& file, part which) {
  const std::string name = plain_name(file);
  const bool train = contains(name, "train");
  return which == part::train ? train : !train && (contains(name, "t10k") || contains(name, "test"));
}

// Sorted, so that the same files give the same message everywhere; .gz files that lie there plain are left out.
std::vector<candidate> candidates_in(const path& place, part which) {
  std::vector<candidate> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(place, error), end; !error && entry != end; entry.increment(error))
    if (belongs_to(entry->path(), which) && may_be_a_file(entry->path())) found.push_back(judge(entry->path()));
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    throw_io_error(place, "cannot be listed", error.value());
  std::sort(found.begin(), found.end(), [](const candidate& a, const candidate& b) { return a.file < b.file; });
  const std::vector<candidate> all = found;
  std::erase_if(found, [&](const candidate& c) {
    const bool packed = c.file.extension() == ".gz";
    return packed && std::any_of(all.begin(), all.end(), [&](const candidate& other) {
             return other.file.native() + ".gz" == c.file.native();
           });
  });
  return found;
}

// Empty if there is none.
path only_one(std::span<const candidate> candidates, bool candidate::*role, const std::string& what) {
  path one;
  for (const candidate& c : candidates) {
    if (!(c.*role)) continue;
    if (!one.empty())
      throw not_found_error(shown(one) + " and " + shown(c.file) + ": both may be the " + what +
                            "; leave one of them there or pass --data DIR with another directory");
    one = c.file;
  }
  return one;
}

}  // namespace

file_format format_of(const path& file) {
  const std::string name = plain_name(file);
  if (name.ends_with(".npy")) return file_format::npy;
  return name.ends_with(".csv") ? file_format::csv : file_format::idx;
}

data_directory::data_directory(const path& directory) : places_{directory, directory / "MNIST" / "raw"} {
  std::error_code error;
  const auto type = std::filesystem::status(directory, error).type();
  if (type == std::filesystem::file_type::not_found)
    throw not_found_error(shown(directory) + ": no such directory" + what_to_do);
  if (!error && type != std::filesystem::file_type::directory)
    throw not_found_error(shown(directory) + ": is not a directory" + what_to_do);
}

part_files data_directory::find(part which) {
  const std::string mnist = which == part::train ? "train" : "t10k", text = which == part::train ? "training" : "test";
  const std::optional<path> images = find_mnist_file(places_, mnist + "-images", "idx3");
  const std::optional<path> labels = find_mnist_file(places_, mnist + "-labels", "idx1");
  if (images && labels) return {*images, *labels, true};

  part_files files;
  for (const path& place : places_) {
    const std::vector<candidate> candidates = candidates_in(place, which);
    if (files.images.empty()) files.images = only_one(candidates, &candidate::images, text + " images");
    if (files.labels.empty()) files.labels = only_one(candidates, &candidate::labels, text + " labels");
  }
  if (files.images.empty()) miss(mnist + "-images-idx3-ubyte[.gz]");
  if (files.labels.empty()) miss(mnist + "-labels-idx1-ubyte[.gz]");
  return files;
}

void data_directory::require_all_found() const {
  if (!missing_.empty())
    throw not_found_error(shown(places_[0]) + ": no " + missing_ + " in it or in " + shown(places_[1]) + what_to_do);
}

}  // namespace lanewise
