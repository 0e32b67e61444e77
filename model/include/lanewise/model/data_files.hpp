// SPDX-License-Identifier: MIT
// The data sets that lie in a directory as files.
#pragma once

#include <cstddef>
#include <filesystem>

#include <lanewise/model/data.hpp>

namespace lanewise {

// The images and labels in `directory` or in directory/MNIST/raw:
// - MNIST's own names, {train,t10k}-{images-idx3,labels-idx1}-ubyte, also with .idx3/.idx1, win over all others.
// - IDX: *images*idx3-ubyte and *labels*idx1-ubyte, with - or . before idx.
// - NumPy: *images*.npy and *labels*.npy, or x_train.npy, y_train.npy, x_test.npy, y_test.npy.
// - CSV: *.csv, the label first.
// The training files have `train` in their names, the test files `t10k` or `test`; case does not matter. Each may be
// gzip with .gz at the end; the plain one is taken if both are there.
// What has pixels in a row without height and width is square if it can be, else one pixel high.
// `classes` is what labels in files with MNIST's names must stay below; other files have as many classes as their
// highest label needs.
// Throws not_found_error (what is missing, where it was looked for, or which two files may be the one that is meant),
// malformed_error or io_error.
train_and_test load_data_files(const std::filesystem::path& directory, std::size_t classes = 10);

// The test images alone, of which only the files for them are looked at.
dataset load_test_files(const std::filesystem::path& directory, std::size_t classes = 10);

}  // namespace lanewise
