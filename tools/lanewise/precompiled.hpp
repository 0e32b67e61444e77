// SPDX-License-Identifier: MIT
// What takes a compiler seconds to read and nearly every file here includes: read once (meson's b_pch). Each file still
// includes what it uses.

#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
