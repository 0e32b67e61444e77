// SPDX-License-Identifier: MIT
#include "array_content.hpp"

namespace lanewise {

std::size_t promised_bytes(const content_reader& content, const array_promise& promise, std::size_t max_bytes) {
  const std::string where = promise.where;
  std::size_t values = promise.value_bytes, total = 0;
  bool overflow = false;
  for (const std::size_t dim : promise.dims) overflow |= __builtin_mul_overflow(values, dim, &values);
  overflow |= __builtin_add_overflow(values, promise.header_bytes, &total);
  if (overflow) content.refuse(where + "the dimensions multiply to more than 2^64 bytes");
  if (values > max_bytes)
    content.refuse(where + "the dimensions promise " + byte_count(values) + ", more than the limit of " +
                   byte_count(max_bytes));
  const std::uint64_t bound = content.size_bound();
  if (content.is_gzip() ? total > bound : total != bound)
    content.refuse(where + "the header and the values it promises take " + byte_count(total) + ", the file has " +
                   byte_count(content.file_size()) + (content.is_gzip() ? " of gzip" : ""));
  return values;
}

void read_promised(content_reader& content, std::span<std::byte> to) {
  const std::size_t count = content.read(to);
  if (count < to.size())
    content.refuse("the header promises " + byte_count(to.size()) + " of values, there are " + std::to_string(count));
  std::byte extra{};
  if (content.read({&extra, 1}) != 0)
    content.refuse("the header promises " + byte_count(to.size()) + " of values, there are more");
}

std::string byte_count(std::uint64_t count) { return std::to_string(count) + (count == 1 ? " byte" : " bytes"); }

}  // namespace lanewise
