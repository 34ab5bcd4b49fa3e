// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/print_outcome.hpp>

#include <algorithm>
#include <iostream>

#include <sigmagrad/lab/report/columns.hpp>
#include <sigmagrad/lab/report/summary.hpp>

namespace sigmagrad::lab {

void print_outcome(const std::vector<Evaluation>& evaluations, const std::filesystem::path& directory,
                   const std::string& instead) {
  constexpr std::size_t few = 3;  // are printed in full
  for (const auto& evaluation : evaluations) {
    if (instead.empty() && evaluations.size() <= few) std::cout << to_console_text(evaluation) << '\n';
    for (const auto& note : evaluation.notes) std::cerr << note << '\n';
    for (const auto& line : failure_lines(evaluation.results)) std::cerr << "failed: " << line << '\n';
  }
  if (std::ranges::any_of(evaluations, [](const auto& evaluation) { return evaluation.results.failed() > 0; }))
    std::cerr << "Trials that failed count as done: with --retry-failed the same command runs them again\n";
  if (!instead.empty()) {
    std::cout << instead;
    std::cerr << "Report: " << (directory / "report.html").string() << '\n';
    return;
  }
  if (evaluations.size() > few) std::cout << summary_text(evaluations) << '\n';
  std::cout << "Report: " << (directory / "report.html").string() << '\n';
}

bool any_damaged(const std::vector<Evaluation>& evaluations) {
  return std::ranges::any_of(evaluations, [](const auto& evaluation) { return evaluation.damaged > 0; });
}

}  // namespace sigmagrad::lab
