// SPDX-License-Identifier: MIT
// The training step layer by layer, for contenders that bring the products: what lies between them is loops with sizes fixed
// at compile time. A layer has
//
//   forward(x, z)     z = x W             [batch, out]
//   backward(dz, dx)  dx = dz W^T         [batch, in]
//   update(x, dz)     W += x^T dz
//   restart(), values()
//
// The gradient of the loss is scaled by -learning rate / batch, so that what flows back is the update itself.
#pragma once

#include <math.h>

#include "weights.hpp"

namespace lanewise::bench {

// Where the floats of a step come from: ready ones, or converted from the bytes when they are needed, which reads a quarter.
enum class input { ready, converted };

template <int batch> class dense_samples {
 public:
  dense_samples(const task& t, input which) : task_(t), which_(which), converted_(std::size_t{batch} * pixels) {}

  const float* at(std::size_t first) {
    return which_ == input::ready ? task_.images.data() + first * pixels : convert(first, batch);
  }

  const float* convert(std::size_t first, std::size_t count) {
    const std::uint8_t* __restrict from = task_.bytes.data() + first * pixels;
    float* __restrict to = converted_.data();
    for (std::size_t i = 0; i < count * pixels; ++i) to[i] = static_cast<float>(from[i]) * (1 / 255.0f);
    return to;
  }

 private:
  const task& task_;
  input which_;
  floats converted_;
};

// dz = scale (softmax(z) - onehot), z = z + bias; returns the sum of the losses. All exponentials are one loop.
template <int batch>
double softmax_cross_entropy(const float* __restrict z, const float* __restrict bias, const std::int32_t* labels,
                             float scale, float* __restrict dz) {
  float at_label[batch], sum[batch];
  for (int n = 0; n < batch; ++n) {
    float logits[classes];
    for (int j = 0; j < classes; ++j) logits[j] = z[n * classes + j] + bias[j];
    float top = logits[0];
    for (int j = 1; j < classes; ++j) top = logits[j] > top ? logits[j] : top;
    for (int j = 0; j < classes; ++j) dz[n * classes + j] = logits[j] - top;
    at_label[n] = dz[n * classes + labels[n]];
  }
  for (int i = 0; i < batch * classes; ++i) dz[i] = expf(dz[i]);
  for (int n = 0; n < batch; ++n) {
    float total = 0;
    for (int j = 0; j < classes; ++j) total += dz[n * classes + j];
    sum[n] = total;
    const float factor = scale / total;
    for (int j = 0; j < classes; ++j) dz[n * classes + j] *= factor;
    dz[n * classes + labels[n]] -= scale;
  }
  double loss = 0;
  for (int n = 0; n < batch; ++n) sum[n] = logf(sum[n]) - at_label[n];
  for (int n = 0; n < batch; ++n) loss += static_cast<double>(sum[n]);
  return loss;
}

// Samples: dense_samples, or what gives First::forward and First::update their input.
template <int hidden, int batch, template <int, int, int> class First, template <int, int, int> class Others,
          class Samples = dense_samples<batch>>
class layered_run : public training_run {
  static constexpr int H = hidden, C = classes;

 public:
  template <class... Which>
  explicit layered_run(const task& t, Which... which)
      : task_(t), samples_(t, which...), first_(t.start[0]), second_(t.start[1]), third_(t.start[2]) {
    reset_biases();
  }

  void restart() override {
    first_.restart(), second_.restart(), third_.restart();
    reset_biases();
  }

  double train(std::size_t first, std::size_t count) override {
    double loss = 0;
    for (std::size_t s = first; s < first + count; s += batch) loss += step(samples_.at(s), task_.labels.data() + s);
    return loss;
  }

  std::array<layer_values, 3> parameters() const override {
    std::array<layer_values, 3> found{first_.values(), second_.values(), third_.values()};
    found[0].bias.assign(b0_.data(), b0_.data() + H);
    found[1].bias.assign(b1_.data(), b1_.data() + H);
    found[2].bias.assign(b2_.data(), b2_.data() + C);
    return found;
  }

  bool classify(std::span<std::int32_t> into) override {
    if constexpr (std::is_same_v<Samples, dense_samples<batch>>) {
      for (std::size_t s = 0; s < into.size(); s += batch) {
        const std::size_t count = std::min<std::size_t>(batch, into.size() - s);
        forward(samples_.convert(s, count));
        for (std::size_t n = 0; n < count; ++n) into[s + n] = highest(z2_.data() + n * C);
      }
      return true;
    } else {
      return false;
    }
  }

