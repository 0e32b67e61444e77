// SPDX-License-Identifier: MIT
// Contract checks at the entry of each kernel. A macro, so that -Dchecks=disabled leaves nothing of them.
#pragma once

#include <lanewise/contract.hpp>

#if LANEWISE_CHECKS
#define LANEWISE_EXPECTS(condition, rule) \
  do { \
    if (!(condition)) [[unlikely]] ::lanewise::contract_violated(rule); \
  } while (false)
#else
#define LANEWISE_EXPECTS(condition, rule) static_cast<void>(0)
#endif
