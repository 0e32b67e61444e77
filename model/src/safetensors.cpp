// SPDX-License-Identifier: MIT
#include "safetensors.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include <lanewise/model/text.hpp>

namespace lanewise {
namespace {

using nlohmann::json;

constexpr const char* metadata_key = "__metadata__";

// nlohmann-json keeps the last of equal keys, other readers the first: a file with such keys has two meanings.
class strict_parse_callback {
 public:
  explicit strict_parse_callback(const input_file& file) : file_(file) {}

  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    constexpr int deepest = 2;  // the header is 0, a tensor in it 1, the tensor's shape 2
    using is = json::parse_event_t;
    if ((event == is::object_start || event == is::array_start) && depth > deepest)
      file_.refuse("header: nested too deeply");
    if (event == is::object_start) keys_.emplace_back();
    if (event == is::object_end) keys_.pop_back();
    if (event == is::key && !keys_.back().insert(parsed.get<std::string>()).second)
      file_.refuse("header: the key " + in_quotes(parsed.get<std::string>()) + " is there twice");
    return true;
  }

 private:
  const input_file& file_;
  std::vector<std::set<std::string>> keys_;  // of each object that is open
};

json parse_json(const input_file& file, const std::string& text) {
  // nlohmann-json takes a NUL for the end and would not look at what follows.
  if (text.front() != '{' || text.find('\0') != std::string::npos)
    file.refuse("byte 8: the header is not a JSON object; is this a safetensors file?");
  try {
    return json::parse(text, strict_parse_callback(file));
  } catch (const json::parse_error& error) {
    file.refuse("byte " + std::to_string(header_length_bytes + error.byte - 1) + ": the header is not valid JSON");
  } catch (const json::exception&) { file.refuse("header: a number is out of range"); }
}

std::uint64_t as_unsigned(const input_file& file, const std::string& tensor, const json& value) {
  if (!value.is_number_unsigned())
    file.refuse("tensor " + in_quotes(tensor) + ": shape and data_offsets must be lists of whole numbers");
  return value.get<std::uint64_t>();
}

std::vector<std::uint64_t> as_unsigned_list(const input_file& file, const std::string& tensor, const json& value) {
  std::vector<std::uint64_t> list;
  if (!value.is_array()) file.refuse("tensor " + in_quotes(tensor) + ": shape and data_offsets must be lists");
  for (const json& element : value) list.push_back(as_unsigned(file, tensor, element));
  return list;
}

tensor_place as_tensor(const input_file& file, const std::string& name, const json& value) {
  const std::string where = "tensor " + in_quotes(name) + ": ";
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets"))
    file.refuse(where + "must have dtype, shape and data_offsets, and nothing else");
  const json& type = value["dtype"];
  if (type != "F32")
    file.refuse(where + "dtype must be \"F32\"" +
                (type.is_string() ? ", not " + in_quotes(type.get<std::string>()) : ""));

  const std::vector<std::uint64_t> offsets = as_unsigned_list(file, name, value["data_offsets"]);
  if (offsets.size() != 2) file.refuse(where + "data_offsets must be a pair");
  tensor_place tensor{name, as_unsigned_list(file, name, value["shape"]), offsets[0], offsets[1]};

  std::uint64_t bytes = sizeof(float);
  bool overflow = false;
  for (const std::uint64_t dim : tensor.shape) overflow |= __builtin_mul_overflow(bytes, dim, &bytes);
  if (overflow || tensor.end < tensor.begin || tensor.end - tensor.begin != bytes)
    file.refuse(where + "data_offsets " + shape_text(offsets) + " do not fit the shape " + shape_text(tensor.shape));
  return tensor;
}

std::map<std::string, std::string> as_metadata(const input_file& file, const json& value) {
  if (!value.is_object()) file.refuse("header: __metadata__ must be an object");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) file.refuse("header: __metadata__ " + in_quotes(key) + " must be a string");
    metadata.emplace(key, text.get<std::string>());
  }
  return metadata;
}

void check_places(const input_file& file, const safetensors_header& header) {
  std::uint64_t end = 0;
  for (const tensor_place& tensor : header.tensors) {
    if (tensor.begin != end)
      file.refuse("tensor " + in_quotes(tensor.name) + ": its values begin at " + std::to_string(tensor.begin) +
                  (tensor.begin < end ? ", inside the tensor before it, which ends at "
                                      : ", behind a hole; the tensor before it ends at ") +
                  std::to_string(end));
    end = tensor.end;
  }
  const std::uint64_t present = file.size() - header.data_offset;
  if (end != present)
    file.refuse("the tensors take " + std::to_string(end) + " bytes, the file has " + std::to_string(present) +
                " behind the header" + (end > present ? "; it is cut off" : ""));
}

std::string read_header_text(const input_file& file) {
  std::array<std::byte, header_length_bytes> raw_length{};
  if (file.read_at(0, raw_length) < raw_length.size())
    file.refuse("has fewer than 8 bytes, so no header; is this a safetensors file?");
  std::uint64_t length = 0;
  std::memcpy(&length, raw_length.data(), sizeof length);
  if (length > longest_header)
    file.refuse("byte 0: a header of " + std::to_string(length) + " bytes, more than the limit of " +
                std::to_string(longest_header) + "; is this a safetensors file?");
  std::string text(length, '\0');
  if (text.empty() || file.read_at(header_length_bytes, std::as_writable_bytes(std::span(text))) < length)
    file.refuse("byte 0: a header of " + std::to_string(length) + " bytes, the file has " +
                std::to_string(file.size()));
  return text;
}

}  // namespace

std::string format_header(const metadata_list& metadata, const std::vector<tensor_place>& tensors) {
  constexpr std::size_t shortest_entry = 50;  // what a tensor takes at least; ordered_json looks for every key in turn
  const std::invalid_argument too_long("too many layers for a model file, whose header says names and shapes in " +
                                       std::to_string(longest_header) + " bytes; choose fewer");
  if (tensors.size() > longest_header / shortest_entry) throw too_long;
  nlohmann::ordered_json header;
  for (const auto& [key, value] : metadata) header[metadata_key][key] = value;
  for (const tensor_place& tensor : tensors)
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {tensor.begin, tensor.end}}};
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > longest_header) throw too_long;
  const std::uint64_t length = text.size();
  std::string raw_length(header_length_bytes, '\0');
  std::memcpy(raw_length.data(), &length, sizeof length);
  return raw_length + text;
}

safetensors_header read_header(const input_file& file) {
  const std::string text = read_header_text(file);
  safetensors_header header;
  header.data_offset = header_length_bytes + text.size();
  const json parsed = parse_json(file, text);
  for (const auto& [name, value] : parsed.items()) {
    if (name == metadata_key)
      header.metadata = as_metadata(file, value);
    else
      header.tensors.push_back(as_tensor(file, name, value));
  }
  std::sort(header.tensors.begin(), header.tensors.end(), [](const tensor_place& a, const tensor_place& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  check_places(file, header);
  return header;
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const std::uint64_t dim : shape) text += (text.empty() ? "" : ", ") + std::to_string(dim);
  return std::string("[").append(shortened(text)).append("]");
}

}  // namespace lanewise