 private:
  void reset_biases() {
    std::copy_n(task_.start[0].bias.data(), H, b0_.data());
    std::copy_n(task_.start[1].bias.data(), H, b1_.data());
    std::copy_n(task_.start[2].bias.data(), C, b2_.data());
  }

  // a0 = relu(z0), z1 = relu(..), a1 = a0 + z1; z2 without its bias.
  template <class X> void forward(const X& x) {
    first_.forward(x, z0_.data());
    add_bias_relu(z0_.data(), b0_.data(), a0_.data());
    second_.forward(a0_.data(), z1_.data());
    add_bias_relu(z1_.data(), b1_.data(), z1_.data());
    const float* __restrict a0 = a0_.data();
    const float* __restrict r1 = z1_.data();
    float* __restrict a1 = a1_.data();
    for (int i = 0; i < batch * H; ++i) a1[i] = a0[i] + r1[i];
    third_.forward(a1, z2_.data());
  }

  template <class X> double step(const X& x, const std::int32_t* labels) {
    forward(x);
    const double loss = softmax_cross_entropy<batch>(z2_.data(), b2_.data(), labels,
                                                     -task_.learning_rate / static_cast<float>(batch), dz2_.data());
    third_.backward(dz2_.data(), da1_.data());
    third_.update(a1_.data(), dz2_.data());
    add_rows<C>(dz2_.data(), b2_.data());
    mask(z1_.data(), da1_.data(), dz1_.data());
    second_.backward(dz1_.data(), da0_.data());
    second_.update(a0_.data(), dz1_.data());
    add_rows<H>(dz1_.data(), b1_.data());
    float* __restrict da0 = da0_.data();
    const float* __restrict da1 = da1_.data();
    for (int i = 0; i < batch * H; ++i) da0[i] += da1[i];
    mask(a0_.data(), da0, dz0_.data());
    first_.update(x, dz0_.data());
    add_rows<H>(dz0_.data(), b0_.data());
    return loss;
  }

  static void add_bias_relu(const float* z, const float* __restrict bias, float* a) {
    for (int n = 0; n < batch; ++n)
#pragma omp simd
      for (int o = 0; o < H; ++o) {
        const float sum = z[n * H + o] + bias[o];
        a[n * H + o] = sum > 0 ? sum : 0;
      }
  }

  static void mask(const float* __restrict a, const float* __restrict da, float* __restrict dz) {
    for (int i = 0; i < batch * H; ++i) dz[i] = a[i] > 0 ? da[i] : 0;
  }

  template <int width> static void add_rows(const float* __restrict dz, float* __restrict bias) {
    for (int n = 0; n < batch; ++n)
#pragma omp simd
      for (int o = 0; o < width; ++o) bias[o] += dz[n * width + o];
  }

  std::int32_t highest(const float* z) const {
    int best = 0;
    for (int j = 1; j < C; ++j)
      if (z[j] + b2_[static_cast<std::size_t>(j)] > z[best] + b2_[static_cast<std::size_t>(best)]) best = j;
    return best;
  }

  const task& task_;
  Samples samples_;
  First<pixels, H, batch> first_;
  Others<H, H, batch> second_;
  Others<H, C, batch> third_;
  floats b0_{H}, b1_{H}, b2_{C};
  floats z0_{batch * H}, a0_{batch * H}, z1_{batch * H}, a1_{batch * H}, z2_{batch * C};
  floats dz2_{batch * C}, da1_{batch * H}, dz1_{batch * H}, da0_{batch * H}, dz0_{batch * H};
};

// The widths and batches that the comparison has: add(hidden, batch) as constants of the compiler for the one that t asks for.
template <class Add> void at_size(const task& t, const Add& add) {
  const auto with_hidden = [&]<int hidden>() {
    if (t.hidden != hidden) return;
    if (t.batch == 1) add.template operator()<hidden, 1>();
    if (t.batch == 64) add.template operator()<hidden, 64>();
  };
  with_hidden.template operator()<16>();
  with_hidden.template operator()<32>();
  with_hidden.template operator()<64>();
  with_hidden.template operator()<128>();
  with_hidden.template operator()<1024>();
}

// The variants of a net of such layers, named after them.
template <int hidden, int batch, template <int, int, int> class First, template <int, int, int> class Others>
void add_layered(const task& t, const std::string& name, std::vector<variant>& to) {
  using run = layered_run<hidden, batch, First, Others>;
  to.push_back({name, [&t] { return std::make_unique<run>(t, input::ready); }});
  to.push_back({name + ", bytes", [&t] { return std::make_unique<run>(t, input::converted); }});
}

}  // namespace lanewise::bench
