// SPDX-License-Identifier: MIT
// The common part of all contenders. They read commands on standard input and answer each with a line:
//
//   prepare KERNEL M N K   ready VARIANT NANOSECONDS ERROR | none
//       makes the operands (the same for every contender), checks each variant against the double reference and keeps the
//       fastest. ERROR is the largest one, in units of its bound (gamma_k for sums, else ULP). A wrong result ends the program.
//   describe               version, and what it was held to
//   time MICROSECONDS      NANOSECONDS a call, over about that time of this thread
//
// "unchecked" as the only argument: for the loops that show what the machine allows, whose results mean nothing.
#include "contender.hpp"

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "operands.hpp"
#include "protocol.hpp"

namespace lanewise::bench {

bool is_activation(std::string_view kernel) { return activation_from_name(kernel).has_value(); }

namespace {

class contest {
 public:
  explicit contest(bool checked) : checked_(checked) {}

  void prepare(const std::string& kernel, std::size_t m, std::size_t n, std::size_t k) {
    chosen_ = {};  // before the operands that it refers to
    operands_.reset();
    operands_ = std::make_unique<bench_operands>(kernel, m, n, k);
    double best = std::numeric_limits<double>::infinity(), error = 0;
    for (variant& candidate : variants(operands_->get())) {
      operands_->reset();
      candidate.run();
      const double candidate_error = checked_ ? operands_->error() : 0;
      // Sums in any order are within 1. The largest factor is for the exponentials of others.
      if (!(candidate_error <= (kernel == "exp" || kernel.starts_with("softmax") ? 1e4 : 1.0)))
        throw std::runtime_error(candidate.name + ": wrong results, " + std::to_string(candidate_error) +
                                 " of the bound");
      const double time = quick_time(candidate);
      if (time < best) best = time, error = candidate_error, chosen_ = std::move(candidate);
    }
    call_time_ = best;
    if (chosen_.run)
      std::printf("ready %s %.1f %.3f\n", chosen_.name.c_str(), best, error);
    else
      std::printf("none\n");
  }

  void time(double microseconds) {
    const auto calls = static_cast<std::size_t>(std::max(1.0, microseconds * 1e3 / call_time_));
    chosen_.run();  // whoever had the turn before left nothing of ours in the caches, and a turn may be a call or two
    const double start = thread_nanoseconds();
    for (std::size_t i = 0; i < calls; ++i) chosen_.run();
    call_time_ = std::max((thread_nanoseconds() - start) / static_cast<double>(calls), 1.0);
    std::printf("%.3f\n", call_time_);
  }

 private:
  double quick_time(const variant& candidate) {
    double best = std::numeric_limits<double>::infinity();
    std::size_t calls = 1;
    for (int attempt = 0; attempt < 4; ++attempt) {
      const double start = thread_nanoseconds();
      for (std::size_t i = 0; i < calls; ++i) candidate.run();
      const double time = (thread_nanoseconds() - start) / static_cast<double>(calls);
      calls = static_cast<std::size_t>(std::max(1.0, 200e3 / std::max(time, 1.0)));
      best = std::min(best, time);
    }
    return best;
  }

  bool checked_;
  std::unique_ptr<bench_operands> operands_;
  variant chosen_;
  double call_time_ = 1;
};

}  // namespace
}  // namespace lanewise::bench

int main(int argc, char** argv) {
  using namespace lanewise::bench;
  contest contest(argc < 2 || std::string_view(argv[1]) != "unchecked");
  return answer({
      {"describe", [](std::istream&) { std::printf("%s\n", describe().c_str()); }},
      {"prepare",
       [&](std::istream& words) {
         std::string kernel;
         std::size_t m = 0, n = 0, k = 0;
         words >> kernel >> m >> n >> k;
         contest.prepare(kernel, m, n, k);
       }},
      {"time",
       [&](std::istream& words) {
         double microseconds = 0;
         words >> microseconds;
         contest.time(microseconds);
       }},
  });
}
