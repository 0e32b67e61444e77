// SPDX-License-Identifier: MIT
#include "progress_bar.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "console.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

using namespace std::chrono_literals;

std::string bar(double fraction, std::size_t columns, bool color) {
  const auto filled = std::min(columns, static_cast<std::size_t>(fraction * static_cast<double>(columns)));
  std::string done, rest;
  for (std::size_t i = 0; i < columns; ++i) (i < filled ? done : rest) += i < filled ? "█" : "░";
  return color ? "\033[36m" + done + "\033[2m" + rest + "\033[0m" : done + rest;
}

}  // namespace

std::string progress_line(const bar_state& now, std::size_t columns, bool color) {
  constexpr std::size_t shortest_bar = 8, longest_bar = 40;
  const double fraction = now.done / now.planned;
  const double rate = now.seconds > 0 ? now.done / now.seconds : 0;
  const double left = fraction > 0 ? now.seconds / fraction - now.seconds : 0;

  const std::string label = now.label + "  ";
  const std::string part = fmt::format("{:3.0f} %", 100 * std::min(fraction, 0.99));
  const std::string eta = fmt::format("  ETA {}", clock_time(left));
  const std::string speed = fmt::format("  {:>9} samples/s", thousands(static_cast<std::uint64_t>(rate)));
  for (const std::string& ending : {part + speed + eta, part + eta, part}) {
    const std::size_t taken = label.size() + 2 + ending.size();
    if (taken + shortest_bar <= columns)
      return label + bar(fraction, std::min(columns - taken, longest_bar), color) + "  " + ending;
  }
  return part.substr(0, columns);
}

progress_bar::progress_bar(bool wanted) : enabled_(wanted && terminal_has_cursor()) {}

void progress_bar::show(const bar_state& now) {
  const auto time = std::chrono::steady_clock::now();
  if (!enabled_ || time - drawn_ < 90ms) return;
  drawn_ = time;
  visible_ = true;
  // The last column stays free: many terminals would go on to the next line.
  write_to_terminal(fmt::format("\r{}\033[K", progress_line(now, terminal_columns() - 1, terminal_wants_color())));
}

void progress_bar::hide() {
  if (visible_) write_to_terminal("\r\033[K");
  visible_ = false;
  drawn_ = {};
}

}  // namespace lanewise::cli
