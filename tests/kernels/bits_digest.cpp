// SPDX-License-Identifier: MIT
// Prints one digest for each kernel over a fixed series of calls on the active instruction set. digest.sh compares them
// with bits_digest.txt, which is the same for every machine, emulator, compiler, optimisation level and instruction set.
#include <cstdint>
#include <cstdio>

#include <lanewise/cpu.hpp>

#include "../support/bits.hpp"
#include "catalogue.hpp"

namespace lanewise::test {
namespace {

class fnv1a_64 {
 public:
  void add(std::uint64_t word) {
    for (int byte = 0; byte < 8; ++byte) hash_ = (hash_ ^ (word >> (8 * byte) & 0xff)) * 0x100000001b3u;
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

std::uint64_t digest(const catalogued_kernel& kernel) {
  constexpr std::array kinds{values::uniform, values::log_uniform, values::tiny, values::special};
  random_source random(1);
  fnv1a_64 hash;
  for (std::size_t round = 0; round < 400; ++round) {
    const shape s{random.size_up_to(40), random.size_up_to(100), random.size_up_to(100)};
    const outcome out = run_clean(kernel.make(s, random.below(kernel.variants), kinds[round % kinds.size()], random));
    for (const std::uint32_t bits : out.bits) hash.add(bits);
    hash.add(bits_of(out.result));
  }
  return hash.value();
}

}  // namespace
}  // namespace lanewise::test

int main() {
  if (lanewise::select_isa_from_environment() != lanewise::isa_selection::ok) return 77;  // meson: skipped
  for (const auto& kernel : lanewise::test::catalogue())
    std::printf("%-22s %016llx\n", std::string(kernel.name).c_str(),
                static_cast<unsigned long long>(lanewise::test::digest(kernel)));
}
