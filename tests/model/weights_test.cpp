// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/mlp.hpp>
#include <lanewise/model/weights.hpp>

#include "../support/bits.hpp"
#include "../support/random.hpp"
#include "../support/refusal.hpp"
#include "../support/temp_dir.hpp"
#include "example_model_file.hpp"

namespace lanewise::test {
namespace {

using namespace example;
using std::filesystem::path;

constexpr float infinity = std::numeric_limits<float>::infinity();

// Random values in every weight and bias, none in the padding.
mlp random_net(const std::string& layers, std::uint64_t seed, values kind = values::uniform) {
  mlp net(parse_layers(layers));
  random_source random(seed);
  for (std::size_t l = 0; l < net.layers().size(); ++l) {
    const std::size_t out = net.layers()[l].out;
    for (std::size_t i = 0; i < net.layers()[l].in; ++i) fill(random, kind, net.weights(l).row(i).first(out));
    fill(random, kind, net.bias(l).first(out));
  }
  return net;
}

TEST_CASE("save_weights: the documented bytes") {
  mlp net(parse_layers("3-2"));
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t o = 0; o < 2; ++o) net.weights(0)(i, o) = static_cast<float>(10 * (o + 1) + i + 1);
  net.bias(0)[0] = 1;
  net.bias(0)[1] = 2;
  const temp_dir dir;
  save_weights(dir / "model", net);
  CHECK(read_file(dir / "model") == file_of(padded(header), data));
  check_is_example(load_weights(dir / "model"));
}

TEST_CASE("save and load: every bit comes back, the padding stays zero, equal nets give equal bytes") {
  for (const std::string layers : {"784-16-16r-10", "1-1", "5-17-17r-33-2", "16-32-16"})
    for (const values kind : finite_values) {
      CAPTURE(layers);
      const temp_dir dir;
      const mlp net = random_net(layers, 7, kind);
      save_weights(dir / "a", net);
      save_weights(dir / "b", random_net(layers, 7, kind));
      CHECK(read_file(dir / "a") == read_file(dir / "b"));
      CHECK(read_file(dir / "a").find('{') == 8);
      const mlp loaded = load_weights(dir / "a");
      CHECK(std::equal(loaded.layers().begin(), loaded.layers().end(), net.layers().begin(), net.layers().end()));
      CHECK(difference(loaded.parameters(), net.parameters()) == "");
    }
}

TEST_CASE("save and load: the activation comes back, with its parameter; a file that does not say one means relu") {
  const temp_dir dir;
  for (const activation act : {activation::gelu, activation::silu, activation{activation_kind::elu, 0.3f}}) {
    save_weights(dir / "model", mlp(parse_layers("5-4-4r-2", act)));
    CHECK(load_weights(dir / "model").layers()[0].act == act);
  }
  save_weights(dir / "model", mlp(parse_layers("5-4-4r-2")));
  std::string bytes = read_file(dir / "model");
  const std::string said = "\"act\":\"relu\",";
  bytes.replace(bytes.find(said), said.size(), said.size(), ' ');
  write_file(dir / "model", bytes);
  CHECK(load_weights(dir / "model").layers()[0].act == activation::relu);
}

TEST_CASE("save_weights: the file before is kept") {
  const temp_dir dir;
  save_weights(dir / "model", random_net("3-2", 1));
  const std::string first = read_file(dir / "model");
  save_weights(dir / "model", random_net("3-2", 2));
  CHECK(read_file(dir / "model.prev") == first);
  CHECK(names_in(dir.path()) == std::vector<std::string>{"model", "model.prev"});
}

TEST_CASE("save_weights: what is not finite, cannot be said or cannot be written leaves the old file") {
  const temp_dir dir;
  write_file(dir / "model", "old");
  const auto save = [&](const mlp& net) { return [&] { save_weights(dir / "model", net); }; };
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}) {
    mlp net(parse_layers("3-2-2"));
    net.weights(0)(2, 1) = bad;
    check_refusal<malformed_error>(dir / "model", "\"0.weight\": the value from input 2 to output 1 is not finite",
                                   save(net));
    net = mlp(parse_layers("3-2-2"));
    net.bias(1)[1] = bad;
    check_refusal<malformed_error>(dir / "model", "\"1.bias\"", save(net));
  }
  const mlp mixed({{2, 2, activation::relu}, {2, 2, activation::identity}, {2, 2, activation::identity}});
  CHECK_THROWS_AS(save(mixed)(), std::invalid_argument);
  std::string deep = "1";
  for (int i = 0; i < 600; ++i) deep += "-1";
  CHECK_THROWS_AS(save(mlp(parse_layers(deep)))(), std::invalid_argument);
  CHECK_THROWS_AS(require_savable(parse_layers(deep)), std::invalid_argument);
  CHECK_THROWS_AS(require_savable(mixed.layers()), std::invalid_argument);
  CHECK_NOTHROW(require_savable(parse_layers("784-16-16r-10")));
  CHECK(read_file(dir / "model") == "old");
  CHECK(names_in(dir.path()) == std::vector<std::string>{"model"});
  const path nowhere = dir / "no" / "model";
  check_refusal<io_error>(nowhere, "No such file", [&] { save_weights(nowhere, random_net("3-2", 1)); });
}

TEST_CASE("load_weights: files of other programs, tensors in any order, need the layers") {
  const temp_dir dir;
  const std::string swapped =
      "{" + replaced(bias, "[24,32]", "[0,8]") + "," + replaced(weight, "[0,24]", "[8,32]") + "}";
  const path file = write_file(dir / "model", file_of(swapped, raw({1, 2, 11, 12, 13, 21, 22, 23})));
  check_refusal<malformed_error>(file, "say them with --layers", [&] { load_weights(file); });
  check_is_example(load_weights(file, parse_layers("3-2")));

  const std::string foreign = "{" + weight + R"(, "__metadata__" : {"format" : "np"}, )" + bias + "} ";
  write_file(file, file_of(foreign, data));
  check_is_example(load_weights(file, parse_layers("3-2")));
  for (const std::string layers : {"3-3", "4-2", "3-2-2", "3-1"}) {
    CAPTURE(layers);
    refusal<std::invalid_argument>(file, [&] { load_weights(file, parse_layers(layers)); });
  }
  refusal<std::invalid_argument>(file, [&] { load_weights(file, std::vector<layer>{}); });
}

TEST_CASE("load_weights: layers asked for must be the file's") {
  const temp_dir dir;
  save_weights(dir / "model", random_net("3-4-4r-2", 1));
  CHECK_NOTHROW(load_weights(dir / "model", parse_layers("3-4-4r-2")));
  const auto load = [&](std::vector<layer> layers) { return [=, &dir] { load_weights(dir / "model", layers); }; };
  const std::string reason = "holds the net 3-4-4r-2 with activation relu, not the one asked for";
  check_refusal<std::invalid_argument>(dir / "model", reason, load(parse_layers("3-4-4-2")));
  check_refusal<std::invalid_argument>(dir / "model", reason, load(parse_layers("3-4-4r-2", activation::identity)));
  check_refusal<std::invalid_argument>(dir / "model", reason, load({}));
}

}  // namespace
}  // namespace lanewise::test
