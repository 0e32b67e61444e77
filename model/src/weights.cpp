// SPDX-License-Identifier: MIT
#include <lanewise/model/weights.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include <lanewise/model/errors.hpp>
#include <lanewise/model/files.hpp>
#include <lanewise/model/text.hpp>

#include "safetensors.hpp"

namespace lanewise {
namespace {

constexpr const char* file_version = "1";
constexpr const char* input_scaling = "u8/255";

// In every net that layers_to_string() can write, the first layer has the one activation there is.
metadata_list metadata_of(std::span<const layer> layers) {
  const activation act = layers.front().act;
  const std::string text = layers_to_string(layers);
  const std::vector<layer> readable = parse_layers(text, act);
  if (!std::equal(readable.begin(), readable.end(), layers.begin(), layers.end()))
    throw std::invalid_argument("net " + text +
                                ": a model file needs one activation for all hidden layers and none at the end");
  return {{"format", "pt"},
          {"lanewise", file_version},
          {"layers", text},
          {"act", activation_to_string(act)},
          {"input", input_scaling}};
}

// The net's tensors in the order in which they are written: weight and bias of each layer.
std::vector<tensor_place> tensors_of(std::span<const layer> layers) {
  std::vector<tensor_place> tensors;
  std::uint64_t end = 0;
  const auto add = [&](const std::string& name, std::vector<std::uint64_t> shape, std::uint64_t values) {
    const std::uint64_t begin = end;
    end += values * sizeof(float);
    tensors.push_back({name, std::move(shape), begin, end});
  };
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::uint64_t in = layers[l].in, out = layers[l].out;
    add(std::to_string(l) + ".weight", {out, in}, out * in);
    add(std::to_string(l) + ".bias", {out}, out);
  }
  return tensors;
}

// The values of tensor t of that list: [in, out], a bias [1, out]. In the file they lie the other way round.
template <class Net> auto values_of(Net& net, std::size_t t) {
  const std::size_t l = t / 2;
  return (t % 2 == 0 ? net.weights(l) : matrix_view(net.bias(l))).first_cols(net.layers()[l].out);
}

void check_finite(float value, const std::filesystem::path& file, const std::string& tensor, std::size_t in,
                  std::size_t out) {
  if (!std::isfinite(value))
    throw malformed_error(shown(file) + ": tensor " + in_quotes(tensor) + ": the value from input " +
                          std::to_string(in) + " to output " + std::to_string(out) + " is not finite");
}

std::string net_text(std::span<const layer> layers) {
  return shortened(layers_to_string(layers)).append(" with activation ").append(activation_to_string(layers.front().act));
}

const std::string& metadata_value(const input_file& file, const safetensors_header& header, const std::string& key) {
  const auto entry = header.metadata.find(key);
  if (entry == header.metadata.end()) file.refuse("header: __metadata__ has no \"" + key + "\"");
  return entry->second;
}

// Files from before there was a choice do not say it: relu.
activation activation_from_metadata(const input_file& file, const safetensors_header& header) {
  const auto entry = header.metadata.find("act");
  if (entry == header.metadata.end()) return activation::relu;
  try {
    return parse_activation(entry->second);
  } catch (const std::invalid_argument& error) {
    file.refuse(std::string("header: ") + error.what());
  }
}

std::vector<layer> layers_from_metadata(const input_file& file, const safetensors_header& header) {
  const auto value = [&](const char* key) -> const std::string& { return metadata_value(file, header, key); };
  if (value("lanewise") != file_version)
    file.refuse("header: version " + in_quotes(value("lanewise")) +
                " of the model file, this program reads version \"1\"");
  if (value("input") != input_scaling)
    file.refuse("header: input scaling " + in_quotes(value("input")) + ", this program knows \"u8/255\"");
  const activation act = activation_from_metadata(file, header);
  try {
    return parse_layers(value("layers"), act);
  } catch (const std::invalid_argument&) {
    file.refuse("header: layers " + in_quotes(value("layers")) + " are not what a net can have, as 784-16-16r-10");
  }
}

// Files that other programs wrote do not say how their tensors make a net.
std::vector<layer> layers_of(const input_file& file, const safetensors_header& header,
                             const std::optional<std::vector<layer>>& asked) {
  if (!header.metadata.contains("lanewise")) {
    if (!asked)
      file.refuse("does not say the layers of its net; say them with --layers, for example --layers 784-16-16r-10");
    return *asked;
  }
  std::vector<layer> written = layers_from_metadata(file, header);
  if (asked && *asked != written)
    throw std::invalid_argument(shown(file.path()) + ": holds the net " + net_text(written) +
                                ", not the one asked for" + (asked->empty() ? "" : ", " + net_text(*asked)));
  return written;
}

// The place of each tensor of the net, in the net's order. If the file says nothing of layers, what does not fit is the
// fault of those that were asked for.
std::vector<tensor_place> places_of(const input_file& file, const safetensors_header& header,
                                    std::span<const layer> layers) {
  const auto refuse = [&](const std::string& problem) {
    if (header.metadata.contains("lanewise")) file.refuse(problem);
    throw std::invalid_argument(shown(file.path()) + ": " + problem);
  };
  const auto find = [](const std::vector<tensor_place>& tensors, const std::string& name) {
    return std::find_if(tensors.begin(), tensors.end(),
                        [&](const tensor_place& tensor) { return tensor.name == name; });
  };
  const std::string net = shortened(layers_to_string(layers));
  std::vector<tensor_place> places = tensors_of(layers);
  for (const tensor_place& tensor : header.tensors)
    if (find(places, tensor.name) == places.end())
      refuse("tensor " + in_quotes(tensor.name) + " does not belong to the net " + net);
  for (tensor_place& place : places) {
    const auto found = find(header.tensors, place.name);
    if (found == header.tensors.end()) refuse("tensor " + in_quotes(place.name) + " is missing");
    if (found->shape != place.shape)
      refuse("tensor " + in_quotes(place.name) + ": the shape is " + shape_text(found->shape) + ", the net " + net +
             " needs " + shape_text(place.shape));
    place = *found;
  }
  return places;
}

void read_tensor(const input_file& file, std::uint64_t offset, const std::string& tensor, matrix_view<float> values) {
  std::vector<float> raw(values.rows() * values.cols());
  const auto bytes = std::as_writable_bytes(std::span(raw));
  if (file.read_at(offset, bytes) < bytes.size()) file.refuse("became shorter while it was read");
  for (std::size_t out = 0; out < values.cols(); ++out)
    for (std::size_t in = 0; in < values.rows(); ++in) {
      values(in, out) = raw[out * values.rows() + in];
      check_finite(values(in, out), file.path(), tensor, in, out);
    }
}

}  // namespace

