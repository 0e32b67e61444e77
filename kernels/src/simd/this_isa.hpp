// SPDX-License-Identifier: MIT
// The ISA that this translation unit is compiled for (LANEWISE_ISA_TAG comes from kernels/meson.build).
#pragma once

#include "../isa.hpp"

namespace lanewise {

using this_isa = isa::LANEWISE_ISA_TAG;

}  // namespace lanewise
