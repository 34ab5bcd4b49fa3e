// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/tables.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/report/columns.hpp>
#include <sigmagrad/lab/report/latex.hpp>
#include <sigmagrad/lab/report/summary.hpp>

namespace sigmagrad::lab {

namespace {

using Row = std::vector<std::string>;

// One row a group and metric: its parameters, trials, and what `columns` makes of the statistics.
template <class Columns>
Cells results_cells(const Evaluation& evaluation, const Row& header, const Columns& columns) {
  const auto parameters = shown_parameters(evaluation.plan);
  Cells cells{parameters};
  for (const auto* name : {"trials", "failed", "metric"}) cells.front().emplace_back(name);
  cells.front().insert(cells.front().end(), header.begin(), header.end());
  for (const Group& group : evaluation.results.groups())
    for (const auto& metric : shown_metrics(evaluation.results)) {
      if (!group.has(metric)) continue;
      auto& row = cells.emplace_back();
      for (const auto& name : parameters) row.push_back(to_text(group.params()[name]));
      row.push_back(std::to_string(group.trials()));
      row.push_back(std::to_string(group.failures().size()));
      row.push_back(metric);
      for (auto& text : columns(group.statistics(metric))) row.push_back(std::move(text));
    }
  return cells;
}

Cells results_in_full(const Evaluation& evaluation) {
  return results_cells(evaluation, {"median", "q25", "q75", "mean", "std", "min", "max"}, [](const Statistics& s) {
    Row row;
    for (const double value : {s.median, s.q25, s.q75, s.mean, s.std, s.min, s.max})
      row.push_back(fmt::format("{}", value));
    return row;
  });
}

Cells results_for_paper(const Evaluation& evaluation) {
  return results_cells(evaluation, {"median [quartiles]", "mean ± std"}, [](const Statistics& s) -> Row {
    return {fmt::format("{} [{}, {}]", short_number(s.median), short_number(s.q25), short_number(s.q75)),
            fmt::format("{} ± {}", short_number(s.mean), short_number(s.std))};
  });
}

Cells claims_cells(const std::vector<const Evaluation*>& evaluations) {
  Cells cells{{"experiment", "document", "verdict", "claim", "source", "printed", "measured", "why"}};
  for (const Evaluation* evaluation : evaluations)
    for (const JudgedClaim& c : evaluation->claims) {
      const Experiment& experiment = *evaluation->plan.experiment;
      cells.push_back({experiment.id, document_of(c, experiment), std::string(to_text(c.verdict)), c.claim, c.source,
                       c.printed, c.measured, c.why});
    }
  return cells;
}

// Five columns of text fit on a page.
Cells claims_for_paper(const std::vector<const Evaluation*>& evaluations) {
  Cells cells{{"verdict", "claim", "source", "printed", "measured"}};
  for (const Evaluation* evaluation : evaluations)
    for (const JudgedClaim& c : evaluation->claims)
      cells.push_back({std::string(to_text(c.verdict)), c.claim, c.source, c.printed, c.measured});
  return cells;
}

void write_claims(const std::vector<const Evaluation*>& evaluations, const std::filesystem::path& stem) {
  sigmagrad::detail::write_file(stem.string() + ".csv", csv_table(claims_cells(evaluations)));
  sigmagrad::detail::write_file(stem.string() + ".tex", latex_table(claims_for_paper(evaluations), 1));
}

}  // namespace

std::string csv_table(const Cells& cells) {
  std::string csv;
  for (const auto& row : cells) csv += csv_line(row);
  return csv;
}

std::string latex_table(const Cells& cells, std::size_t narrow) {
  const auto line = [](const std::vector<std::string>& row) {
    std::vector<std::string> escaped;
    for (const auto& cell : row) escaped.push_back(latex_text(cell));
    return fmt::format("{} \\\\\n", fmt::join(escaped, " & "));
  };
  const auto wide = cells.front().size() - std::min(narrow, cells.front().size());
  std::string columns(cells.front().size() - wide, 'l');
  const double share = 0.8 / static_cast<double>(std::max<std::size_t>(wide, 1));
  for (std::size_t i = 0; i < wide; ++i) columns += fmt::format("p{{\\dimexpr {:.3f}\\linewidth-2\\tabcolsep}}", share);
  auto text = fmt::format("% \\usepackage{{booktabs,longtable}}\n\\begin{{longtable}}{{{}}}\n\\toprule\n", columns);
  text += line(cells.front()) + "\\midrule\n\\endhead\n";
  for (auto row = cells.begin() + 1; row != cells.end(); ++row) text += line(*row);
  return text + "\\bottomrule\n\\end{longtable}\n";
}

std::string file_stem(const Experiment& experiment) {
  auto stem = experiment.id;
  std::ranges::replace(stem, '/', '-');
  return stem;
}

void write_tables(const std::vector<Evaluation>& evaluations, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::vector<const Evaluation*> all;
  for (const Evaluation& evaluation : evaluations) {
    const auto stem = (folder / file_stem(*evaluation.plan.experiment)).string();
    sigmagrad::detail::write_file(stem + ".csv", csv_table(results_in_full(evaluation)));
    const auto cells = results_for_paper(evaluation);
    sigmagrad::detail::write_file(stem + ".tex", latex_table(cells, cells.front().size()));
    for (const Table& table : evaluation.tables) {
      Cells own{table.header};
      own.insert(own.end(), table.rows.begin(), table.rows.end());
      sigmagrad::detail::write_file(stem + '-' + table.name + ".csv", csv_table(own));
      sigmagrad::detail::write_file(stem + '-' + table.name + ".tex", latex_table(own, own.front().size()));
    }
    write_claims({&evaluation}, stem + "-claims");
    all.push_back(&evaluation);
  }
  write_claims(all, folder / "claims");
}

}  // namespace sigmagrad::lab
