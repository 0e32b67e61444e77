// SPDX-License-Identifier: MIT
// Disturbs one system call of an action: it fails, does only a part, or never comes back because the process is killed.
// The action runs in a traced child process; only calls that have to do with files count. x86-64 Linux.
#pragma once

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <stdexcept>
#include <string_view>

#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__) && defined(__linux__)
#define LANEWISE_TEST_SYSTEM_CALL_FAULTS 1
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#else
#define LANEWISE_TEST_SYSTEM_CALL_FAULTS 0
#endif

namespace lanewise::test {

enum class fault { fail, short_write, kill };

struct faulty_run {
  bool possible = true;   // false where processes may not be traced
  std::string_view call;  // the call that was disturbed; empty if the action made fewer calls
  int exit_code = -1;     // what action() returned; -1 if it was killed
};

#if LANEWISE_TEST_SYSTEM_CALL_FAULTS

struct watched_call {
  long number;
  std::string_view name;
};
inline constexpr std::array watched_calls{
    watched_call{SYS_openat, "openat"},     watched_call{SYS_open, "open"},         watched_call{SYS_close, "close"},
    watched_call{SYS_write, "write"},       watched_call{SYS_pread64, "pread64"},   watched_call{SYS_fsync, "fsync"},
    watched_call{SYS_linkat, "linkat"},     watched_call{SYS_renameat, "renameat"}, watched_call{SYS_rename, "rename"},
    watched_call{SYS_unlinkat, "unlinkat"}, watched_call{SYS_newfstatat, "fstatat"}};

class traced_child {
 public:
  traced_child(pid_t child, std::size_t nth, fault kind, int error)
      : child_(child), countdown_(nth), kind_(kind), error_(error) {}

  faulty_run run() {
    int status = 0;
    int signal_to_deliver = 0;
    while (true) {
      ::ptrace(PTRACE_SYSCALL, child_, nullptr, static_cast<long>(signal_to_deliver));
      if (::waitpid(child_, &status, 0) != child_) throw std::runtime_error("waitpid failed");
      if (WIFEXITED(status)) result_.exit_code = WEXITSTATUS(status);
      if (!WIFSTOPPED(status)) return result_;
      const bool is_system_call = WSTOPSIG(status) == (SIGTRAP | 0x80);
      signal_to_deliver = is_system_call ? 0 : WSTOPSIG(status);
      if (is_system_call) at_system_call();
    }
  }

 private:
  void at_system_call() {
    entering_ = !entering_;
    user_regs_struct registers = {};
    ::ptrace(PTRACE_GETREGS, child_, nullptr, &registers);
    if (entering_) {
      enter(registers);
    } else if (failing_) {
      failing_ = false;
      registers.rax = static_cast<unsigned long long>(-static_cast<long long>(error_));
      ::ptrace(PTRACE_SETREGS, child_, nullptr, &registers);
    }
  }

  void enter(user_regs_struct& registers) {
    const auto call = std::find_if(watched_calls.begin(), watched_calls.end(), [&](const watched_call& watched) {
      return watched.number == static_cast<long>(registers.orig_rax);
    });
    if (call == watched_calls.end() || !result_.call.empty() || countdown_-- > 0) return;
    result_.call = call->name;
    if (kind_ == fault::kill) ::kill(child_, SIGKILL);
    if (kind_ == fault::short_write && call->number == SYS_write)
      registers.rdx = std::max<unsigned long long>(1, registers.rdx / 2);
    if (kind_ == fault::fail) {
      failing_ = true;
      registers.orig_rax = static_cast<unsigned long long>(-1);  // no such call: nothing happens
    }
    ::ptrace(PTRACE_SETREGS, child_, nullptr, &registers);
  }

  pid_t child_;
  std::size_t countdown_;
  fault kind_;
  int error_;
  bool entering_ = false;
  bool failing_ = false;
  faulty_run result_;
};

// Disturbs the call number `nth` (from 0) of action(), which returns an exit code; `error` is for fault::fail.
template <class Action> faulty_run run_with_fault(const Action& action, std::size_t nth, fault kind, int error = 0) {
  constexpr int cannot_be_traced = 98;
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(cannot_be_traced);
    ::raise(SIGSTOP);
    ::_exit(action());
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  if (!WIFSTOPPED(status)) return {.possible = false, .call = {}};
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, static_cast<long>(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  return traced_child(child, nth, kind, error).run();
}

#else

template <class Action> faulty_run run_with_fault(const Action&, std::size_t, fault, int = 0) {
  return {.possible = false, .call = {}};
}

#endif

}  // namespace lanewise::test
