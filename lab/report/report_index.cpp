// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/report_index.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/lab/report/figure_html.hpp>
#include <sigmagrad/lab/report/html.hpp>
#include <sigmagrad/lab/report/report_sections.hpp>
#include <sigmagrad/lab/report/summary.hpp>

namespace sigmagrad::lab::detail {

namespace {

std::string anchor_of(const Document& document) {
  auto anchor = "claims-" + document.name;
  std::ranges::replace(anchor, ' ', '-');
  return anchor;
}

std::vector<std::string> count_cells(const std::string& name, const Tally& tally) {
  std::vector<std::string> cells{name};
  for (const Verdict verdict : all_verdicts) cells.push_back(std::to_string(tally[verdict]));
  cells.push_back(std::to_string(tally.total()));
  return cells;
}

std::string counts_table(const std::vector<Document>& all) {
  std::vector<std::string> header{"document"};
  for (const Verdict verdict : all_verdicts) header.push_back(verdict_html(verdict));
  header.emplace_back("claims");
  std::vector<std::vector<std::string>> rows;
  Tally total;
  for (const Document& document : all) {
    const auto name =
        link('#' + anchor_of(document), document.name) +
        (document.title.empty() ? "" : element("span", "· " + html_escaped(document.title), "class=\"soft\""));
    rows.push_back(count_cells(name, document.tally));
    for (const CitedClaim& cited : document.claims) total.add(cited.claim().verdict);
  }
  rows.push_back(count_cells("<b>all</b>", total));
  return html_table(header, rows, "counts", "Claims by document and verdict");
}

std::string claims_of(const Document& document) {
  std::vector<std::vector<std::string>> rows;
  for (const CitedClaim& cited : document.claims) {
    const Experiment& experiment = *cited.evaluation->plan.experiment;
    const JudgedClaim& claim = cited.claim();
    rows.push_back({verdict_html(claim.verdict), link('#' + claim_anchor(experiment, cited.index), claim.claim),
                    html_escaped(claim.source), html_escaped(claim.measured)});
  }
  const auto title = fmt::format("{}: {} claims, {}", document.name, document.tally.total(), to_text(document.tally));
  const auto table =
      html_table({"verdict", "claim", "source", "measured"}, rows, "claims", "Claims of " + document.name);
  // Following a link opens what encloses its target, so the target is inside.
  const auto target = element("div", table, fmt::format("id=\"{}\"", anchor_of(document)));
  return element("details", element("summary", html_escaped(title)) + target);
}

std::string family_of(const Experiment& experiment) { return experiment.id.substr(0, experiment.id.find('/')); }

std::string experiments_list(const std::vector<Evaluation>& evaluations) {
  std::string html, items, family;
  const auto close = [&] {
    if (!items.empty()) html += element("h3", html_escaped(family)) + element("ul", items) + '\n';
    items.clear();
  };
  for (const Evaluation& evaluation : evaluations) {
    const Experiment& experiment = *evaluation.plan.experiment;
    if (family_of(experiment) != family) close();
    family = family_of(experiment);
    items += element("li", link('#' + experiment.id, experiment.title) + ' ' +
                               element("small", html_escaped(experiment.id + " · " + to_text(tally(evaluation.claims))),
                                       "class=\"soft\"")) +
             '\n';
  }
  close();
  return element("nav", element("h2", "Experiments") + html, "aria-label=\"Experiments\" class=\"experiments\"");
}

}  // namespace

std::string report_index(const std::vector<Evaluation>& evaluations) {
  const auto all = documents(evaluations);
  std::string html;
  if (!all.empty()) {
    html = element("h2", "Claims") + counts_table(all);
    for (const Document& document : all) html += claims_of(document);
    html += element("p", "All claims as files: " + file_links("tables/claims", {"csv", "tex"}), "class=\"files\"");
    html = element("section", html, "id=\"claims\"");
  }
  return html + experiments_list(evaluations);
}

}  // namespace sigmagrad::lab::detail
