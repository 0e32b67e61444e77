// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <Eigen/Core>

#define LANEWISE_TEXT(x) #x
#define LANEWISE_VALUE(x) LANEWISE_TEXT(x)

namespace lanewise::bench {

inline std::string describe_eigen() {
  return LANEWISE_VALUE(EIGEN_WORLD_VERSION) "." LANEWISE_VALUE(EIGEN_MAJOR_VERSION) "." LANEWISE_VALUE(
      EIGEN_MINOR_VERSION) " " __VERSION__;
}

}  // namespace lanewise::bench

#undef LANEWISE_VALUE
#undef LANEWISE_TEXT
