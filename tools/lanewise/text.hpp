// SPDX-License-Identifier: MIT
// Numbers as people read them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <lanewise/model/mlp.hpp>

namespace lanewise::cli {

std::string thousands(std::uint64_t number);  // 60,000
std::string counted(std::uint64_t number, std::string_view noun);  // 1 seed, 2 seeds
std::string percent(double fraction);         // 96.03, the same digits everywhere
std::string loss_text(double loss);           // 0.0878, 1.23e+30: at most 8 columns, for losses of floats
std::string clock_time(double seconds);       // 0:07, 12:34, 1:02:03

std::string net_text(std::span<const layer> layers);  // 784-16-16r-10, with its activation if that is not relu

// How many columns of a terminal UTF-8 text of single-width characters takes.
std::size_t text_columns(std::string_view text);

}  // namespace lanewise::cli
