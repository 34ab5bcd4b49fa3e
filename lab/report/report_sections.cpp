// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/report_sections.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/report/columns.hpp>
#include <sigmagrad/lab/report/figure_html.hpp>
#include <sigmagrad/lab/report/html.hpp>
#include <sigmagrad/lab/report/tables.hpp>

namespace sigmagrad::lab::detail {

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

std::string metric_cell(const Group& group, const std::string& metric) {
  if (!group.has(metric)) return "–";
  const Statistics s = group.statistics(metric);
  return fmt::format("{} [{}, {}]<br><small>{} ± {}</small>", short_number(s.median), short_number(s.q25),
                     short_number(s.q75), short_number(s.mean), short_number(s.std));
}

std::string groups_table(const Evaluation& evaluation, bool closed) {
  const auto parameters = shown_parameters(evaluation.plan);
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
  const auto legend = paragraph("Median [quartiles]; below, mean ± population standard deviation.", "class=\"soft\"");
  const auto table = legend + html_table(header, rows, "groups", "Results of " + evaluation.plan.experiment->id);
  const auto groups = fmt::format("{} group{}, {} metrics", rows.size(), rows.size() == 1 ? "" : "s", metrics.size());
  return element("h3", "Results") + element("details", element("summary", groups) + table, closed ? "" : "open");
}

std::string own_table(const Table& table, const std::string& stem) {
  std::vector<std::string> header;
  for (const auto& name : table.header) header.push_back(html_escaped(name));
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : table.rows) {
    auto& cells = rows.emplace_back();
    for (const auto& cell : row) cells.push_back(html_escaped(cell));
  }
  const auto files = element("p", "As files: " + file_links(stem + '-' + table.name, {"csv", "tex"}), "class=\"soft\"");
  return element("h3", html_escaped(table.title)) + html_table(header, rows, "groups", table.title) +
         paragraph(table.note) + files;
}

std::string claims_table(const Evaluation& evaluation) {
  if (evaluation.claims.empty()) return {};
  const Experiment& experiment = *evaluation.plan.experiment;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < evaluation.claims.size(); ++i) {
    const JudgedClaim& c = evaluation.claims[i];
    const auto anchor = html_escaped(claim_anchor(experiment, i));
    const auto here = element(
        "a", "#", fmt::format("id=\"{0}\" href=\"#{0}\" class=\"here\" aria-label=\"Claim {1}\"", anchor, i + 1));
    rows.push_back(
        {html_escaped(c.claim) + ' ' + here + "<br>" + element("small", html_escaped(c.source), "class=\"soft\""),
         verdict_html(c.verdict), html_escaped(c.printed), html_escaped(c.measured), html_escaped(c.why)});
  }
  return element("h3", "Claims") + html_table({"claim", "verdict", "printed", "measured", "why"}, rows, "claims judged",
                                              "Claims judged by " + experiment.id);
}

std::string warnings(const Evaluation& evaluation) {
  std::string items;
  for (const auto& note : evaluation.notes) items += element("li", html_escaped(note)) + '\n';
  for (const auto& line : failure_lines(evaluation.results)) items += element("li", html_escaped(line)) + '\n';
  return items.empty() ? items : element("div", element("ul", items), "class=\"warning\"");
}

std::string fixed_parameters(const Plan& plan) {
  std::vector<std::string> items;
  for (const auto& [name, values] : plan.lists) items.push_back(fmt::format("{} = {}", name, to_text(values)));
  return fmt::format("Preset {}, seed {}, stream {}; {}.", to_text(plan.preset), plan.seed, to_text(plan.stream),
                     fmt::join(items, "; "));
}

}  // namespace

std::string verdict_html(Verdict verdict) {
  std::string name(to_text(verdict));
  const auto words = name;
  std::ranges::replace(name, ' ', '-');
  return element("span", words, fmt::format("class=\"verdict {}\"", name));
}

std::string claim_anchor(const Experiment& experiment, std::size_t index) {
  return fmt::format("{}-claim-{}", experiment.id, index + 1);
}

std::string experiment_section(const Evaluation& evaluation, bool one_of_many, const std::filesystem::path& figures) {
  const Experiment& experiment = *evaluation.plan.experiment;
  auto html = element(one_of_many ? "h2" : "h1", html_escaped(experiment.title));
  html += paragraph(experiment.id + " · " + experiment.source, "class=\"soft\"");
  html += paragraph(experiment.question, "class=\"question\"") + paragraph(experiment.observe) + warnings(evaluation);
  const auto trials = trials_note(evaluation.results);
  for (const Figure& figure : evaluation.figures) html += figure_html(figure, trials, figures);
  const auto stem = "tables/" + file_stem(experiment);
  for (const Table& table : evaluation.tables) html += own_table(table, stem);
  html += claims_table(evaluation) + groups_table(evaluation, one_of_many || !evaluation.tables.empty());
  html += element("p", "Tables as files: results " + file_links(stem, {"csv", "tex"}) + ", claims " +
                           file_links(stem + "-claims", {"csv", "tex"}) + '.');
  html += paragraph(fixed_parameters(evaluation.plan), "class=\"soft\"");
  if (one_of_many) html += element("p", link("#top", "Back to the index"));
  return element("section", html, fmt::format("id=\"{}\" class=\"experiment\"", html_escaped(experiment.id))) + '\n';
}

}  // namespace sigmagrad::lab::detail
