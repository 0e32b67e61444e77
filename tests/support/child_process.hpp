// SPDX-License-Identifier: MIT
// What a test must not do in its own process: crash, give up rights, die while it holds a lock.
#pragma once

#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

namespace lanewise::test {

// Runs action() in a child process, which then ends at once with that exit code. Returns waitpid()'s status.
template <class Action> int run_in_child(const Action& action) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    try {
      ::_exit(action());
    } catch (...) { ::_exit(99); }
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return status;
}

inline bool exited_with(int status, int code) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }

}  // namespace lanewise::test
