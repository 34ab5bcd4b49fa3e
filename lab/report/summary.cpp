// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/summary.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab {

namespace {

constexpr std::string_view other_sources = "other sources";

// "paper 001" of a text that begins with it or has it later on.
std::string cited_paper(std::string_view source) {
  constexpr std::string_view word = "paper ";
  constexpr std::size_t digits = 3;
  const auto at = source.find(word);
  if (at == std::string_view::npos) return {};
  const auto number = source.substr(at + word.size(), digits);
  const bool is_number =
      number.size() == digits && std::ranges::all_of(number, [](unsigned char c) { return std::isdigit(c); });
  return is_number ? std::string(word) + std::string(number) : std::string();
}

std::vector<std::string> row(const std::string& name, const Tally& counted) {
  std::vector<std::string> cells{name};
  for (const Verdict verdict : all_verdicts) cells.push_back(std::to_string(counted[verdict]));
  return cells;
}

}  // namespace

std::size_t Tally::total() const { return std::accumulate(counts.begin(), counts.end(), std::size_t{0}); }

Tally tally(const std::vector<JudgedClaim>& claims) {
  Tally counted;
  for (const JudgedClaim& claim : claims) counted.add(claim.verdict);
  return counted;
}

std::string to_text(const Tally& tally) {
  static constexpr std::array<std::string_view, all_verdicts.size()> plural{"hold", "hold in shape", "do not hold",
                                                                            "undecided", "not tested"};
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < plural.size(); ++i)
    if (const auto count = tally.counts[i]; count > 0)
      parts.push_back(fmt::format("{} {}", count, count == 1 ? to_text(all_verdicts[i]) : plural[i]));
  return parts.empty() ? "no claims" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string document_of(const JudgedClaim& claim, const Experiment& experiment) {
  for (const auto& source : {claim.source, experiment.source})
    if (auto paper = cited_paper(source); !paper.empty()) return paper;
  return std::string(other_sources);
}

std::vector<Document> documents(const std::vector<Evaluation>& evaluations) {
  std::map<std::string, Document> found;
  for (const Evaluation& evaluation : evaluations)
    for (std::size_t i = 0; i < evaluation.claims.size(); ++i) {
      const auto name = document_of(evaluation.claims[i], *evaluation.plan.experiment);
      Document& document = found[name];
      document.name = name;
      document.claims.push_back({&evaluation, i});
      document.tally.add(evaluation.claims[i].verdict);
    }
  std::vector<Document> all;
  for (auto& [name, document] : found) {
    document.title = title_of(name);
    all.push_back(std::move(document));
  }
  std::stable_partition(all.begin(), all.end(),
                        [](const Document& document) { return document.name != other_sources; });
  return all;
}

std::string summary_text(const std::vector<Evaluation>& evaluations) {
  std::vector<std::vector<std::string>> experiments{{"experiment", "trials", "failed", "claims"}};
  for (const Evaluation& evaluation : evaluations) {
    std::int64_t trials = 0;
    for (const Group& group : evaluation.results.groups()) trials += group.trials();
    experiments.push_back({evaluation.plan.experiment->id, std::to_string(trials),
                           std::to_string(evaluation.results.failed()), to_text(tally(evaluation.claims))});
  }
  std::vector<std::vector<std::string>> counts{{"claims of", "hold", "in shape", "do not", "undecided", "not tested"}};
  Tally total;
  for (const Document& document : documents(evaluations)) {
    counts.push_back(row(document.name, document.tally));
    for (const CitedClaim& cited : document.claims) total.add(cited.claim().verdict);
  }
  counts.push_back(row("all", total));
  return align(experiments) + '\n' + align(counts);
}

}  // namespace sigmagrad::lab
