// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/report.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/figures/drawings.hpp>
#include <sigmagrad/lab/report/html.hpp>
#include <sigmagrad/lab/report/report_index.hpp>
#include <sigmagrad/lab/report/report_sections.hpp>
#include <sigmagrad/lab/report/tables.hpp>

namespace sigmagrad::lab {

using sigmagrad::detail::read_file;
using sigmagrad::detail::write_file;

namespace {

// A figure drawn for all dimensions has empty panels where only some were run.
void drop_empty_panels(Figure& figure) {
  std::erase_if(figure.panels, [](const Panel& panel) { return panel.empty(); });
}

struct Drawing {
  Evaluation* evaluation = nullptr;
  const Figure* figure = nullptr;
};

std::vector<Drawing> drawings_of(std::vector<Evaluation>& evaluations) {
  std::vector<Drawing> drawings;
  std::set<std::string> names;
  for (Evaluation& evaluation : evaluations) {
    for (Figure& figure : evaluation.figures) {
      drop_empty_panels(figure);
      if (!names.insert(figure.name).second) engine::fail("figure {}: two have this name", figure.name);
      if (figure.panels.empty())
        evaluation.notes.push_back(fmt::format("figure {} left out: there is nothing to draw in it", figure.name));
    }
    std::erase_if(evaluation.figures, [](const Figure& figure) { return figure.panels.empty(); });
    for (const Figure& figure : evaluation.figures) drawings.push_back({&evaluation, &figure});
  }
  return drawings;
}

std::string manifest_section(const std::string& manifest) {
  const auto json = element("pre", html_escaped(manifest), "role=\"region\" tabindex=\"0\" aria-label=\"Manifest\"");
  return element("section",
                 element("h2", "Manifest") + element("details", element("summary", "How to run this again") + json),
                 "id=\"manifest\"");
}

}  // namespace

std::string report_html(const std::vector<Evaluation>& evaluations, const std::filesystem::path& figures,
                        const std::string& manifest) {
  const bool many = evaluations.size() > 1;
  const auto title =
      many ? fmt::format("{} experiments", evaluations.size()) : evaluations.front().plan.experiment->title;
  auto body = many ? element("h1", title) + detail::report_index(evaluations) : std::string();
  for (const Evaluation& evaluation : evaluations) body += detail::experiment_section(evaluation, many, figures);
  return html_page(title, body + manifest_section(manifest));
}

bool write_report(std::vector<Evaluation>& evaluations, const std::filesystem::path& directory,
                  const std::function<bool()>& interrupted) {
  const auto figures = directory / "figures";
  std::filesystem::create_directories(figures);
  const auto drawings = drawings_of(evaluations);
  std::vector<const Figure*> drawn;
  for (const Drawing& drawing : drawings) drawn.push_back(drawing.figure);
  const auto notes = draw_all(drawn, figures, {.interrupted = interrupted});
  if (interrupted()) return false;
  for (std::size_t i = 0; i < notes.size(); ++i)
    if (!notes[i].empty()) drawings[i].evaluation->notes.push_back(notes[i]);
  write_tables(evaluations, directory / "tables");
  write_file(directory / "report.html", report_html(evaluations, figures, read_file(directory / "manifest.json")));
  return true;
}

}  // namespace sigmagrad::lab
