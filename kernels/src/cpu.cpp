// SPDX-License-Identifier: MIT
// Detection, LANEWISE_ISA and the active ISA. Compiled for the lowest CPU.
#include <lanewise/cpu.hpp>

#include <cstdlib>

#include <lanewise/contract.hpp>

#include "dispatch.hpp"

namespace lanewise {

// Every instruction set is asked for that kernels/meson.build names in the row's flags. __builtin_cpu_supports also checks
// that the operating system saves the registers.
#if defined(__x86_64__)
bool isa::avx512::supported() noexcept {
  return avx2::supported() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
bool isa::avx2::supported() noexcept { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool isa::sse2::supported() noexcept { return true; }  // part of x86-64
#elif defined(__aarch64__)
bool isa::neon64::supported() noexcept { return true; }  // part of AArch64
#endif

constinit std::atomic<int> active{-1};

static bool has_vbmi2() noexcept {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512vbmi2");
#else
  return false;
#endif
}
std::atomic<bool> uses_vbmi2{has_vbmi2()};  // before this runs false, which gives the same bits

// AMD's family 19h: its CPUs with AVX-512 are Zen 4.
static bool takes_halves() noexcept {
#if defined(__x86_64__)
  return has_halved_row && __builtin_cpu_is("amdfam19h") && isa::avx512::supported();
#else
  return false;
#endif
}
constinit static std::atomic<bool> allows_halves{true};

namespace {

enum class reason : int { widest, environment, program };
constinit std::atomic<reason> why{reason::widest};

struct row {
  std::string_view name;
  bool (*supported)() noexcept;
};
constexpr auto rows = per_isa([]<class I> { return row{I::name, &I::supported}; });

std::string_view name_of(int index) noexcept {
  return index == halved_row ? isa::avx512::name : rows[static_cast<std::size_t>(index)].name;
}

// The row for what was found by name, which says nothing of halves.
int row_of(int index) noexcept {
  const bool halves = name_of(index) == isa::avx512::name && allows_halves.load(std::memory_order_relaxed) && takes_halves();
  return halves ? halved_row : index;
}

int widest_usable() noexcept {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].supported()) return row_of(static_cast<int>(i));
  return -1;
}

// The index of `name`, if it is compiled in and runs here.
isa_selection find(std::string_view name, int& index) noexcept {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].name != name) continue;
    if (!rows[i].supported()) return isa_selection::unusable;
    index = row_of(static_cast<int>(i));
    return isa_selection::ok;
  }
  return isa_selection::unknown;
}

void activate_row(int index, reason because) noexcept {
  why.store(because, std::memory_order_relaxed);
  active.store(index, std::memory_order_relaxed);
}

}  // namespace

// What the environment asks for, or the widest ISA.
static isa_selection default_isa(int& index, reason& because) noexcept {
  const char* forced = std::getenv("LANEWISE_ISA");
  because = forced != nullptr && *forced != '\0' ? reason::environment : reason::widest;
  if (because == reason::environment) return find(forced, index);
  index = widest_usable();
  return index < 0 ? isa_selection::unusable : isa_selection::ok;
}

int choose_active() noexcept {
  int index = -1;
  reason because{};
  switch (default_isa(index, because)) {
    case isa_selection::ok: break;
    case isa_selection::unknown:
      contract_violated("LANEWISE_ISA must name an instruction set of this build; unset it for the widest");
    case isa_selection::unusable:
      contract_violated("LANEWISE_ISA must name an instruction set that this CPU can run; unset it for the widest");
  }
  // Only if no other thread has selected one since: select_isa() must not be undone by a first kernel call.
  int none = -1;
  if (!active.compare_exchange_strong(none, index)) return none;
  why.store(because, std::memory_order_relaxed);
  return index;
}

isa_selection select_isa(std::string_view name) noexcept {
  int index = -1;
  const isa_selection found = find(name, index);
  if (found == isa_selection::ok) activate_row(index, reason::program);
  return found;
}

isa_selection select_isa_from_environment() noexcept {
  int index = -1;
  reason because{};
  const isa_selection found = default_isa(index, because);
  if (found == isa_selection::ok) activate_row(index, because);
  return found;
}

std::vector<std::string_view> compiled_isas() {
  std::vector<std::string_view> names;
  for (const row& r : rows) names.push_back(r.name);
  return names;
}

std::vector<std::string_view> usable_isas() {
  std::vector<std::string_view> names;
  for (const row& r : rows)
    if (r.supported()) names.push_back(r.name);
  return names;
}

void allow_extra_instructions(bool allowed) noexcept {
  uses_vbmi2.store(allowed && has_vbmi2(), std::memory_order_relaxed);
}

static int active_index() noexcept {
  const int index = active.load(std::memory_order_relaxed);
  return index >= 0 ? index : choose_active();
}

std::string_view active_isa() noexcept { return name_of(active_index()); }

bool stores_halves() noexcept { return active_index() == halved_row; }

void allow_halves(bool allowed) noexcept {
  allows_halves.store(allowed, std::memory_order_relaxed);
  int index = -1;
  if (find(active_isa(), index) == isa_selection::ok) active.store(index, std::memory_order_relaxed);
}

std::vector<std::string_view> extra_instructions() {
  const bool vbmi2 = active_isa() == isa::avx512::name && uses_vbmi2.load(std::memory_order_relaxed);
  return vbmi2 ? std::vector<std::string_view>{"vbmi2"} : std::vector<std::string_view>{};
}

std::string_view active_isa_reason() noexcept {
  static_cast<void>(active_index());
  switch (why.load(std::memory_order_relaxed)) {
    case reason::environment: return "LANEWISE_ISA";
    case reason::program: return "selected by the program";
    default: return "widest this CPU runs";
  }
}

}  // namespace lanewise
