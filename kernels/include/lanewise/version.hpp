// SPDX-License-Identifier: MIT
#pragma once

namespace lanewise {

// The version of the library that is linked, "MAJOR.MINOR.PATCH" (semantic versioning).
const char* version() noexcept;

}  // namespace lanewise
