// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <dnnl.hpp>

namespace lanewise::bench {

// Its version, and the ISA that it uses.
inline std::string describe_onednn() {
  const dnnl_version_t* v = dnnl_version();
  const char* isa = "?";
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41: isa = "sse4.1"; break;
    case dnnl::cpu_isa::avx: isa = "avx"; break;
    case dnnl::cpu_isa::avx2: isa = "avx2"; break;
    case dnnl::cpu_isa::avx2_vnni: isa = "avx2"; break;
    default: isa = "avx512 or beyond"; break;
  }
  return std::to_string(v->major) + '.' + std::to_string(v->minor) + '.' + std::to_string(v->patch) + ' ' + isa;
}

}  // namespace lanewise::bench
