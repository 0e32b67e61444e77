// SPDX-License-Identifier: MIT
// Thousands of malformed files through the loaders that the program uses: each is refused in one line that names it, and
// soon. A file counts once it was refused.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include <lanewise/model/data_files.hpp>
#include <lanewise/model/errors.hpp>
#include <lanewise/model/weights.hpp>

#include "../support/idx_bytes.hpp"
#include "../support/npy_bytes.hpp"
#include "../support/refusal.hpp"
#include "../support/temp_dir.hpp"
#include "example_model_file.hpp"

namespace lanewise::test {
namespace {

using std::filesystem::path;
using clock = std::chrono::steady_clock;

constexpr std::size_t fewest_refused = 2000;

// A data set or a model of which one file after the other is made malformed.
class malformed_files {
 public:
  using loader = std::function<void(const path&)>;

  explicit malformed_files(loader load) : load_(std::move(load)) {}

  void with(const std::string& name, const std::string& content) { write_file(dir_ / name, content); }

  void refuse(const std::string& name, const std::string& content) {
    const std::string good = read_file(dir_ / name);
    write_file(dir_ / name, content);
    refuse_as_it_lies(name);
    write_file(dir_ / name, good);
  }

  void refuse_as_it_lies(const std::string& name) {
    CAPTURE(name);
    const auto start = clock::now();
    const std::string text = refusal<malformed_error>(dir_ / name, [&] { load_(dir_.path()); });
    CHECK(clock::now() - start < std::chrono::seconds(1));
    refused_ += text.empty() ? 0 : 1;
  }

  void refuse_truncations(const std::string& name) {
    const std::string good = read_file(dir_ / name);
    for (std::size_t length = 0; length < good.size(); ++length) refuse(name, good.substr(0, length));
  }

  void refuse_flipped_bits(const std::string& name, std::size_t header_bytes) {
    const std::string good = read_file(dir_ / name);
    for (std::size_t bit = 0; bit < header_bytes * 8; ++bit) {
      CAPTURE(bit);
      std::string bytes = good;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      refuse(name, bytes);
    }
  }

