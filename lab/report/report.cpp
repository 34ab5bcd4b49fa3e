// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/report.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <set>
#include <thread>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/figures/gnuplot.hpp>
#include <sigmagrad/lab/report/html.hpp>
#include <sigmagrad/lab/report/report_index.hpp>
#include <sigmagrad/lab/report/report_sections.hpp>
#include <sigmagrad/lab/report/report_style.hpp>
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
  std::string note = {};
};

std::vector<Drawing> drawings_of(std::vector<Evaluation>& evaluations) {
  std::vector<Drawing> drawings;
  std::set<std::string> names;
  for (Evaluation& evaluation : evaluations) {
    for (Figure& figure : evaluation.figures) {
      drop_empty_panels(figure);
      if (!names.insert(figure.name).second) engine::fail("figure {}: two have this name", figure.name);
      if (figure.panels.empty())
        evaluation.notes.push_back(fmt::format("figure {} left out: nothing was run for it", figure.name));
    }
    std::erase_if(evaluation.figures, [](const Figure& figure) { return figure.panels.empty(); });
    for (const Figure& figure : evaluation.figures) drawings.push_back({&evaluation, &figure});
  }
  return drawings;
}

Drawn leave_out(const Figure& figure, const std::filesystem::path& folder) {
  write_undrawn(figure, folder);
  return {fmt::format("figure {}: left out, for gnuplot did not answer for another one; its data and script are in {}",
                      figure.name, folder.string())};
}

// Each figure is a process of its own, so that as many are drawn at once as there are cores. Where gnuplot has not
// answered for one, what is not begun would wait for nothing.
void draw_all(std::vector<Drawing>& drawings, const std::filesystem::path& folder, const DrawOptions& options) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> late = false;
  const auto work = [&] {
    for (auto i = next++; i < drawings.size() && !options.interrupted(); i = next++) {
      Drawing& drawing = drawings[i];
      const auto drawn = late ? leave_out(*drawing.figure, folder) : draw(*drawing.figure, folder, options);
      if (drawn.late) late = true;
      drawing.note = drawn.note;
    }
  };
  std::vector<std::future<void>> workers;
  const auto cores = std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
  for (std::size_t i = 0; i < std::min(cores, drawings.size()); ++i)
    workers.push_back(std::async(std::launch::async, work));
  for (auto& worker : workers) worker.get();
}

std::string head(const std::string& title) {
  return fmt::format(
      "<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>{}</style>\n</head>\n",
      html_escaped(title), detail::report_style);
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
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n{}<body id=\"top\">\n<main>\n{}\n</main>\n</body>\n</html>\n", head(title),
      body + manifest_section(manifest));
}

bool write_report(std::vector<Evaluation>& evaluations, const std::filesystem::path& directory,
                  const std::function<bool()>& interrupted) {
  const auto figures = directory / "figures";
  std::filesystem::create_directories(figures);
  auto drawings = drawings_of(evaluations);
  draw_all(drawings, figures, {.interrupted = interrupted});
  if (interrupted()) return false;
  for (const Drawing& drawing : drawings)
    if (!drawing.note.empty()) drawing.evaluation->notes.push_back(drawing.note);
  write_tables(evaluations, directory / "tables");
  write_file(directory / "report.html", report_html(evaluations, figures, read_file(directory / "manifest.json")));
  return true;
}

}  // namespace sigmagrad::lab
