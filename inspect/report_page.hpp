// SPDX-License-Identifier: BSD-3-Clause
// report.html of files or of their changes: what both pages are made of.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/inspect/sheet.hpp>
#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::inspection {

/// A part of the page: a heading, sentences, a table that sorts, figures.
struct Section {
  std::string title = {};
  std::vector<std::string> sentences = {};
  Sheet sheet = {};
  std::vector<std::string> anchors = {};     // where the name in each row of the table leads, if it does
  std::vector<lab::Figure> overview = {};    // above the table
  std::vector<lab::Figure> figures = {};     // below it
  std::vector<std::string> other_rows = {};  // what has no row in the table, a line each
  std::string others_title = {};
};

struct Page {
  std::string title = {};
  std::vector<std::string> warnings = {};
  std::vector<Section> sections = {};
  std::vector<Heading> headings = {};  // explained below
  std::vector<std::string> cautions = {};
  std::string data = {};  // the file of the whole table, beside the page
};

/// Draws the figures into `folder`/figures and writes `folder`/report.html. Returns what could not be drawn; an
/// interrupt leaves the page unwritten.
std::vector<std::string> write_page(Page page, const std::filesystem::path& folder,
                                    const std::function<bool()>& interrupted);

}  // namespace sigmagrad::inspection
