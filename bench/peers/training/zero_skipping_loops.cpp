// SPDX-License-Identifier: MIT
// lanewise's algorithm in plain C++: the first layer touches only the weights of pixels that are not zero. Their lists are
// made outside the clock, which nobody who trains can do: so the comparison shows what the kernels bring.
#include "layered.hpp"
#include "plain_loops.hpp"

namespace lanewise::bench {
namespace {

struct pixel_lists {
  std::vector<std::uint32_t> starts;
  std::vector<std::uint16_t> index;
  std::vector<float> value;
};

// The lists of `batch` samples from `first` on.
struct listed_samples {
  const pixel_lists* lists;
  std::size_t first;
};

class all_lists {
 public:
  explicit all_lists(const task& t) {
    for (std::size_t i = 0; i < t.bytes.size(); ++i) {
      if (i % pixels == 0) lists_.starts.push_back(static_cast<std::uint32_t>(lists_.index.size()));
      if (t.bytes[i] == 0) continue;
      lists_.index.push_back(static_cast<std::uint16_t>(i % pixels));
      lists_.value.push_back(t.images[i]);
    }
    lists_.starts.push_back(static_cast<std::uint32_t>(lists_.index.size()));
  }
  listed_samples at(std::size_t first) const { return {&lists_, first}; }

 private:
  pixel_lists lists_;
};

// W [in][out]: a pixel's weights lie together. `chains` sums at a time hide the latency of each other.
template <int in, int out, int batch, int chains> class listed_layer {
 public:
  explicit listed_layer(const layer_values& start) : w_(start) {}
  void restart() { w_.restart(); }
  layer_values values() const { return w_.values(); }

  void forward(const listed_samples& x, float* z) const {
    for (int n = 0; n < batch; ++n) {
      const auto [index, value, count] = list(x, n);
      add_listed_rows(w_.data(), index, value, count, z + n * out);
    }
  }

  void update(const listed_samples& x, const float* dz) {
    for (int n = 0; n < batch; ++n) {
      const auto [index, value, count] = list(x, n);
      update_listed_rows(w_.data(), index, value, count, dz + n * out);
    }
  }

 private:
  // As many columns as registers hold: a wider layer is done in pieces.
  static constexpr int columns = out < 64 ? out : 64;

  struct one_list {
    const std::uint16_t* index;
    const float* value;
    int count;
  };
  static one_list list(const listed_samples& x, int n) {
    const std::size_t s = x.first + static_cast<std::size_t>(n);
    const std::uint32_t start = x.lists->starts[s];
    return {x.lists->index.data() + start, x.lists->value.data() + start,
            static_cast<int>(x.lists->starts[s + 1] - start)};
  }

  static void add_listed_rows(const float* __restrict w, const std::uint16_t* __restrict index,
                              const float* __restrict value, int count, float* __restrict z) {
    for (int first = 0; first < out; first += columns) {
      float sum[chains][columns] = {};
      int k = 0;
      for (; k + chains <= count; k += chains)
        for (int c = 0; c < chains; ++c) {
          const float* row = w + index[k + c] * out + first;
          const float x = value[k + c];
          for (int o = 0; o < columns; ++o) sum[c][o] += x * row[o];
        }
      for (; k < count; ++k)
        for (int o = 0; o < columns; ++o) sum[0][o] += value[k] * w[index[k] * out + first + o];
      for (int c = 1; c < chains; ++c)
        for (int o = 0; o < columns; ++o) sum[0][o] += sum[c][o];
      for (int o = 0; o < columns; ++o) z[first + o] = sum[0][o];
    }
  }

  static void update_listed_rows(float* __restrict w, const std::uint16_t* __restrict index,
                                 const float* __restrict value, int count, const float* __restrict dz) {
    for (int first = 0; first < out; first += columns) {
      float d[columns];
      for (int o = 0; o < columns; ++o) d[o] = dz[first + o];
      for (int k = 0; k < count; ++k) {
        float* __restrict row = w + index[k] * out + first;
        const float x = value[k];
#pragma omp simd
        for (int o = 0; o < columns; ++o) row[o] += x * d[o];
      }
    }
  }

  weights<in, out, order::in_out> w_;
};

template <int in, int out, int batch> using one_chain = listed_layer<in, out, batch, 1>;
template <int in, int out, int batch> using two_chains = listed_layer<in, out, batch, 2>;
template <int in, int out, int batch> using four_chains = listed_layer<in, out, batch, 4>;

}  // namespace

std::vector<variant> variants(const task& t) {
  std::vector<variant> found;
  at_size(t, [&]<int hidden, int batch>() {
    const auto add = [&]<template <int, int, int> class First>(const char* name) {
      using run = layered_run<hidden, batch, First, plain_layer, all_lists>;
      found.push_back({name, [&t] { return std::make_unique<run>(t); }});
    };
    add.template operator()<one_chain>("1 chain");
    add.template operator()<two_chains>("2 chains");
    add.template operator()<four_chains>("4 chains");
  });
  return found;
}

std::string describe() { return __VERSION__; }

}  // namespace lanewise::bench
