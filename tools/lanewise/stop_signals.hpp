// SPDX-License-Identifier: MIT
// SIGINT (Ctrl-C) and SIGTERM ask a run to end after its step; a second one ends the program at once.
#pragma once

namespace lanewise::cli {

// From here on the two signals only set what stop_signal() returns. One that whoever started the program has set to be
// ignored (nohup, background jobs of scripts) stays ignored.
void watch_stop_signals() noexcept;

int stop_signal() noexcept;  // SIGINT, SIGTERM, or 0: none came

}  // namespace lanewise::cli
