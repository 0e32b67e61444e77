// SPDX-License-Identifier: MIT
#include <lanewise/model/csv.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "content_reader.hpp"
#include "posix.hpp"

namespace lanewise {
namespace {

constexpr std::size_t longest_line = std::size_t{1} << 24;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Of a line without its end, one field after the other.
class field_reader {
 public:
  explicit field_reader(std::string_view line) : rest_(line) {}

  bool at_end() const { return ended_; }
  std::string_view next() {
    const std::string_view field = rest_.substr(0, rest_.find(','));
    ended_ = field.size() == rest_.size();
    rest_.remove_prefix(ended_ ? field.size() : field.size() + 1);
    return field;
  }

 private:
  std::string_view rest_;
  bool ended_ = false;
};

class csv_parser {
 public:
  csv_parser(const content_reader& content, std::size_t max_bytes) : content_(content), max_bytes_(max_bytes) {}

  void read_line(std::string_view line) {
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) refuse_line("is empty; remove it");
    const auto columns = static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
    if (columns_ == 0) columns_ = columns;
    if (columns_ == 1) refuse_line("has one column; a label and pixels with commas between them are needed");
    if (columns != columns_)
      refuse_line("has " + std::to_string(columns) + " columns, the lines before it have " + std::to_string(columns_));
    if (line_ == 1 && !is_digit(line.front()) && line.front() != ',' && line.front() != '-') return read_header(line);
    if (data_.pixels.size() + columns - 1 > max_bytes_)
      refuse_line("would make more than the limit of " + std::to_string(max_bytes_) + " pixels");
    read_numbers(line);
  }

  csv_u8 finish() {
    if (data_.labels.empty()) content_.refuse("has no line with an image");
    data_.pixels_per_image = columns_ - 1;
    return std::move(data_);
  }

  [[noreturn]] void refuse_line(const std::string& problem) const {
    content_.refuse("line " + std::to_string(line_) + " " + problem);
  }
  [[noreturn]] void refuse_next_line(const std::string& problem) {
    ++line_;
    refuse_line(problem);
  }

 private:
  // A number in the first line, beside what is none, makes it an image that is damaged, not a header. Of characters,
  // letters, quotes and such are names; a byte order mark or the bytes of another format are not.
  void read_header(std::string_view line) const {
    std::size_t column = 1;
    for (field_reader fields(line); !fields.at_end(); ++column) {
      const std::string_view field = fields.next();
      const bool number = std::all_of(field.begin(), field.end(), is_digit);
      const bool text = std::all_of(field.begin(), field.end(), [](char c) { return c >= ' ' && c <= '~'; });
      if (number || !text)
        refuse_field(column, field, "is neither a name, as in a header, nor is the line an image of whole numbers");
    }
  }

  void read_numbers(std::string_view line) {
    std::size_t column = 1;
    for (field_reader fields(line); !fields.at_end(); ++column) {
      const std::string_view field = fields.next();
      unsigned value = 0;
      const bool digits = !field.empty() && field.size() <= 3 && std::all_of(field.begin(), field.end(), is_digit);
      if (digits)
        for (const char c : field) value = 10 * value + static_cast<unsigned>(c - '0');
      if (!digits || value > 255) refuse_field(column, field, "is not a whole number from 0 to 255");
      (column == 1 ? data_.labels : data_.pixels).push_back(static_cast<std::uint8_t>(value));
    }
  }

  [[noreturn]] void refuse_field(std::size_t column, std::string_view field, const char* problem) const {
    content_.refuse("line " + std::to_string(line_) + ", column " + std::to_string(column) + ": " + in_quotes(field) +
                    " " + problem);
  }

  const content_reader& content_;
  std::size_t max_bytes_;
  std::size_t line_ = 0;
  std::size_t columns_ = 0;
  csv_u8 data_;
};

}  // namespace

csv_u8 read_csv(const std::filesystem::path& file, std::size_t max_bytes) {
  content_reader content(file);
  csv_parser parser(content, max_bytes);
  std::string piece(std::size_t{1} << 16, '\0'), line;
  while (const std::size_t count = content.read(std::as_writable_bytes(std::span(piece)))) {
    std::string_view rest(piece.data(), count);
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      line += rest.substr(0, end);
      parser.read_line(line);
      line.clear();
      rest.remove_prefix(end + 1);
    }
    line += rest;
    if (line.size() > longest_line)
      parser.refuse_next_line("is longer than " + std::to_string(longest_line) + " bytes; is this a CSV file?");
  }
  // Without it nobody can see whether the last number was cut off.
  if (!line.empty()) parser.refuse_next_line("does not end in a line feed: the file is cut off, or lacks the last one");
  return parser.finish();
}

}  // namespace lanewise
