// SPDX-License-Identifier: MIT
#include "huge_pages.hpp"

#include <sys/mman.h>

namespace lanewise {

std::vector<std::uint8_t> bytes_in_huge_pages(std::size_t size) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(size);
#ifdef MADV_HUGEPAGE
  // Before anything is written: pages are made then. Only of blocks that are wholly inside.
  constexpr std::uintptr_t block = std::uintptr_t{1} << 21;
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
  const std::uintptr_t first = (begin + block - 1) / block * block, end = (begin + size) / block * block;
  if (first < end) ::madvise(bytes.data() + (first - begin), end - first, MADV_HUGEPAGE);
#endif
  bytes.resize(size);
  return bytes;
}

}  // namespace lanewise
