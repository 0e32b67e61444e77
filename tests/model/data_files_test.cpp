// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <lanewise/model/data_files.hpp>
#include <lanewise/model/errors.hpp>

#include "../support/idx_bytes.hpp"
#include "../support/npy_bytes.hpp"
#include "../support/refusal.hpp"
#include "../support/temp_dir.hpp"

namespace lanewise::test {
namespace {

using std::filesystem::path;

struct mnist_content {
  std::string train_images = idx_bytes({6, 2, 3});
  std::string train_labels = idx_bytes({6}, 10);
  std::string test_images = idx_bytes({4, 2, 3});
  std::string test_labels = idx_bytes({4}, 10);
};

path write_mnist(const path& directory, const mnist_content& content, const std::string& separator = "-",
                 const std::string& ending = "") {
  std::filesystem::create_directories(directory);
  write_file(directory / ("train-images" + separator + "idx3-ubyte" + ending), content.train_images);
  write_file(directory / ("train-labels" + separator + "idx1-ubyte" + ending), content.train_labels);
  write_file(directory / ("t10k-images" + separator + "idx3-ubyte" + ending), content.test_images);
  write_file(directory / ("t10k-labels" + separator + "idx1-ubyte" + ending), content.test_labels);
  return directory;
}

void check_is_written_mnist(const path& directory) {
  const train_and_test data = load_data_files(directory);
  CHECK(data.train.size() == 6);
  CHECK(data.test.size() == 4);
  CHECK(data.train.height() == 2);
  CHECK(data.train.width() == 3);
  CHECK(data.train.image(5)[5] == 35);
  CHECK(data.test.label(3) == 3);
}

TEST_CASE("load_data_files: both names, plain and gzip, in the directory and in MNIST/raw") {
  const mnist_content plain;
  const mnist_content packed{gzip(plain.train_images), gzip(plain.train_labels), gzip(plain.test_images),
                             gzip(plain.test_labels)};
  for (const std::string place : {".", "MNIST/raw"})
    for (const std::string separator : {"-", "."}) {
      const temp_dir a, b;
      write_mnist(a / place, plain, separator);
      check_is_written_mnist(a.path());
      write_mnist(b / place, packed, separator, ".gz");
      check_is_written_mnist(b.path());
    }
}

TEST_CASE("load_data_files: directories with the files' names are passed over") {
  const temp_dir dir;
  write_mnist(dir.path(), {}, ".");
  std::filesystem::create_directory(dir / "train-images-idx3-ubyte");
  check_is_written_mnist(dir.path());
}

TEST_CASE("load_data_files: what is missing is named, and where it was looked for, and what to do") {
  const temp_dir dir;
  const auto load = [](const path& directory) { return [directory] { load_data_files(directory); }; };
  check_refusal<not_found_error>(dir / "no", "no such directory; put the four MNIST files there or pass --data DIR",
                                 load(dir / "no"));
  const path file = write_file(dir / "file", "x");
  check_refusal<not_found_error>(file, "is not a directory; put the four", load(file));

  write_mnist(dir.path(), {});
  std::filesystem::remove(dir / "train-labels-idx1-ubyte");
  std::filesystem::remove(dir / "t10k-images-idx3-ubyte");
  check_refusal<not_found_error>(dir.path(), "no train-labels-idx1-ubyte[.gz], t10k-images-idx3-ubyte[.gz] in it or in",
                                 load(dir.path()));
  check_refusal<not_found_error>(dir.path() / "MNIST" / "raw", "pass --data DIR", load(dir.path()));
}

TEST_CASE("load_data_files: files that are there but wrong are named") {
  const temp_dir dir;
  const auto load = [&] { load_data_files(dir.path()); };
  const auto check = [&](const char* file, const std::string& reason, const mnist_content& content) {
    write_mnist(dir.path(), content);
    check_refusal<malformed_error>(dir / file, reason, load);
  };
  mnist_content content;
  content.train_labels = idx_bytes({5}, 10);
  check("train-images-idx3-ubyte", "has 6 images, but ", content);
  check("train-labels-idx1-ubyte", "has 5 labels", content);

  content = {};
  content.test_labels = idx_header({4}) + std::string{9, 0, 10, 0};
  check("t10k-labels-idx1-ubyte", "label 10 of image 2 is not below the number of classes, 10", content);

  content = {};
  content.test_images = idx_bytes({4, 3, 3});
  check("train-images-idx3-ubyte", "images of 2 x 3, but ", content);
  check("t10k-images-idx3-ubyte", "of 3 x 3", content);
  content.test_images = idx_bytes({4, 2, 4});
  check("t10k-images-idx3-ubyte", "of 2 x 4", content);

  content = {};
  std::swap(content.train_images, content.train_labels);
  check("train-images-idx3-ubyte", "1 dimensions, expected 3", content);
}

// Each holds 6 training and 4 test images of 2 x 2, labels below 3.
using file_list = std::vector<std::pair<std::string, std::string>>;

std::vector<std::int64_t> labels_of(std::size_t count) {
  std::vector<std::int64_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) labels[i] = static_cast<std::int64_t>(i % 3);
  return labels;
}

std::string npy_images(std::size_t count) {
  std::vector<std::int64_t> pixels(4 * count);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::int64_t>(i);
  return npy_integers("|u1", "(" + std::to_string(count) + ", 2, 2)", pixels);
}

std::string npy_labels(std::size_t count) {
  return npy_integers("<i8", "(" + std::to_string(count) + ",)", labels_of(count));
}

std::string csv_lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += std::to_string(i % 3);
    for (std::size_t p = 0; p < 4; ++p) (text += ',') += std::to_string(4 * i + p);
    text += '\n';
  }
  return text;
}

