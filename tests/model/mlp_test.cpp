// SPDX-License-Identifier: MIT
#include <lanewise/model/mlp.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>
#include <string>

using namespace lanewise;

TEST_CASE("parse_layers: the seed's net") {
  const std::vector<layer> layers = parse_layers("784-16-16r-10");
  REQUIRE(layers.size() == 3);
  CHECK(layers[0] == layer{784, 16, activation::relu, false});
  CHECK(layers[1] == layer{16, 16, activation::relu, true});
  CHECK(layers[2] == layer{16, 10, activation::identity, false});
  CHECK(layers_to_string(layers) == "784-16-16r-10");
}

TEST_CASE("parse_layers: text and layers are inverse to each other") {
  for (const char* text : {"1-1", "784-10", "5-5r-5r-2", "784-128-10", "1048576-1"})
    CHECK(layers_to_string(parse_layers(text)) == text);
}

TEST_CASE("parse_layers: refuses with one line that names the part and what to write") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "is not a width"},
      {"784", "at least an input and an output"},
      {"784-", "is not a width"},
      {"-10", "is not a width"},
      {"784--10", "is not a width"},
      {"784-x-10", "\"x\" is not a width"},
      {"784- 16-10", "is not a width"},
      {"784-+16-10", "is not a width"},
      {"784-0-10", "width 0 is out of range"},
      {"784-1048577-10", "out of range"},
      {"784-99999999999999999999999-10", "out of range"},
      {"784-16q-10", "unknown suffix"},
      {"784-16rr-10", "unknown suffix"},
      {"784x16x10", "write the widths with dashes between them, inputs first, classes last, as 784-16-16r-10"},
      {"784r-16-10", "the input cannot be a residual"},
      {"784-16-10r", "the last layer"},
      {"784-16-32r-10", "both must be equal"},
  };
  for (const auto& [layers, expected] : cases) {
    const char* text = layers;  // clang cannot capture a structured binding
    CAPTURE(text);
    std::string what;
    try {
      parse_layers(text);
    } catch (const std::invalid_argument& e) {
      what = e.what();
    }
    CHECK(what.find(expected) != std::string::npos);
    CHECK(what.find('\n') == std::string::npos);
    CHECK(what.size() < 400);
  }
}

TEST_CASE("mlp: 13,002 parameters in the seed's net, all zero, rows padded to 16") {
  mlp net(parse_layers("784-16-16r-10"));
  CHECK(net.parameter_count() == 13'002);
  CHECK(net.parameters().size() == (784 + 1) * 16 + (16 + 1) * 16 + (16 + 1) * 16);
  for (const float p : net.parameters()) REQUIRE(p == 0);
  CHECK(net.weights(2).rows() == 16);
  CHECK(net.weights(2).cols() == 16);
  CHECK(net.bias(2).size() == 16);
  CHECK(net.bias(2).data() + 16 == net.parameters().data() + net.parameters().size());
}

TEST_CASE("mlp: rows are padded to 16, but not to whole KB") {
  for (std::size_t width = 1; width <= 3000; ++width) {
    const std::size_t padded = mlp::padded_width(width);
    CAPTURE(width);
    CHECK(padded >= width);
    CHECK(padded < width + 32);
    CHECK(padded % 16 == 0);
    CHECK(padded % 256 != 0);
  }
  CHECK(mlp::padded_width(240) == 240);
  CHECK(mlp::padded_width(1024) == 1040);
}

TEST_CASE("mlp: refuses layers that do not fit together") {
  CHECK_THROWS_AS(mlp({}), std::invalid_argument);
  CHECK_THROWS_AS(mlp({{4, 3}, {4, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(mlp({{4, 3, activation::relu, true}, {3, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(mlp({{4, 3, activation::relu}}), std::invalid_argument);
  CHECK_THROWS_AS(mlp({{0, 3}}), std::invalid_argument);
  CHECK_THROWS_AS(mlp({{4, 3, {static_cast<activation_kind>(99), 0}}, {3, 2}}), std::invalid_argument);
}

TEST_CASE("mlp: clone is deep") {
  mlp net(parse_layers("3-2"));
  net.parameters()[0] = 1;
  mlp copy = net.clone();
  net.parameters()[0] = 2;
  CHECK(copy.parameters()[0] == 1);
}

TEST_CASE("all_finite: NaN and infinities at every place") {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()})
    for (std::size_t i = 0; i < 40; ++i) {
      std::vector<float> values(40, 1.0f);
      CHECK(all_finite(values));
      values[i] = bad;
      CHECK_FALSE(all_finite(values));
    }
}

TEST_CASE("activations as text: there and back, and one line about what is wrong") {
  for (const activation act : all_activations) {
    CHECK(parse_activation(name(act)) == act);
    CHECK(parse_activation(activation_to_string(act)) == act);
  }
  CHECK(activation_to_string(activation::gelu_tanh) == "gelu-tanh");
  CHECK(activation_to_string(activation::leaky_relu) == "leaky-relu:0.01");
  CHECK(parse_activation("leaky-relu:0.2") == activation{activation_kind::leaky_relu, 0.2f});
  CHECK(parse_activation("elu:0") == activation{activation_kind::elu, 0});
  CHECK(activation_to_string(parse_activation("elu:-0")) == "elu:0");
  for (const char* end : {"elu:1e-45", "elu:3.4028235e+38"}) CHECK(activation_to_string(parse_activation(end)) == end);
  const auto why_not = [](const char* text) -> std::string {
    try {
      parse_activation(text);
      return "";
    } catch (const std::invalid_argument& error) { return error.what(); }
  };
  CHECK(why_not("maxout") ==
        "activation \"maxout\": must be one of identity, relu, leaky-relu[:slope], elu[:alpha], gelu, gelu-tanh, silu, tanh, "
        "sigmoid");
  CHECK(why_not("") != "");
  CHECK(why_not("unknown") != "");
  CHECK(why_not("relu:1") == "activation \"relu:1\": has no parameter; leave out the colon and what follows");
  for (const char* text : {"elu:", "elu:x", "elu:1x", "elu:-1", "elu:nan", "elu:inf", "elu:1e99", "elu: 1", "elu:1:2"}) {
    CAPTURE(text);
    CHECK(why_not(text).find(": the alpha must be 0 or a number from 1e-45 to 3.4028235e+38") != std::string::npos);
  }
}

TEST_CASE("layers: another activation of the hidden ones") {
  CHECK(with_hidden_activation(parse_layers("4-3-3r-2"), activation::silu) == parse_layers("4-3-3r-2", activation::silu));
  CHECK(with_hidden_activation(parse_layers("4-2"), activation::silu) == parse_layers("4-2"));
}
