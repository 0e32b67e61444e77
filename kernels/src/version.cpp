// SPDX-License-Identifier: MIT
#include <lanewise/version.hpp>

namespace lanewise {

const char* version() noexcept { return LANEWISE_VERSION; }

}  // namespace lanewise
