// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/detail/report_sections.hpp>

#include <sigmagrad/experiments/harness/columns.hpp>
#include <sigmagrad/experiments/harness/detail/plot_layout.hpp>
#include <sigmagrad/experiments/harness/html.hpp>
#include <sigmagrad/experiments/harness/text.hpp>
#include <sigmagrad/io/detail/file.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace sigmagrad::experiments::detail {

using sigmagrad::detail::read_file;

namespace {

std::string paragraph(const std::string& text, std::string_view attributes = {}) {
  return text.empty() ? std::string() : element("p", html_escaped(text), attributes) + '\n';
}

std::string trials_note(const Results& results) {
  std::int64_t fewest = -1, most = 0;
  for (const Group* group : results.where()) {
    fewest = fewest < 0 ? group->trials() : std::min(fewest, group->trials());
    most = std::max(most, group->trials());
  }
  if (fewest == most) return fmt::format("{} trial{} a group.", most, most == 1 ? "" : "s");
  return fmt::format("{} to {} trials a group.", fewest, most);
}

std::string figure_html(const Figure& figure, const std::string& trials, const std::filesystem::path& folder) {
  const auto svg = folder / (figure.name + ".svg");
  if (!std::filesystem::exists(svg)) return {};
  const auto alt = figure.panels.empty() ? figure.name : figure.panels.front().title + ". " + figure.caption;
  const auto drawing = inline_svg(read_file(svg), figure.name + '-', alt);
  // A panel stays readable on a telephone: the card scrolls rather than shrinks.
  const auto columns = Layout::columns(figure);
  const auto style = fmt::format("style=\"min-width:{}px;max-width:{}px\"", 330 * columns, 580 * columns);
  const auto card = element("div", element("div", drawing, style), "class=\"paper\" tabindex=\"0\"");
  return element("figure", card + element("figcaption", html_escaped(figure.caption + ' ' + trials))) + '\n';
}

std::string metric_cell(const Group& group, const std::string& metric) {
  if (!group.has(metric)) return "–";
  const Statistics s = group.statistics(metric);
  return fmt::format("{} [{}, {}]<br><small>{} ± {}</small>", short_number(s.median), short_number(s.q25),
                     short_number(s.q75), short_number(s.mean), short_number(s.std));
}

std::string groups_table(const Evaluation& evaluation) {
  const auto parameters = shown_parameters(evaluation.settings);
  const auto metrics = shown_metrics(evaluation.results);
  std::vector<std::string> header;
  for (const auto& name : parameters) header.push_back(html_escaped(name));
  header.emplace_back("trials");
  for (const auto& name : metrics) header.push_back(html_escaped(name));
  std::vector<std::vector<std::string>> rows;
  for (const Group& group : evaluation.results.groups()) {
    auto& row = rows.emplace_back();
    for (const auto& name : parameters) row.push_back(html_escaped(to_text(group.params()[name])));
    row.push_back(trials_text(group));
    for (const auto& name : metrics) row.push_back(metric_cell(group, name));
  }
  return element("h3", "Results") +
         paragraph("Median [quartiles]; below, mean ± population standard deviation.", "class=\"soft\"") +
         html_table(header, rows, "groups");
}

std::string verdict_html(Verdict verdict) {
  std::string name(to_text(verdict));
  const auto words = name;
  std::ranges::replace(name, ' ', '-');
  return element("span", words, fmt::format("class=\"verdict {}\"", name));
}

std::string claims_table(const std::vector<Claim>& claims) {
  if (claims.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const Claim& c : claims)
    rows.push_back({html_escaped(c.claim) + "<br>" + element("small", html_escaped(c.source), "class=\"soft\""),
                    verdict_html(c.verdict), html_escaped(c.printed), html_escaped(c.measured), html_escaped(c.why)});
  return element("h3", "Claims") + html_table({"claim", "verdict", "printed", "measured", "why"}, rows, "claims");
}

std::string warnings(const Evaluation& evaluation) {
  std::string items;
  for (const auto& note : evaluation.notes) items += element("li", html_escaped(note)) + '\n';
  for (const auto& line : failure_lines(evaluation.results)) items += element("li", html_escaped(line)) + '\n';
  return items.empty() ? items : element("div", element("ul", items), "class=\"warning\"");
}

std::string fixed_parameters(const Settings& settings) {
  std::vector<std::string> items;
  for (const auto& [name, values] : settings.lists) items.push_back(fmt::format("{} = {}", name, to_text(values)));
  return fmt::format("Preset {}, seed {}, stream {}; {}.", to_text(settings.preset), settings.seed,
                     to_text(settings.stream), fmt::join(items, "; "));
}

}  // namespace

std::string experiment_section(const Evaluation& evaluation, std::string_view heading,
                               const std::filesystem::path& figures) {
  const Experiment& experiment = *evaluation.settings.experiment;
  auto html = element(heading, html_escaped(experiment.title));
  html += paragraph(experiment.id + " · " + experiment.source, "class=\"soft\"");
  html += paragraph(experiment.question, "class=\"question\"") + paragraph(experiment.observe) + warnings(evaluation);
  const auto trials = trials_note(evaluation.results);
  for (const Figure& figure : evaluation.figures) html += figure_html(figure, trials, figures);
  html += claims_table(evaluation.claims) + groups_table(evaluation);
  html += paragraph(fixed_parameters(evaluation.settings), "class=\"soft\"");
  return element("section", html, fmt::format("id=\"{}\"", html_escaped(experiment.id))) + '\n';
}

}  // namespace sigmagrad::experiments::detail
