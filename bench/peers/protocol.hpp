// SPDX-License-Identifier: MIT
// How contenders are asked: a command on standard input, a line on standard output.
#pragma once

#include <cstdio>
#include <ctime>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

namespace lanewise::bench {

// Each reads its words from the stream and prints its answer.
using commands = std::map<std::string, std::function<void(std::istream&)>>;

// Until the end of standard input, or an exception, whose message goes to standard error. The exit status.
inline int answer(const commands& known) {
  try {
    for (std::string command; std::cin >> command;) {
      const auto found = known.find(command);
      if (found == known.end()) throw std::runtime_error("unknown command " + command);
      found->second(std::cin);
      std::fflush(stdout);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

inline double thread_nanoseconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

}  // namespace lanewise::bench
