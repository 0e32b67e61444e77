// SPDX-License-Identifier: MIT
#include <lanewise/update.hpp>

#include <array>
#include <utility>

#include "../../kernels/ref/update.hpp"
#include "../support/running_error.hpp"
#include "update_steps.hpp"
#include "vector_calls.hpp"

namespace lanewise::test {
namespace {

kernel_call make_sgd(const shape& s, std::size_t variant, values kind, random_source& random) {
  const float lr = variant == 0 ? 0.005f : 1.0f;
  kernel_call call;
  call.text = call_text("sgd", s.n, variant);
  call.operands = {input(random, kind, 1, s.n), updated(random, kind, 1, s.n)};
  call.run = [lr](placed_operands p) {
    sgd(lr, p[0].vector(), p[1].out_vector());
    return 0.0;
  };
  call.reference = [lr](placed_operands p) {
    std::vector<double> w(p[0].cols);
    ref::sgd(lr, p[0].vector(), p[1].vector(), w);
    return rounded_once(w);
  };
  return call;
}

// Values and error bounds of w and of the state, by the formula in numbers that watch their errors.
expectation update_reference(const update_step& step, placed_operands p) {
  const std::size_t n = p[0].cols, states = traits(step.settings.which).states;
  expectation e;
  e.want.resize((1 + states) * n);
  e.tolerance.resize(e.want.size());
  const auto expect = [&](std::size_t position, const running_error& x) {
    e.want[position] = x.value();
    e.tolerance[position] = x.bound();
  };
  for (std::size_t i = 0; i < n; ++i) {
    running_error w = running_error::exactly(p[1].vector()[i]);
    std::vector<running_error> state;
    for (std::size_t s = 0; s < states; ++s) state.push_back(running_error::exactly(p[2].vector()[s * n + i]));
    ref::update(step, running_error::exactly(p[0].vector()[i]), w, std::span(state));
    expect(i, w);
    for (std::size_t s = 0; s < states; ++s) expect((1 + s) * n + i, state[s]);
  }
  return e;
}

template <optimizer which>
kernel_call make_update(const shape& s, std::size_t variant, values kind, random_source& random) {
  const update_step step = update_steps(which)[variant];
  kernel_call call;
  call.text = call_text(("update by " + std::string(name(which))).c_str(), s.n, variant);
  call.operands = {input(random, kind, 1, s.n), updated(random, kind, 1, s.n),
                   updated(random, kind, 1, traits(which).states * s.n)};
  if (kind != values::special) make_squares_positive(which, call.operands[2].values);
  call.run = [step](placed_operands p) {
    update(step, p[0].vector(), p[1].out_vector(), p[2].out_vector());
    return 0.0;
  };
  call.reference = [step](placed_operands p) { return update_reference(step, p); };
  return call;
}

kernel_call make_nrm2(const shape& s, std::size_t variant, values kind, random_source& random) {
  kernel_call call;
  call.text = call_text("nrm2", s.n, variant);
  call.operands = {input(random, kind, 1, s.n)};
  call.run = [](placed_operands p) { return nrm2(p[0].vector()); };
  call.reference = [](placed_operands p) {
    expectation e;
    e.result = ref::nrm2(p[0].vector());
    e.result_tolerance = (static_cast<double>(p[0].cols) / 16 + 6) * 0x1p-53 * e.result;
    return e;
  };
  return call;
}

// "update_" and the optimiser's name, for as long as the program runs.
template <optimizer which>
constexpr auto row_text = [] {
  constexpr std::string_view prefix = "update_";
  std::array<char, prefix.size() + name(which).size()> text{};
  std::size_t end = 0;
  for (const std::string_view part : {prefix, name(which)})
    for (const char c : part) text[end++] = c;
  return text;
}();

template <optimizer which>
catalogued_kernel update_row() {
  return {{row_text<which>.data(), row_text<which>.size()}, 1, update_steps(which).size(), make_update<which>};
}

}  // namespace

std::vector<catalogued_kernel> update_calls() {
  std::vector<catalogued_kernel> rows{{"sgd", 1, 2, make_sgd}, {"nrm2", 1, 1, make_nrm2}};
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (rows.push_back(update_row<all_optimizers[i]>()), ...);
  }(std::make_index_sequence<all_optimizers.size()>());
  return rows;
}

}  // namespace lanewise::test
