// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <lanewise/model/data.hpp>
#include <lanewise/model/errors.hpp>

#include "../support/bits.hpp"
#include "../support/child_process.hpp"
#include "../support/idx_bytes.hpp"
#include "../support/refusal.hpp"
#include "../support/temp_dir.hpp"

namespace lanewise::test {
namespace {

using std::filesystem::path;

// All 256 pixel values: 4 images of 8 x 8.
dataset every_pixel() {
  std::vector<std::uint8_t> pixels(256);
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  return {"every pixel", 8, 8, 10, pixels, {9, 0, 3, 7}};
}

TEST_CASE("dataset: sizes, images and labels") {
  const dataset data = every_pixel();
  CHECK(data.size() == 4);
  CHECK(data.height() == 8);
  CHECK(data.width() == 8);
  CHECK(data.inputs() == 64);
  CHECK(data.classes() == 10);
  CHECK(data.image(2).size() == 64);
  CHECK(data.image(2)[1] == 129);
  CHECK(data.label(0) == 9);
  CHECK(data.label(3) == 7);
}

TEST_CASE("dataset: sizes that do not fit and labels out of range are refused") {
  const auto make = [](std::size_t height, std::size_t width, std::size_t pixels, std::vector<std::uint8_t> labels) {
    return [=] { dataset("name", height, width, 10, std::vector<std::uint8_t>(pixels), labels); };
  };
  constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();
  CHECK_NOTHROW(make(2, 3, 12, {0, 9})());
  CHECK_NOTHROW(make(2, 3, 0, {})());
  CHECK_NOTHROW(dataset("name", 2, 3, max_classes, std::vector<std::uint8_t>(6), {255}));
  check_refusal<std::invalid_argument>("name", "257 classes, but labels are bytes",
                                       [] { dataset("name", 2, 3, 257, std::vector<std::uint8_t>(6), {255}); });
  const std::string sizes = "do not make images";
  check_refusal<malformed_error>("name", sizes, make(2, 3, 11, {0, 9}));
  check_refusal<malformed_error>("name", sizes, make(2, 3, 13, {0, 9}));
  check_refusal<malformed_error>("name", sizes, make(2, 3, 12, {0}));
  check_refusal<malformed_error>("name", sizes, make(0, 3, 0, {0}));
  check_refusal<malformed_error>("name", sizes, make(huge, huge, 1, {0}));
  check_refusal<malformed_error>("name", sizes, make(huge / 2 + 1, 1, 0, {0, 0}));
  check_refusal<malformed_error>("name", "label 10 of image 1", make(2, 3, 12, {9, 10}));
  check_refusal<malformed_error>("name", "label 255 of image 0", make(2, 3, 12, {255, 0}));
}

TEST_CASE("gather: float(u8) / 255.0f for every value, rows in the order asked for, nothing beside them") {
  const dataset data = every_pixel();
  const std::vector<std::uint32_t> indices{3, 0, 0, 2, 1};
  constexpr std::size_t stride = 80;
  std::vector<float> values(indices.size() * stride, -1.0f);
  std::vector<std::int32_t> labels(indices.size(), -1);
  data.gather(indices, matrix_view<float>(values.data(), indices.size(), data.inputs(), stride), labels);

  CHECK(labels == std::vector<std::int32_t>{7, 9, 9, 3, 0});
  std::vector<float> expected(values.size(), -1.0f);
  for (std::size_t r = 0; r < indices.size(); ++r)
    for (std::size_t j = 0; j < 64; ++j) expected[r * stride + j] = static_cast<float>(indices[r] * 64 + j) / 255.0f;
  CHECK(difference(values, expected) == "");
  CHECK(values[0 * stride + 63] == 1.0f);
}

TEST_CASE("gather: shapes and indices that do not fit go to the contract handler") {
  const dataset data = every_pixel();
  const auto violates = [&](std::vector<std::uint32_t> indices, std::size_t rows, std::size_t cols,
                            std::size_t labels) {
    constexpr int violated = 3;
    const int status = run_in_child([&] {
      set_contract_handler([](const char*) noexcept { ::_exit(violated); });
      std::vector<float> x(1000);
      std::vector<std::int32_t> y(labels);
      data.gather(indices, matrix_view<float>(x.data(), rows, cols), y);
      return 0;
    });
    return exited_with(status, violated);
  };
  CHECK_FALSE(violates({0, 3}, 2, 64, 2));
  CHECK(violates({0, 3}, 1, 64, 2));
  CHECK(violates({0, 3}, 2, 63, 2));
  CHECK(violates({0, 3}, 2, 64, 1));
  CHECK(violates({0, 4}, 2, 64, 2));
  CHECK(violates({0, 0xffffffff}, 2, 64, 2));
}

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
  const train_and_test data = load_mnist(directory);
  CHECK(data.train.size() == 6);
  CHECK(data.test.size() == 4);
  CHECK(data.train.height() == 2);
  CHECK(data.train.width() == 3);
  CHECK(data.train.image(5)[5] == 35);
  CHECK(data.test.label(3) == 3);
}

TEST_CASE("load_mnist: both names, plain and gzip, in the directory and in MNIST/raw") {
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

TEST_CASE("load_mnist: directories with the files' names are passed over") {
  const temp_dir dir;
  write_mnist(dir.path(), {}, ".");
  std::filesystem::create_directory(dir / "train-images-idx3-ubyte");
  check_is_written_mnist(dir.path());
}

TEST_CASE("load_mnist: what is missing is named, and where it was looked for, and what to do") {
  const temp_dir dir;
  const auto load = [](const path& directory) { return [directory] { load_mnist(directory); }; };
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

TEST_CASE("load_mnist: files that are there but wrong are named") {
  const temp_dir dir;
  const auto load = [&] { load_mnist(dir.path()); };
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

TEST_CASE("load_mnist: the real MNIST") {
  const char* directory = std::getenv("LANEWISE_DATA");
  if (directory == nullptr) {
    MESSAGE("skipped: LANEWISE_DATA is not set");
    return;
  }
  const train_and_test data = load_mnist(directory);
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
