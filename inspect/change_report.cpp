// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/change_report.hpp>

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <sigmagrad/inspect/change_figures.hpp>
#include <sigmagrad/inspect/change_output.hpp>
#include <sigmagrad/inspect/report_page.hpp>
#include <sigmagrad/io/file.hpp>

namespace sigmagrad::inspection {

namespace {

const std::vector<std::string> cautions{
    "The distance has two parts: singular values that moved and singular vectors that turned. If spectrum_distance is "
    "far below distance, the vectors turned, and what a spectrum says did not change.",
    "Angles compare the spans of the leading singular vectors. Where the last of these values is hardly larger than "
    "the next, the span itself is a matter of chance, and a small change turns it by a large angle.",
    "cond_error and gap_error are relative to numbers that may be tiny or huge: read them beside both values."};

Section section_of(const FileChanges& pair, std::size_t number, const std::map<std::string, std::string>& anchors) {
  Section section{.title = fmt::format("File {}: {}", number, pair.to),
                  .sentences = {fmt::format("compared with {}", pair.from)}};
  std::vector<MatrixChange> measured;
  for (const MatrixChange& change : pair.matrices) {
    if (!change.measured) {
      section.other_rows.push_back(fmt::format("{} [{}]: {}", change.name, shape_text(change.shape), change.note));
      continue;
    }
    measured.push_back(change);
    const auto anchor = anchors.find(change.name);
    section.anchors.push_back(anchor == anchors.end() ? "" : anchor->second);
  }
  for (const auto& [file, names] : {std::pair(pair.from, pair.only_from), std::pair(pair.to, pair.only_to)})
    for (const auto& name : names) section.other_rows.push_back(fmt::format("{}: only in {}", name, file));
  section.others_title = fmt::format("{} tensors not compared, with the reason", section.other_rows.size());
  section.sheet = sheet_of(change_columns(), measured);
  return section;
}

}  // namespace

std::vector<std::string> write_change_report(const std::vector<FileChanges>& changes,
                                             const std::vector<std::string>& failures,
                                             const std::filesystem::path& folder,
                                             const std::function<bool()>& interrupted) {
  const auto all = histories(changes);
  Page page{.title = fmt::format("What changed since {}", changes.front().from),
            .warnings = failures,
            .headings = {change_columns().begin(), change_columns().end()},
            .cautions = cautions,
            .data = "changes.csv"};
  Section matrices{.title = "Matrices"};
  std::map<std::string, std::string> anchors;
  if (!all.empty()) matrices.overview.push_back(changes_overview(all, changes.size(), "overview"));
  for (std::size_t i = 0; i < all.size(); ++i) {
    matrices.figures.push_back(history_figure(all[i], fmt::format("matrix-{}", i + 1)));
    anchors[all[i].name] = fmt::format("figure-matrix-{}", i + 1);
  }
  for (const FileChanges& pair : changes)
    if (pair.error.empty() || !pair.matrices.empty())
      page.sections.push_back(section_of(pair, page.sections.size() + 1, anchors));
  page.sections.push_back(std::move(matrices));
  std::filesystem::create_directories(folder);
  sigmagrad::detail::write_file(folder / page.data, changes_csv_text(changes));
  return write_page(std::move(page), folder, interrupted);
}

}  // namespace sigmagrad::inspection