void save_weights(const std::filesystem::path& file, const mlp& net) {
  const std::vector<tensor_place> tensors = tensors_of(net.layers());
  const std::string header = format_header(metadata_of(net.layers()), tensors);
  std::vector<float> raw;
  raw.reserve(net.parameter_count());
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const matrix_view<const float> values = values_of(net, t);
    for (std::size_t out = 0; out < values.cols(); ++out)
      for (std::size_t in = 0; in < values.rows(); ++in) {
        check_finite(values(in, out), file, tensors[t].name, in, out);
        raw.push_back(values(in, out));
      }
  }
  std::vector<std::byte> content(header.size() + raw.size() * sizeof(float));
  std::memcpy(content.data(), header.data(), header.size());
  std::memcpy(content.data() + header.size(), raw.data(), raw.size() * sizeof(float));
  replace_file(file, content);
}

void require_savable(std::span<const layer> layers) { format_header(metadata_of(layers), tensors_of(layers)); }

mlp load_weights(const std::filesystem::path& file, const std::optional<std::vector<layer>>& layers) {
  const input_file input(file);
  const safetensors_header header = read_header(input);
  std::vector<layer> net_layers = layers_of(input, header, layers);
  const std::vector<tensor_place> places = places_of(input, header, net_layers);
  mlp net(std::move(net_layers));
  for (std::size_t t = 0; t < places.size(); ++t)
    read_tensor(input, header.data_offset + places[t].begin, places[t].name, values_of(net, t));
  return net;
}

}  // namespace lanewise