file_list idx_files(const std::string& before, const std::string& train, const std::string& test,
                    const std::string& separator, const std::string& ending = "") {
  const auto name = [&](const std::string& part, const std::string& what) {
    return before + part + what.substr(0, 7) + separator + what.substr(7) + "-ubyte" + ending;
  };
  return {{name(train, "-imagesidx3"), idx_bytes({6, 2, 2})},
          {name(train, "-labelsidx1"), idx_bytes({6}, 3)},
          {name(test, "-imagesidx3"), idx_bytes({4, 2, 2})},
          {name(test, "-labelsidx1"), idx_bytes({4}, 3)}};
}

file_list npy_files(const std::string& train_x, const std::string& train_y, const std::string& test_x,
                    const std::string& test_y) {
  return {{train_x, npy_images(6)}, {train_y, npy_labels(6)}, {test_x, npy_images(4)}, {test_y, npy_labels(4)}};
}

void write_files(const path& directory, const file_list& files) {
  std::filesystem::create_directories(directory);
  for (const auto& [name, content] : files)
    write_file(directory / name, name.ends_with(".gz") ? gzip(content) : content);
}

void check_is_written_set(const path& directory, std::size_t classes) {
  const train_and_test data = load_data_files(directory);
  const dataset test = load_test_files(directory);
  CHECK(data.train.size() == 6);
  CHECK(data.train.height() == 2);
  CHECK(data.train.width() == 2);
  CHECK(data.train.image(5)[3] == 23);
  CHECK(data.train.label(5) == 2);
  CHECK(data.train.classes() == classes);
  for (const dataset* set : {&data.test, &test}) {
    CHECK(set->size() == 4);
    CHECK(set->image(3)[0] == 12);
    CHECK(set->label(2) == 2);
    CHECK(set->classes() == classes);
  }
}

TEST_CASE("load_data_files: other data sets, found by their names") {
  const std::vector<file_list> sets{
      idx_files("emnist-digits-", "train", "test", "-", ".gz"),
      idx_files("kmnist_", "train", "t10k", "."),
      idx_files("K-", "TRAIN", "Test", "-", ".gz"),
      npy_files("train_images.npy", "train_labels.npy", "t10k_images.npy", "t10k_labels.npy"),
      npy_files("k49-train-images.npy", "k49-train-labels.npy", "k49-test-images.npy", "k49-test-labels.npy"),
      npy_files("x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy"),
      npy_files("X_train.npy.gz", "y_train.npy", "X_test.npy", "y_test.npy.gz"),
      {{"mnist_train.csv", "label,a,b,c,d\n" + csv_lines(6)}, {"mnist_test.csv", csv_lines(4)}},
      {{"train.csv.gz", csv_lines(6)}, {"test.csv", csv_lines(4)}},
      {{"train.csv", csv_lines(6)}, {"x_test.npy", npy_images(4)}, {"y_test.npy", npy_labels(4)}},
  };
  for (const file_list& files : sets)
    for (const std::string place : {".", "MNIST/raw"}) {
      CAPTURE(files[0].first);
      const temp_dir dir;
      write_files(dir / place, files);
      write_file(dir / "README-train-images.txt", "not data");
      std::filesystem::create_directory(dir / "train.csv.d");
      check_is_written_set(dir.path(), 3);
    }
}

