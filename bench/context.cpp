// SPDX-License-Identifier: MIT
#include "context.hpp"

#include <fstream>

#include <lanewise/cpu.hpp>
#include <lanewise/version.hpp>

#include "bench_build.hpp"
#include "training_data.hpp"

namespace lanewise::bench {
namespace {

std::string cpu_model() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string usable() {
  std::string names;
  for (const std::string_view isa : usable_isas()) names.append(names.empty() ? "" : ", ").append(isa);
  return names;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> measurement_context() {
  return {
      {"lanewise", version()},      {"cpu_model", cpu_model()},
      {"usable_isas", usable()},    {"compiler", build_compiler},
      {"build_flags", build_flags}, {"kernel_flags", kernel_flags},
      {"loops_flags", loops_flags}, {"training_data", training_data_name()},
  };
}

}  // namespace lanewise::bench
