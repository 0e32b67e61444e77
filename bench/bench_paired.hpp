// SPDX-License-Identifier: MIT
#pragma once

namespace lanewise::bench {

// Times lanewise's training step against plain loops in alternating chunks, so that both see the same machine, and
// prints a table. Returns whether all marks hold.
bool run_paired();

}  // namespace lanewise::bench
