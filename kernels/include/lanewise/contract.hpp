// SPDX-License-Identifier: MIT
// What happens when a caller breaks a contract: shapes that do not fit, a label out of range, a bad stride.
// Such a mistake is a bug in the calling code, so it is not an exception: the handler is called, and it must not return.
#pragma once

namespace lanewise {

// `rule` says what must hold and names the function, for example "gemv: x.size() must equal a.cols()".
using contract_handler = void (*)(const char* rule) noexcept;

// Installs `handler` and returns the one before. The default (also for nullptr) prints
// "lanewise: contract violated: RULE" to stderr and aborts. A handler that returns is followed by abort().
contract_handler set_contract_handler(contract_handler handler) noexcept;

// Calls the handler. The library calls it itself; code built on the library may do so too.
[[noreturn]] void contract_violated(const char* rule) noexcept;

}  // namespace lanewise
