// SPDX-License-Identifier: MIT
#include "stop_signals.hpp"

#include <atomic>
#include <csignal>

#include "exit_codes.hpp"

#include <unistd.h>

namespace lanewise::cli {
namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may only use lock-free atomics");

extern "C" void remember_signal(int signal) {
  if (received.exchange(signal) != 0) ::_exit(exit_signal + signal);
}

}  // namespace

void watch_stop_signals() noexcept {
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action = {};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = remember_signal;
    action.sa_flags = SA_RESTART;  // writing a file goes on
    ::sigaction(signal, &action, nullptr);
  }
}

int stop_signal() noexcept { return received; }

}  // namespace lanewise::cli