TEST_CASE("load_data_files: MNIST's names win over others, and plain files over .gz") {
  const temp_dir dir;
  write_files(dir.path(), idx_files("", "train", "t10k", "-"));
  write_files(dir.path(), {{"train.csv", "broken"}, {"old-train-images-idx3-ubyte", "broken"}, {"x_test.npy", "broken"}});
  check_is_written_set(dir.path(), 10);

  const temp_dir both;
  write_files(both.path(), npy_files("x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy"));
  write_files(both.path(), {{"x_train.npy.gz", "broken"}, {"y_test.npy.gz", "broken"}});
  check_is_written_set(both.path(), 3);
}

TEST_CASE("load_data_files: two files for one thing are both named") {
  const auto check = [](const file_list& files, const std::string& one, const std::string& two, const std::string& what) {
    const temp_dir dir;
    write_files(dir.path(), files);
    const auto load = [&] { load_data_files(dir.path()); };
    check_refusal<not_found_error>(dir / one, "both may be the " + what + "; leave one of them there", load);
    check_refusal<not_found_error>(dir / two, " and ", load);
  };
  file_list files = idx_files("a-", "train", "test", "-");
  files.emplace_back("b-train-images-idx3-ubyte.gz", idx_bytes({6, 2, 2}));
  check(files, "a-train-images-idx3-ubyte", "b-train-images-idx3-ubyte.gz", "training images");
  files.pop_back();
  files.emplace_back("some_test_labels.npy", npy_labels(4));
  check(files, "a-test-labels-idx1-ubyte", "some_test_labels.npy", "test labels");
  check({{"a_train.csv", csv_lines(6)}, {"b_train.csv", csv_lines(6)}, {"test.csv", csv_lines(4)}}, "a_train.csv",
        "b_train.csv", "training images");
  check({{"train.csv", csv_lines(6)}, {"x_train.npy", npy_images(6)}, {"test.csv", csv_lines(4)}}, "train.csv",
        "x_train.npy", "training images");
}

TEST_CASE("load_data_files: pixels in a row are a square if they can be") {
  const auto sizes = [](std::size_t pixels) {
    const temp_dir dir;
    std::string line = "0";
    for (std::size_t i = 0; i < pixels; ++i) line += ",1";
    write_files(dir.path(), {{"train.csv", line + '\n'}, {"test.csv", line + '\n'}});
    const dataset images = load_data_files(dir.path()).train;
    return std::pair(images.height(), images.width());
  };
  CHECK(sizes(784) == std::pair<std::size_t, std::size_t>(28, 28));
  CHECK(sizes(1) == std::pair<std::size_t, std::size_t>(1, 1));
  CHECK(sizes(783) == std::pair<std::size_t, std::size_t>(1, 783));
  CHECK(sizes(2) == std::pair<std::size_t, std::size_t>(1, 2));
}

TEST_CASE("load_data_files: the real MNIST") {
  const char* directory = std::getenv("LANEWISE_DATA");
  if (directory == nullptr) {
    MESSAGE("skipped: LANEWISE_DATA is not set");
    return;
  }
  const train_and_test data = load_data_files(directory);
  CHECK(data.train.size() == 60'000);
  CHECK(data.test.size() == 10'000);
  CHECK(data.train.height() == 28);
  CHECK(data.train.width() == 28);
  CHECK(data.train.label(0) == 5);
  CHECK(data.test.label(0) == 7);
  std::array<std::size_t, 10> digits{};
  for (std::size_t i = 0; i < data.train.size(); ++i) ++digits[static_cast<std::size_t>(data.train.label(i))];
  CHECK(digits == std::array<std::size_t, 10>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949});
}

}  // namespace
}  // namespace lanewise::test
