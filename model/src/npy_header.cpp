// SPDX-License-Identifier: MIT
#include "npy_header.hpp"

#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "posix.hpp"

namespace lanewise {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t longest_text = 64 * 1024;
constexpr auto magic = "\x93NUMPY"sv;

// Reads the text from front to back. What it does not know it refuses.
class dictionary_reader {
 public:
  dictionary_reader(const content_reader& content, std::string_view text, std::size_t offset)
      : content_(content), text_(text), offset_(offset) {}

  npy_header read() {
    expect('{');
    while (!accept('}')) {
      read_entry();
      if (!accept(',') && next() != '}') fail("expected , or }");
    }
    if (!has_type_ || !has_order_ || !has_shape_) fail("descr, fortran_order and shape must all be there");
    if (text_.substr(at_) != "\n") fail("expected the end of the header, a line feed");
    return header_;
  }

 private:
  void read_entry() {
    const std::string_view key = read_string();
    expect(':');
    if (key == "descr" && !has_type_)
      read_type();
    else if (key == "fortran_order" && !has_order_)
      read_order();
    else if (key == "shape" && !has_shape_)
      read_shape();
    else
      fail("the key " + in_quotes(key) + " is unknown or there twice");
  }

  // As '<f4': byte order, kind, bytes. Single bytes have no order, which NumPy writes as |.
  void read_type() {
    has_type_ = true;
    if (next() == '[') content_.refuse("header: records are not supported; save an array of one type");
    const std::string_view type = read_string();
    const std::size_t bytes = type.size() == 3 && type[2] > '0' ? static_cast<std::size_t>(type[2] - '0') : 0;
    const bool order_fits = bytes == 1 ? type[0] == '|' : bytes != 0 && (type[0] == '<' || type[0] == '>');
    const bool whole = order_fits && (type[1] == 'u' || type[1] == 'i') && bytes <= 8 && (bytes & (bytes - 1)) == 0;
    if (!whole && !(order_fits && type[1] == 'f' && bytes == 4))
      content_.refuse("header: values of type " + in_quotes(type) +
                      " are not supported; images are uint8 or float32, labels integers");
    header_.kind = type[1];
    header_.value_bytes = bytes;
    header_.big_endian = type[0] == '>';
  }

  void read_order() {
    has_order_ = true;
    if (accept("True"sv))
      content_.refuse("header: fortran_order is True; save the array in C order (numpy.ascontiguousarray)");
    if (!accept("False"sv)) fail("fortran_order must be True or False");
  }

  void read_shape() {
    has_shape_ = true;
    expect('(');
    while (!accept(')')) {
      read_dimension();
      const bool comma = accept(',');
      if (!comma && (header_.dims.size() == 1 || next() != ')')) fail("shape must be a tuple, as (1000, 28, 28)");
    }
  }

  void read_dimension() {
    next();
    std::size_t value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || (*begin == '0' && end != begin + 1)) fail("expected a whole number below 2^64");
    if (value == 0) content_.refuse("header: dimension " + std::to_string(header_.dims.size()) + " is 0");
    at_ += static_cast<std::size_t>(end - begin);
    header_.dims.push_back(value);
  }

  std::string_view read_string() {
    const char quote = next();
    if (quote != '\'' && quote != '"') fail("expected a text in quotes");
    const std::size_t begin = at_ + 1, end = text_.find(quote, begin);
    if (end == std::string_view::npos) fail("a text in quotes has no end");
    at_ = end + 1;
    return text_.substr(begin, end - begin);
  }

  // The next character that is no space; it stays the next. NUL at the end.
  char next() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char wanted) { return accept(std::string_view(&wanted, 1)); }
  bool accept(std::string_view wanted) {
    next();
    const bool there = text_.substr(at_).starts_with(wanted);
    if (there) at_ += wanted.size();
    next();
    return there;
  }
  void expect(char wanted) {
    if (!accept(wanted)) fail(std::string("expected ") + wanted);
  }
  [[noreturn]] void fail(const std::string& problem) const {
    content_.refuse("byte " + std::to_string(offset_ + at_) + ": the header is not what NumPy writes: " + problem);
  }

  const content_reader& content_;
  std::string_view text_;
  std::size_t offset_;  // of the text in the file
  std::size_t at_ = 0;
  bool has_type_ = false, has_order_ = false, has_shape_ = false;
  npy_header header_;
};

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

std::string read_text(content_reader& content, std::size_t length) {
  std::string text(length, '\0');
  text.resize(content.read(std::as_writable_bytes(std::span(text))));
  return text;
}

}  // namespace

npy_header read_npy_header(content_reader& content) {
  const std::string start = read_text(content, magic.size() + 2);
  if (!std::string_view(start).starts_with(magic))
    content.refuse("is not a .npy file: it does not begin with \\x93NUMPY");
  if (start.size() < magic.size() + 2) content.refuse("ends inside the header");
  const char major = start[magic.size()], minor = start[magic.size() + 1];
  if (major < 1 || major > 3 || minor != 0)
    content.refuse("byte 6: version " + std::to_string(static_cast<unsigned char>(major)) + "." +
                   std::to_string(static_cast<unsigned char>(minor)) + " of the format, known are 1.0, 2.0 and 3.0");
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  const std::string raw_length = read_text(content, length_bytes);
  if (raw_length.size() < length_bytes) content.refuse("ends inside the header");
  const std::size_t length = little_endian(raw_length);
  if (length > longest_text)
    content.refuse("byte 8: a header of " + std::to_string(length) + " bytes, more than the limit of " +
                   std::to_string(longest_text));
  const std::string text = read_text(content, length);
  if (text.size() < length) content.refuse("ends inside the header of " + std::to_string(length) + " bytes");
  const std::size_t offset = start.size() + length_bytes;
  npy_header header = dictionary_reader(content, text, offset).read();
  header.header_bytes = offset + length;
  return header;
}

}  // namespace lanewise
