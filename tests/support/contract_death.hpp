// SPDX-License-Identifier: MIT
// What a contract violation does to a process, found out in a child.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>

#include "child_process.hpp"

namespace lanewise::test {

struct death {
  int status = 0;  // as waitpid() gives it
  bool aborted = false;
  std::string text;  // what it wrote to stderr
};

// qemu adds a line of its own about the signal that ends a process.
inline std::string without_line_of_emulator(std::string text) {
  const std::size_t line = text.find("qemu: uncaught target signal");
  return line == text.npos ? text : text.erase(line, text.find('\n', line) - line + 1);
}

// Runs action() in a child process without doctest's signal handlers, without a core dump, its stdout closed.
template <class Action>
death die(const Action& action) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
  death d;
  d.status = run_in_child([&] {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    std::signal(SIGABRT, SIG_DFL);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(STDOUT_FILENO);
    action();
    return 0;
  });
  ::close(ends[1]);
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    d.text.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  d.text = without_line_of_emulator(std::move(d.text));
  d.aborted = WIFSIGNALED(d.status) && WTERMSIG(d.status) == SIGABRT;
  return d;
}

}  // namespace lanewise::test
