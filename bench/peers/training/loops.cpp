// SPDX-License-Identifier: MIT
// The training step as the plain loops that a good engineer writes, left to the compiler.
#include "layered.hpp"
#include "plain_loops.hpp"

namespace lanewise::bench {

std::vector<variant> variants(const task& t) {
  std::vector<variant> found;
  at_size(t, [&]<int hidden, int batch>() { add_layered<hidden, batch, plain_layer, plain_layer>(t, "loops", found); });
  return found;
}

std::string describe() { return __VERSION__; }

}  // namespace lanewise::bench
