// SPDX-License-Identifier: MIT
#include <lanewise/contract.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace lanewise {
namespace {

void print_rule(const char* rule) noexcept { std::fprintf(stderr, "lanewise: contract violated: %s\n", rule); }

constinit std::atomic<contract_handler> installed{print_rule};

}  // namespace

contract_handler set_contract_handler(contract_handler handler) noexcept {
  return installed.exchange(handler != nullptr ? handler : print_rule);
}

void contract_violated(const char* rule) noexcept {
  installed.load()(rule);
  std::abort();
}

}  // namespace lanewise
