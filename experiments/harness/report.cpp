// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/report.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/experiments/harness/detail/report_sections.hpp>
#include <sigmagrad/experiments/harness/detail/report_style.hpp>
#include <sigmagrad/experiments/harness/gnuplot.hpp>
#include <sigmagrad/experiments/harness/html.hpp>
#include <sigmagrad/io/detail/file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sigmagrad::experiments {

using sigmagrad::detail::read_file;
using sigmagrad::detail::write_file;

namespace {

// A figure drawn for all dimensions has empty panels where only some were run.
void drop_empty_panels(Figure& figure) {
  std::erase_if(figure.panels, [](const Panel& panel) { return panel.empty(); });
}

void draw_figures(Evaluation& evaluation, const std::filesystem::path& folder, std::set<std::string>& names) {
  for (Figure& figure : evaluation.figures) {
    drop_empty_panels(figure);
    if (!names.insert(figure.name).second) sigmagrad::detail::fail("figure {}: two have this name", figure.name);
    const auto note = figure.panels.empty() ? fmt::format("figure {} left out: nothing was run for it", figure.name)
                                            : draw(figure, folder);
    if (!note.empty()) evaluation.notes.push_back(note);
  }
  std::erase_if(evaluation.figures, [](const Figure& figure) { return figure.panels.empty(); });
}

std::string table_of_contents(const std::vector<Evaluation>& evaluations) {
  std::string items;
  for (const auto& evaluation : evaluations) {
    const Experiment& experiment = *evaluation.settings.experiment;
    const auto link = fmt::format("href=\"#{}\"", html_escaped(experiment.id));
    items += element("li", element("a", html_escaped(experiment.title), link)) + '\n';
  }
  return element("nav", element("ul", items), "aria-label=\"Experiments\"");
}

}  // namespace

std::string report_html(const std::vector<Evaluation>& evaluations, const std::filesystem::path& figures,
                        const std::string& manifest) {
  const bool single = evaluations.size() == 1;
  const std::string title = single ? evaluations.front().settings.experiment->title : std::string("Experiments");
  std::string body = single ? std::string() : element("h1", title) + table_of_contents(evaluations);
  for (const Evaluation& evaluation : evaluations)
    body += detail::experiment_section(evaluation, single ? "h1" : "h2", figures);
  const auto json = element("pre", html_escaped(manifest), "tabindex=\"0\"");
  body += element("section",
                  element("h2", "Manifest") + element("details", element("summary", "How to run this again") + json));
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>{}</style>\n</head>\n"
      "<body>\n<main>\n{}\n</main>\n</body>\n</html>\n",
      html_escaped(title), detail::report_style, body);
}

void write_report(std::vector<Evaluation>& evaluations, const std::filesystem::path& directory) {
  const auto figures = directory / "figures";
  std::filesystem::create_directories(figures);
  std::set<std::string> names;
  for (Evaluation& evaluation : evaluations) draw_figures(evaluation, figures, names);
  write_file(directory / "report.html", report_html(evaluations, figures, read_file(directory / "manifest.json")));
}

}  // namespace sigmagrad::experiments
