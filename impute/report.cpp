// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/impute/report.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::impute {

namespace {

using Json = nlohmann::ordered_json;

const char* loss_name(Loss loss) {
  return loss == Loss::Square ? "square" : loss == Loss::Absolute ? "absolute" : "huber";
}

Json to_json(const Method& method, bool chosen) {
  Json json{{"name", method.name},
            {"baseline", method.baseline},
            {"chosen", chosen},
            {"heldout_rmse", method.rmse},
            {"validation_rmse", method.validation_rmse},
            {"effective_rank", method.ranks.effective_rank},
            {"stable_rank", method.ranks.stable_rank}};
  if (method.depth > 0)
    json.update({{"depth", method.depth},
                 {"scale", method.scale},
                 {"epochs", method.epochs},
                 {"best_epoch", method.best_epoch}});
  if (method.lambda > 0.0) json["lambda"] = method.lambda;
  return json;
}

std::vector<std::string> table_row(const Method& method, bool chosen) {
  const auto rank = [&](double value) { return value > 0.0 ? fmt::format("{:.2f}", value) : "-"; };
  return {(chosen ? "* " : "  ") + method.name,
          fmt::format("{:.4g}", method.rmse),
          fmt::format("{:.4g}", method.validation_rmse),
          rank(method.ranks.effective_rank),
          rank(method.ranks.stable_rank),
          method.depth > 0 ? std::to_string(method.best_epoch) : "-"};
}

}  // namespace

CompletionReport::CompletionReport(const std::string& input_path, const std::string& output_path,
                                   const ObservedMatrix& observed, const ComparisonOptions& how,
                                   const Comparison& result)
    : input(input_path),
      output(output_path),
      matrix(observed),
      options(how),
      comparison(result),
      parts(connected_parts(observed.entries)) {
  note_data();
  note_methods();
}

void CompletionReport::note_data() {
  const auto& entries = matrix.entries;
  std::vector<bool> row(static_cast<std::size_t>(entries.row_count)), column(matrix.column_ids.size());
  for (const auto i : entries.rows) row[static_cast<std::size_t>(i)] = true;
  for (const auto j : entries.columns) column[static_cast<std::size_t>(j)] = true;
  const auto rows = std::ranges::count(row, false), columns = std::ranges::count(column, false);
  if (rows + columns > 0)
    notes.push_back(fmt::format("{} rows and {} columns have no entry: means of the columns and rows are written there",
                                rows, columns));
  if (parts - rows - columns > 1)
    notes.push_back(fmt::format(
        "the observed entries fall into {} parts without a common row or column: entries between two parts are guesses",
        parts - rows - columns));
}

void CompletionReport::note_methods() {
  const auto& methods = comparison.methods;
  const auto best = std::ranges::min_element(methods, {}, &Method::rmse);
  if (comparison.chosen && best->baseline)
    notes.push_back(fmt::format("{} is better on the held-out entries than what completes", best->name));
  if (comparison.interrupted)
    notes.push_back(comparison.chosen ? "interrupted: the best state so far completes"
                                      : "interrupted before anything was trained: nothing is written");
}

std::string CompletionReport::json_text() const {
  const auto& entries = matrix.entries;
  const auto& [methods, chosen, training, validation, heldout, stopped] = comparison;
  Json all = Json::array();
  for (std::size_t i = 0; i < methods.size(); ++i) all.push_back(to_json(methods[i], chosen == i));
  return Json{{"input", input},
              {"output", chosen ? Json(output) : Json()},
              {"rows", entries.row_count},
              {"columns", entries.column_count},
              {"observed", entries.size()},
              {"connected", parts == 1},
              {"parts", parts},
              {"training", training},
              {"validation", validation},
              {"heldout", heldout},
              {"rank", options.factorization.rank},
              {"bias", options.factorization.bias},
              {"loss", loss_name(options.factorization.loss)},
              {"seed", options.seed},
              {"interrupted", stopped},
              {"methods", all},
              {"notes", notes}}
             .dump(2) +
         '\n';
}

std::string CompletionReport::table() const {
  const auto& entries = matrix.entries;
  const auto share = static_cast<double>(entries.size()) /
                     (static_cast<double>(entries.row_count) * static_cast<double>(entries.column_count));
  std::vector<std::vector<std::string>> rows{
      {"  method", "held-out RMSE", "validation RMSE", "effective rank", "stable rank", "epochs"}};
  for (std::size_t i = 0; i < comparison.methods.size(); ++i)
    rows.push_back(table_row(comparison.methods[i], comparison.chosen == i));
  return fmt::format(
      "{}: {} x {}, {} entries observed ({:.3g}%), {}\ntrained on {}, chosen and stopped by {}, held out {}; rank {}, "
      "{} biases\n\n{}\n",
      input, entries.row_count, entries.column_count, entries.size(), 100.0 * share,
      parts == 1 ? "connected" : fmt::format("in {} parts", parts), comparison.training, comparison.validation,
      comparison.heldout, options.factorization.rank, options.factorization.bias ? "with" : "without",
      lab::align(rows));
}

}  // namespace sigmagrad::impute
