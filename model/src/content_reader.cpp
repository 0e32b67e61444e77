// SPDX-License-Identifier: MIT
#include "content_reader.hpp"

#include <algorithm>
#include <new>
#include <string>

namespace lanewise {
namespace {

constexpr std::array gzip_magic{std::byte{0x1f}, std::byte{0x8b}};
constexpr int gzip_window_bits = 15 + 16;  // zlib's code for: gzip only, largest window

bool starts_with_gzip_magic(const input_file& file, std::uint64_t offset) {
  std::array<std::byte, 2> bytes{};
  return file.read_at(offset, bytes) == bytes.size() && bytes == gzip_magic;
}

}  // namespace

content_reader::content_reader(const std::filesystem::path& file)
    : file_(file), gzip_(starts_with_gzip_magic(file_, 0)) {
  if (gzip_ && ::inflateInit2(&stream_, gzip_window_bits) != Z_OK) throw std::bad_alloc();
}

content_reader::~content_reader() {
  if (gzip_) ::inflateEnd(&stream_);
}

std::uint64_t content_reader::size_bound() const noexcept {
  constexpr std::uint64_t deflate_limit = 1032;  // a deflate stream grows by no more than this factor (zlib's FAQ)
  std::uint64_t bound = file_.size();
  if (gzip_ && __builtin_mul_overflow(bound, deflate_limit, &bound)) bound = UINT64_MAX;
  return bound;
}

std::size_t content_reader::read(std::span<std::byte> to) {
  if (gzip_) return unpack(to);
  const std::size_t count = file_.read_at(offset_, to);
  offset_ += count;
  return count;
}

std::size_t content_reader::unpack(std::span<std::byte> to) {
  constexpr std::size_t piece = std::size_t{1} << 30;  // zlib counts in 32 bits
  std::size_t done = 0;
  while (done < to.size() && !ended_) {
    const std::size_t room = std::min(piece, to.size() - done);
    stream_.next_out = reinterpret_cast<Bytef*>(to.data() + done);
    stream_.avail_out = static_cast<uInt>(room);
    inflate_some();
    done += room - stream_.avail_out;
  }
  return done;
}

void content_reader::refill() {
  const std::size_t count = file_.read_at(offset_, packed_);
  offset_ += count;
  stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
  stream_.avail_in = static_cast<uInt>(count);
}

void content_reader::inflate_some() {
  if (stream_.avail_in == 0) refill();
  switch (::inflate(&stream_, Z_NO_FLUSH)) {
    case Z_OK:
      return;
    case Z_STREAM_END:
      ended_ = true;
      return expect_end_of_file();
    case Z_MEM_ERROR:
      throw std::bad_alloc();
    case Z_BUF_ERROR:
      refuse("the gzip data is cut off at byte " + std::to_string(offset_) + "; get the file again");
    default:
      refuse(std::string("the gzip data is damaged (") + (stream_.msg != nullptr ? stream_.msg : "not gzip") +
             ") at byte " + std::to_string(offset_ - stream_.avail_in) + "; get the file again");
  }
}

void content_reader::expect_end_of_file() const {
  const std::uint64_t end = offset_ - stream_.avail_in;
  if (end == file_.size()) return;
  refuse((starts_with_gzip_magic(file_, end) ? "a second gzip member begins at byte "
                                             : "bytes that are not gzip follow the gzip data at byte ") +
         std::to_string(end) + "; the file must be one gzip member and nothing else");
}

}  // namespace lanewise
