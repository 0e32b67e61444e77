// SPDX-License-Identifier: MIT
// lanewise show: what the images of a data set look like, many on one sheet.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <lanewise/model/files.hpp>
#include <lanewise/model/text.hpp>

#include "commands.hpp"
#include "data_source.hpp"
#include "exit_codes.hpp"
#include "flags.hpp"
#include "png.hpp"
#include "text.hpp"

namespace lanewise::cli {
namespace {

struct show_flags {
  std::string data;
  std::filesystem::path out = "sheet.png";
  std::size_t count = 100;
};

// Grey pixels, row by row.
struct picture {
  std::size_t height, width;
  std::vector<std::uint8_t> pixels;
};

// The first `count` images in rows, as many as make the sheet square, each pixel two by two, with a grey line around.
picture contact_sheet(const dataset& images, std::size_t count) {
  constexpr std::size_t magnified = 2, line = 2;
  constexpr std::uint8_t grey = 96;
  const auto columns = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  const std::size_t rows = (count + columns - 1) / columns;
  const std::size_t cell_height = magnified * images.height() + line, cell_width = magnified * images.width() + line;
  picture sheet{rows * cell_height + line, columns * cell_width + line, {}};
  sheet.pixels.assign(sheet.height * sheet.width, grey);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t top = i / columns * cell_height + line, left = i % columns * cell_width + line;
    for (std::size_t y = 0; y < magnified * images.height(); ++y)
      for (std::size_t x = 0; x < magnified * images.width(); ++x)
        sheet.pixels[(top + y) * sheet.width + left + x] =
            images.image(i)[y / magnified * images.width() + x / magnified];
  }
  return sheet;
}

int run_show(const show_flags& flags, standard_output& out) {
  const dataset images = load_images(flags.data).train;
  const std::size_t count = std::min(flags.count, images.size());
  const picture sheet = contact_sheet(images, count);
  replace_file(flags.out, png_bytes(sheet.pixels, sheet.height, sheet.width));
  out.line(fmt::format("written: {}, the first {} training images of {}", one_line(flags.out.string()),
                       thousands(count), one_line(data_name(flags.data))));
  out.check("the picture itself is complete");
  return exit_ok;
}

}  // namespace

command add_show(CLI::App& program) {
  CLI::App* app = program.add_subcommand("show",
                                         "Draw a contact sheet of training images, as a PNG file.\n\n"
                                         "Examples:\n"
                                         "  lanewise show digits\n"
                                         "  lanewise show data/mnist --out mnist.png --count 400");
  const auto flags = std::make_shared<show_flags>();
  app->add_option("DATA", flags->data, "a directory, as train takes it; or digits, built in")->required();
  add_flag_value(*app, "--out", {"FILE", "where the picture goes", "sheet.png"},
                 [=](const std::string& text) { flags->out = not_empty("--out", text); });
  add_flag_value(*app, "--count", {"N", "images on it, from the first", "100"},
                 [=](const std::string& text) { flags->count = whole_number("--count", text, 1, 10'000); });
  return {app, [flags](standard_output& out) { return run_show(*flags, out); }};
}

}  // namespace lanewise::cli