  void refuse_trailing_bytes(const std::string& name) {
    const std::string good = read_file(dir_ / name);
    const std::vector<std::string> extras{std::string(1, '\0'), "\n", "x", std::string(70'000, '1'), good};
    for (const std::string& extra : extras)
      refuse(name, good + extra);
  }

  // In the file's place: nothing in it, a FIFO, devices. ::alarm ends a test run that waits for a writer.
  void refuse_what_is_no_file(const std::string& name) {
    const std::string good = read_file(dir_ / name);
    refuse(name, "");
    const path file = dir_ / name;
    std::filesystem::remove(file);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    ::alarm(30);
    refuse_as_it_lies(name);
    ::alarm(0);
    for (const char* device : {"/dev/null", "/dev/zero", "/dev/full"}) {
      std::filesystem::remove(file);
      std::filesystem::create_symlink(device, file);
      refuse_as_it_lies(name);
    }
    write_file(file, good);
  }

  std::size_t check_good_and_count() {
    CHECK_NOTHROW(load_(dir_.path()));  // what was refused was refused for the damage alone
    return refused_;
  }

 private:
  temp_dir dir_;
  loader load_;
  std::size_t refused_ = 0;
};

void load_set(const path& directory) { load_data_files(directory); }

std::size_t idx_files() {
  const std::string train_x = "train-images-idx3-ubyte", train_y = "train-labels-idx1-ubyte";
  malformed_files files(load_set);
  files.with(train_x, idx_bytes({3, 2, 2}));
  files.with(train_y, idx_bytes({3}, 10));
  files.with("t10k-images-idx3-ubyte.gz", gzip(idx_bytes({2, 2, 2})));
  files.with("t10k-labels-idx1-ubyte.gz", gzip(idx_bytes({2}, 10)));
  files.refuse_flipped_bits(train_x, 16);
  files.refuse_flipped_bits(train_y, 8);
  for (const std::string& name : {train_x, train_y, std::string("t10k-images-idx3-ubyte.gz"),
                                  std::string("t10k-labels-idx1-ubyte.gz")}) {
    files.refuse_truncations(name);
    files.refuse_trailing_bytes(name);
    files.refuse_what_is_no_file(name);
  }
  const std::vector<std::uint32_t> large{2, 65536, 0x7fffffff, 0x80000000, 0xffffffff};
  for (const std::uint32_t n : large)
    for (const std::uint32_t h : large)
      for (const std::uint32_t w : large) {
        if (n == 2 && h == 2 && w == 2) continue;
        const std::string overflowing = idx_header({n, h, w}) + std::string(12, '\0');
        files.refuse(train_x, overflowing);
        files.refuse("t10k-images-idx3-ubyte.gz", gzip(overflowing));
      }
  for (std::uint32_t n = 1; n < 20; ++n)
    if (n != 3) files.refuse(train_y, idx_bytes({n}, 10));
  const std::string zeros(std::size_t{1} << 24, '\0');
  files.refuse("t10k-images-idx3-ubyte.gz", gzip(idx_header({2, 2, 2}) + zeros));
  files.refuse("t10k-labels-idx1-ubyte.gz", gzip(idx_header({0xffffffff}) + zeros));
  files.refuse("t10k-labels-idx1-ubyte.gz", gzip(gzip(idx_bytes({2}, 10))));
  return files.check_good_and_count();
}

std::size_t npy_files() {
  const std::string bytes_x = npy_integers("|u1", "(3, 2, 2)", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  malformed_files files(load_set);
  files.with("x_train.npy", bytes_x);
  files.with("y_train.npy", npy_integers("<i8", "(3,)", {0, 1, 2}));
  files.with("x_test.npy", npy_floats("(2, 4)", {0, 0.2f, 0.4f, 0.6f, 0.8f, 1, 0.2f, 0.4f}));
  files.with("y_test.npy.gz", gzip(npy_integers(">u2", "(2, 1)", {1, 2}, 2)));
  for (const std::string name : {"x_train.npy", "y_train.npy", "x_test.npy"}) files.refuse_flipped_bits(name, 128);
  for (const std::string name : {"x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy.gz"}) {
    files.refuse_truncations(name);
    files.refuse_trailing_bytes(name);
    files.refuse_what_is_no_file(name);
  }
  const std::vector<std::string> large{"2", "65536", "4294967296", "9223372036854775808", "18446744073709551615",
                                       "18446744073709551616"};
  for (const std::string& n : large)
    for (const std::string& h : large)
      for (const std::string& w : large)
        files.refuse("x_train.npy", npy_header_bytes("|u1", "(" + n + ", " + h + ", " + w + ")") + "123456789012");
  for (std::int64_t n = 1; n < 20; ++n)
    if (n != 3)
      files.refuse("y_train.npy", npy_integers("|u1", "(" + std::to_string(n) + ",)",
                                               std::vector<std::int64_t>(static_cast<std::size_t>(n))));
  files.refuse("y_test.npy.gz", gzip(npy_integers("|u1", "(2,)", {1, 2}) + std::string(std::size_t{1} << 24, '\0')));
  files.refuse("y_test.npy.gz", gzip(npy_start(std::string(std::size_t{1} << 24, ' '), 2)));
  return files.check_good_and_count();
}

std::size_t csv_files() {
  const std::string text = "7,0,1,22,255\n0,9,99,200,7\n";
  malformed_files files(load_set);
  files.with("train.csv", text);
  files.with("test.csv.gz", gzip(text));
  for (std::size_t length = 0; length < text.size(); ++length)
    if (length != text.find('\n') + 1) files.refuse("train.csv", text.substr(0, length));
  files.refuse_truncations("test.csv.gz");
  for (std::size_t at = 0; at < text.size(); ++at)
    for (const char wrong : std::string("x -+.;\"'\t\v\0\x7f\xff", 13)) {
      std::string bytes = text;
      bytes[at] = wrong;
      files.refuse("train.csv", bytes);
    }
  for (const std::string line : {"1\n", "1,2,3,4\n", "1,2,3,4,5,6\n", "\n", ",,,,\n", "1,2,3,4,256\n", "1,2,3,4,5", "\r\n"})
    for (const std::string& content : {text + line, line + text}) files.refuse("train.csv", content);
  for (const std::string name : {"train.csv", "test.csv.gz"}) files.refuse_what_is_no_file(name);
  files.refuse_trailing_bytes("test.csv.gz");
  files.refuse("test.csv.gz", gzip(std::string(std::size_t{1} << 26, '0')));
  files.refuse("test.csv.gz", gzip(std::string(std::size_t{1} << 26, ',')));
  return files.check_good_and_count();
}

std::size_t model_files() {
  using namespace example;
  const std::string name = "model.safetensors";
  malformed_files files([](const path& directory) { load_weights(directory / "model.safetensors"); });
  files.with(name, file_of(padded(header), data));
  files.refuse_truncations(name);
  files.refuse_trailing_bytes(name);
  files.refuse_what_is_no_file(name);
  files.refuse_flipped_bits(name, 8);
  for (const std::string dim : {"0", "1", "3", "4294967296", "4611686018427387906", "18446744073709551615"})
    for (const std::string place : {"[2,3]", "[2]"})
      files.refuse(name, file_of(padded(replaced(header, place, "[" + dim + (place == "[2]" ? "]" : ",3]"))), data));
  return files.check_good_and_count();
}

TEST_CASE("malformed files: thousands through the program's loaders, each refused in a line") {
  const std::size_t refused = idx_files() + npy_files() + csv_files() + model_files();
  MESSAGE(refused << " malformed files were refused");
  CHECK(refused >= fewest_refused);
  count("malformed files through the program's loaders, all refused", refused);
}

}  // namespace
}  // namespace lanewise::test
