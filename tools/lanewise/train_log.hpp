// SPDX-License-Identifier: MIT
// The record of a run: a file of JSON lines, one an epoch.
#pragma once

#include <filesystem>
#include <string>

#include "json.hpp"

namespace lanewise::cli {

// Written as FILE.part while the run goes on, each line at once; finish() puts it in the place of FILE.
// Without finish() FILE stays as it was and the part is removed.
class train_log {
 public:
  explicit train_log(const std::filesystem::path& file);  // throws io_error
  train_log(const train_log&) = delete;
  train_log& operator=(const train_log&) = delete;
  ~train_log();

  // A failure is remembered for finish(): a run must go on and save its model.
  void write(const json& record);
  void finish();  // throws io_error

  static std::filesystem::path part_of(const std::filesystem::path& file) { return file.string() + ".part"; }

 private:
  std::filesystem::path file_, part_;
  int descriptor_;
  int error_ = 0;
};

}  // namespace lanewise::cli
