// SPDX-License-Identifier: MIT
// The main() of every test executable: doctest, and at the end one line for each thing that was counted, as in
// "kernels@avx2: 512,345 kernel calls under guard pages".
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include <lanewise/cpu.hpp>

#include "support/tally.hpp"

namespace {

std::string with_commas(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

constexpr int skipped = 77;  // as meson understands it

}  // namespace

int main(int argc, char** argv) {
  if (lanewise::select_isa_from_environment() == lanewise::isa_selection::unusable) {
    std::puts("skipped: this CPU cannot run the instruction set in LANEWISE_ISA");
    return skipped;
  }
  lanewise::allow_halves(false);  // every kernel is that of the instruction set
  doctest::Context context(argc, argv);
  const int status = context.run();
  const std::string suite = std::filesystem::path(argv[0]).filename().string();
  for (const auto& [what, how_many] : lanewise::test::tallies())
    std::printf("%s@%s: %s %s\n", suite.c_str(), std::string(lanewise::active_isa()).c_str(),
                with_commas(how_many).c_str(), what.c_str());
  return status;
}
