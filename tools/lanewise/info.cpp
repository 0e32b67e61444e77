// SPDX-License-Identifier: MIT
// lanewise info: what this program was built from, and what it finds on this machine.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <lanewise/cpu.hpp>
#include <lanewise/version.hpp>

#include "build_info.hpp"
#include "commands.hpp"
#include "exit_codes.hpp"
#include "json.hpp"

namespace lanewise::cli {
namespace {

struct cache {
  std::string name;  // "L1d"
  std::uint64_t kibibytes = 0;
};

std::string word_in(const std::filesystem::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

// The first core's data caches as Linux describes them; empty where it does not.
std::vector<cache> data_caches() {
  const std::filesystem::path base = "/sys/devices/system/cpu/cpu0/cache";
  std::vector<cache> caches;
  for (std::size_t i = 0;; ++i) {
    const std::filesystem::path entry = base / fmt::format("index{}", i);
    const std::string level = word_in(entry / "level"), type = word_in(entry / "type");
    if (level.empty()) return caches;
    // "32K"; the kernel writes no other unit.
    const std::uint64_t size = std::strtoull(word_in(entry / "size").c_str(), nullptr, 10);
    if (type != "Instruction" && size > 0) caches.push_back({"L" + level + (type == "Data" ? "d" : ""), size});
  }
}

std::string size_text(std::uint64_t kibibytes) {
  return kibibytes % 1024 == 0 ? fmt::format("{} MiB", kibibytes / 1024) : fmt::format("{} KiB", kibibytes);
}

json info_json() {
  json caches = json::object(), versions = json::object();
  for (const cache& c : data_caches()) caches[c.name] = c.kibibytes * 1024;
  for (const library_version& library : libraries) versions[library.name] = library.version;
  return {{"version", version()},
          {"isas",
           {{"built", compiled_isas()},
            {"usable", usable_isas()},
            {"active", active_isa()},
            {"extra_instructions", extra_instructions()},
            {"stores_halves", stores_halves()},
            {"reason", active_isa_reason()}}},
          {"cache_bytes", caches},
          {"compiler", compiler},
          {"build_type", build_type},
          {"libraries", versions}};
}

void print_info(standard_output& out) {
  const auto row = [&](const char* name, const std::string& value) { out.line(fmt::format("{:<14}{}", name, value)); };
  std::vector<std::string> caches, versions;
  for (const cache& c : data_caches()) caches.push_back(c.name + " " + size_text(c.kibibytes));
  for (const library_version& library : libraries)
    versions.push_back(fmt::format("{} {}", library.name, library.version));

  out.line(fmt::format("lanewise {}", version()));
  row("built ISAs", fmt::format("{}", fmt::join(compiled_isas(), ", ")));
  row("usable here", fmt::format("{}", fmt::join(usable_isas(), ", ")));
  const std::vector<std::string_view> extra = extra_instructions();
  row("active", fmt::format("{}{}{} ({})", active_isa(), extra.empty() ? "" : fmt::format(" with {}", fmt::join(extra, ", ")),
                            stores_halves() ? ", storing halves" : "", active_isa_reason()));
  row("caches", caches.empty() ? "unknown" : fmt::format("{}", fmt::join(caches, ", ")));
  row("compiler", std::string(compiler));
  row("build type", std::string(build_type));
  row("libraries", fmt::format("{}", fmt::join(versions, ", ")));
}

}  // namespace

command add_info(CLI::App& program) {
  CLI::App* app =
      program.add_subcommand("info",
                             "Show versions, instruction sets (built, usable, active and why) and caches.\n\n"
                             "Examples:\n"
                             "  lanewise info\n"
                             "  lanewise info --json | jq .isas.usable");
  const auto as_json = std::make_shared<bool>(false);
  app->add_flag("--json", *as_json, "one JSON object");
  return {app, [as_json](standard_output& out) {
            if (*as_json)
              out.line(to_line(info_json()));
            else
              print_info(out);
            out.check("send it somewhere else");
            return static_cast<int>(exit_ok);
          }};
}

}  // namespace lanewise::cli
