// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/report.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <sigmagrad/inspect/columns.hpp>
#include <sigmagrad/inspect/figures.hpp>
#include <sigmagrad/inspect/report_page.hpp>
#include <sigmagrad/inspect/sums.hpp>
#include <sigmagrad/inspect/text_output.hpp>
#include <sigmagrad/io/file.hpp>

namespace sigmagrad::inspection {

namespace {

constexpr const char* cautions[] = {
    "A spike is a value that noise of the matrix's shape and size would not have. It is no proof of something learned: "
    "entries of unequal size, a mean that is not zero, and heavy tails give spikes too, and what was learned may lie "
    "below the edge.",
    "Marchenko and Pastur speak of independent entries of one size. A matrix that follows their curve looks like such "
    "noise in its spectrum, which says nothing about its singular vectors.",
    "The exponent alpha is one of the best power law, whether or not it is a good one: power_law and p_value say that. "
    "A tail of less than about 50 values fits nearly any law.",
    "The stable rank says how evenly energy is spread beside the largest value; it does not say how far a matrix can "
    "be compressed, nor how well a model will do on other data.",
    "The condition number of a wide gap between s1 and the rest differs from one whose small values fade out: look at "
    "the curve. Below the rounding of the file's numbers, small values and the condition number are that rounding."};

std::string plural(std::size_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

Section section_of(const FileRows& file, std::size_t number) {
  Section section{.title = file.file, .sentences = sentences(sums_of(file.rows))};
  std::vector<TensorRow> measured;
  for (const TensorRow& row : file.rows) {
    if (!row.summary) {
      section.other_rows.push_back(
          fmt::format("{} [{}, {}]: {}", row.name, shape_text(row.shape), row.dtype, row.note));
      continue;
    }
    measured.push_back(row);
    auto figure = spectrum_figure(row, fmt::format("spectrum-{}-{}", number, measured.size()));
    section.anchors.push_back(figure ? "figure-" + figure->name : "");
    if (!figure) continue;
    figure->caption = fmt::format("Matrix {}. {}", measured.size(), figure->caption);
    section.figures.push_back(std::move(*figure));
  }
  section.others_title = plural(section.other_rows.size(), "tensor") + " not measured, with the reason";
  section.sheet = sheet_of(columns_for(measured), measured);
  if (auto figure = overview_figure(measured, fmt::format("overview-{}", number)))
    section.overview.push_back(std::move(*figure));
  return section;
}

}  // namespace

std::vector<std::string> write_report(const std::vector<FileRows>& files, const std::vector<std::string>& failures,
                                      const std::filesystem::path& folder, const std::function<bool()>& interrupted) {
  Page page{.warnings = failures,
            .headings = {tensor_columns().begin(), tensor_columns().end()},
            .cautions = {std::begin(cautions), std::end(cautions)},
            .data = "tensors.csv"};
  std::size_t tensors = 0;
  for (const FileRows& file : files) {
    tensors += file.rows.size();
    if (!file.rows.empty()) page.sections.push_back(section_of(file, page.sections.size() + 1));
  }
  page.title = fmt::format("Spectra of {} in {}", plural(tensors, "tensor"), plural(files.size(), "file"));
  std::filesystem::create_directories(folder);
  sigmagrad::detail::write_file(folder / page.data, csv_text(files));
  return write_page(std::move(page), folder, interrupted);
}

}  // namespace sigmagrad::inspection
