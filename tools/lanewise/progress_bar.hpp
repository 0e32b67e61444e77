// SPDX-License-Identifier: MIT
// One line on the terminal that shows how far a run is.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace lanewise::cli {

struct bar_state {
  std::string label;             // "epoch 3/10"
  double done = 0, planned = 1;  // samples, of the whole run
  double seconds = 0;            // since it began
};

// The line, at most `columns` wide: what does not fit is left out, the rate first, then the time left, then the bar.
std::string progress_line(const bar_state& now, std::size_t columns, bool color);

// Shows nothing unless it is wanted and stderr is a terminal.
class progress_bar {
 public:
  explicit progress_bar(bool wanted);
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;
  ~progress_bar() { hide(); }

  void show(const bar_state& now);
  void hide();  // before anything else is printed

 private:
  bool enabled_;
  bool visible_ = false;
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace lanewise::cli
