// SPDX-License-Identifier: MIT
// The model file: safetensors with PyTorch's names and shapes, "0.weight" [out, in], "0.bias" [out], "1.weight", ...
// (those of an nn.ModuleList of Linear layers). Equal nets give equal bytes.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include <lanewise/model/mlp.hpp>

namespace lanewise {

// Header keys in fixed order, padded to 8 bytes; __metadata__: format, layers, act, input scaling; no date, version or
// ISA. Written to a temporary file in the same directory, fsynced, renamed over `file`; an existing file is kept as
// `file`.prev. Refuses non-finite weights (malformed_error) and nets that the header cannot say: more than one hidden
// activation, some hundreds of layers (std::invalid_argument). Throws io_error. Whatever it throws, neither `file` nor
// `file`.prev changed.
void save_weights(const std::filesystem::path& file, const mlp& net);

// The same std::invalid_argument for a net of these layers, before there is anything to save.
void require_savable(std::span<const layer> layers);

// Strict: header at most 64 KiB, no duplicate keys, dtype F32 only, shapes as the layers say, offsets contiguous from 0
// without hole or overlap up to the end of the file, finite values only. The layers come from __metadata__; a file
// without it needs `layers`; if both are there they must agree. Throws std::invalid_argument if `layers` are not
// the file's, not_found_error, malformed_error or io_error.
mlp load_weights(const std::filesystem::path& file, const std::optional<std::vector<layer>>& layers = {});

}  // namespace lanewise
