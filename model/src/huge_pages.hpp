// SPDX-License-Identifier: MIT
// Memory for images, which training reads in an order that nothing can foresee: with pages of 4 KB each of them is a miss of
// the TLB or two, with pages of 2 MB none as long as there are some GB of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lanewise {

// `size` zeros, in huge pages as far as the system gives them (transparent ones, of Linux): a hint that may come to nothing.
std::vector<std::uint8_t> bytes_in_huge_pages(std::size_t size);

}  // namespace lanewise
