// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/app/command.hpp>
#include <sigmagrad/app/interrupt.hpp>
#include <sigmagrad/autograd/error.hpp>
#include <sigmagrad/experiments/completion/comparison.hpp>
#include <sigmagrad/experiments/completion/completed_files.hpp>
#include <sigmagrad/experiments/completion/observation_files.hpp>
#include <sigmagrad/experiments/harness/nearest.hpp>
#include <sigmagrad/experiments/harness/text.hpp>
#include <sigmagrad/io/detail/file.hpp>

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>

namespace sigmagrad::app {

namespace {

using namespace experiments::completion;
using Json = nlohmann::ordered_json;

constexpr int exit_interrupted = 130;

struct Arguments {
  std::string input, output, predict, layout = "auto", loss = "square";
  int depth = 0;       // validation chooses
  double scale = 0.0;  // the same
  ComparisonOptions options = {};
  bool json = false;
};

template <class Choice>
Choice choose(const char* option, const std::string& text, const std::map<std::string, Choice>& choices) {
  if (const auto found = choices.find(text); found != choices.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) names.push_back(name);
  throw Error(experiments::unknown("complete", option, text, names));
}

ComparisonOptions options_of(const Arguments& given, const Observations& entries) {
  ComparisonOptions options = given.options;
  if (given.depth > 0) options.depth = given.depth;
  if (given.scale > 0.0) options.scale = given.scale;
  auto& model = options.factorization;
  model.loss = choose<Loss>("loss", given.loss,
                            {{"square", Loss::Square}, {"absolute", Loss::Absolute}, {"huber", Loss::Huber}});
  model.rank = std::min({model.rank, entries.row_count, entries.column_count});  // no matrix has a higher one
  return options;
}

/// An Error now rather than after the training.
void check_output(const Arguments& given) {
  std::error_code error;
  for (const auto& input : {given.input, given.predict})
    if (!input.empty() && std::filesystem::equivalent(input, given.output, error))
      throw Error(fmt::format("complete: --output {} would replace what is read", given.output));
  const detail::AtomicFile probe(given.output);
}

/// The method under way, on one line that redraws itself on a terminal; a line a method otherwise.
class ProgressLine {
 public:
  ~ProgressLine() {
    if (terminal_ && !method_.empty()) std::fputs("\r\x1b[2K", stderr);
  }
  void show(const std::string& method, const std::optional<Epoch>& epoch) {
    const bool fresh = std::exchange(method_, method) != method;
    if (!terminal_ && fresh) fmt::print(stderr, "training: {}\n", method);
    if (!terminal_ || (!fresh && Clock::now() - shown_ < std::chrono::milliseconds(100))) return;
    shown_ = Clock::now();
    const auto state =
        epoch ? fmt::format(": epoch {}, validation RMSE {:.5g}, best {:.5g}", epoch->number, epoch->rmse, epoch->best)
              : "";
    fmt::print(stderr, "\r\x1b[2K{}{}", method, state);
    std::fflush(stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_ = isatty(fileno(stderr)) == 1;
  std::string method_;
  Clock::time_point shown_ = {};
};

Comparison train(const Observations& entries, const ComparisonOptions& options) {
  ProgressLine line;
  return compare(entries, options, [&](const std::string& method, const std::optional<Epoch>& epoch) {
    line.show(method, epoch);
    return !interrupted();
  });
}

struct Report {
  const Arguments& given;
  const ObservedMatrix& matrix;
  const ComparisonOptions& options;
  const Comparison& comparison;
  std::int64_t parts = 0;
  std::vector<std::string> notes = {};
};

void note_data(Report& report) {
  const auto& entries = report.matrix.entries;
  std::vector<bool> row(static_cast<std::size_t>(entries.row_count)), column(report.matrix.column_ids.size());
  for (const auto i : entries.rows) row[static_cast<std::size_t>(i)] = true;
  for (const auto j : entries.columns) column[static_cast<std::size_t>(j)] = true;
  const auto rows = std::ranges::count(row, false), columns = std::ranges::count(column, false);
  if (rows + columns > 0)
    report.notes.push_back(fmt::format(
        "{} rows and {} columns have no entry: means of the columns and rows are written there", rows, columns));
  if (report.parts - rows - columns > 1)
    report.notes.push_back(fmt::format(
        "the observed entries fall into {} parts without a common row or column: entries between two parts are guesses",
        report.parts - rows - columns));
}

void note_methods(Report& report) {
  const auto& methods = report.comparison.methods;
  const auto best = std::ranges::min_element(methods, {}, &Method::rmse);
  if (report.comparison.chosen && best->baseline)
    report.notes.push_back(fmt::format("{} is better on the held-out entries than what completes", best->name));
  if (report.comparison.interrupted)
    report.notes.push_back(report.comparison.chosen ? "interrupted: the best state so far completes"
                                                    : "interrupted before anything was trained: nothing is written");
}

void write_output(Report& report) {
  if (!report.comparison.chosen) return;
  const auto& given = report.given;
  const CompletedMatrix completed(report.matrix, report.comparison.methods[*report.comparison.chosen].prediction);
  if (given.predict.empty()) return completed.save(given.output);
  const auto pairs = read_pairs(given.predict, report.matrix);
  if (const auto count = completed.save_estimates(pairs, given.output); count > 0)
    report.notes.push_back(
        fmt::format("{} of {} pairs have a row or a column without entries: the mean named as their basis stands there",
                    count, pairs.size()));
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

std::string json_text(const Report& report) {
  const auto& entries = report.matrix.entries;
  const auto& [methods, chosen, training, validation, heldout, stopped] = report.comparison;
  Json all = Json::array();
  for (std::size_t i = 0; i < methods.size(); ++i) all.push_back(to_json(methods[i], chosen == i));
  return Json{{"input", report.given.input},
              {"output", chosen ? Json(report.given.output) : Json()},
              {"rows", entries.row_count},
              {"columns", entries.column_count},
              {"observed", entries.size()},
              {"connected", report.parts == 1},
              {"parts", report.parts},
              {"training", training},
              {"validation", validation},
              {"heldout", heldout},
              {"rank", report.options.factorization.rank},
              {"bias", report.options.factorization.bias},
              {"loss", report.given.loss},
              {"seed", report.options.seed},
              {"interrupted", stopped},
              {"methods", all},
              {"notes", report.notes}}
             .dump(2) +
         '\n';
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

std::string table(const Report& report) {
  const auto& entries = report.matrix.entries;
  const auto& comparison = report.comparison;
  const auto share = static_cast<double>(entries.size()) /
                     (static_cast<double>(entries.row_count) * static_cast<double>(entries.column_count));
  std::vector<std::vector<std::string>> rows{
      {"  method", "held-out RMSE", "validation RMSE", "effective rank", "stable rank", "epochs"}};
  for (std::size_t i = 0; i < comparison.methods.size(); ++i)
    rows.push_back(table_row(comparison.methods[i], comparison.chosen == i));
  return fmt::format(
      "{}: {} x {}, {} entries observed ({:.3g}%), {}\ntrained on {}, chosen and stopped by {}, held out {}; rank {}, "
      "{} biases\n\n{}\n",
      report.given.input, entries.row_count, entries.column_count, entries.size(), 100.0 * share,
      report.parts == 1 ? "connected" : fmt::format("in {} parts", report.parts), comparison.training,
      comparison.validation, comparison.heldout, report.options.factorization.rank,
      report.options.factorization.bias ? "with" : "without", experiments::align(rows));
}

int execute(const Arguments& given) {
  const auto matrix = read_observed(
      given.input, choose<Layout>("format", given.layout,
                                  {{"auto", Layout::Auto}, {"triplets", Layout::Triplets}, {"dense", Layout::Dense}}));
  const auto options = options_of(given, matrix.entries);
  if (!given.predict.empty()) read_pairs(given.predict, matrix);  // an Error now rather than after the training
  check_output(given);
  note_interrupts();
  const auto comparison = train(matrix.entries, options);
  Report report{given, matrix, options, comparison, connected_parts(matrix.entries)};
  note_data(report);
  note_methods(report);
  write_output(report);
  std::cout << (given.json ? json_text(report) : table(report));
  for (const auto& note : report.notes) fmt::print(stderr, "note: {}\n", note);
  if (!given.json && comparison.chosen) fmt::print("* wrote {}\n", given.output);
  return comparison.interrupted ? exit_interrupted : 0;
}

Action declare(CLI::App& options) {
  const auto given = std::make_shared<Arguments>();
  auto& all = given->options;
  auto& model = all.factorization;
  options.add_option("input", given->input, "row,col,value a line, or a dense matrix with gaps (.csv, .npy)")
      ->required();
  options.add_option("-o,--output", given->output, "The completed matrix (.csv, .npy), or the predictions")->required();
  options.add_option("--predict", given->predict, "A file of row,col pairs: only these are predicted");
  options.add_option("--format", given->layout, "triplets or dense; auto takes 3 or 4 columns of text for triplets");
  options.add_option("--depth", given->depth, "Number of factors (2 or 3, by validation)")->check(CLI::Range(2, 10));
  options
      .add_option("--init-scale", given->scale, "Size of the product's entries at the start (0.01 or 0.0001, likewise)")
      ->check(CLI::Range(1e-12, 10.0));
  options.add_option("--rank", model.rank, "Width of the factors (50)")->check(CLI::Range(1, 10000));
  options.add_option("--loss", given->loss, "square, absolute or huber");
  options.add_option("--stop", model.patience, "Epochs without a better validation RMSE that end the training (50)")
      ->check(CLI::PositiveNumber);
  options.add_option("--epochs", model.max_epochs, "Most epochs (2000)")->check(CLI::PositiveNumber);
  options.add_option("--validation", all.share, "Share of the entries held out, half to choose, half to report (0.1)")
      ->check(CLI::Range(1e-6, 0.9));
  options.add_flag("--bias,!--no-bias", model.bias, "A number for each row and each column beside the product (yes)");
  options.add_flag("--baselines,!--no-baselines", all.baselines, "Also train soft-impute and depth 2 (yes)");
  options.add_option("--seed", all.seed, "Seed of the split and of the start (42)")->check(CLI::NonNegativeNumber);
  options.add_flag("--json", given->json, "Print one JSON object on standard output");
  return [given] { return execute(*given); };
}

const Register complete{{"complete", "Complete a partly observed matrix by a deep factorisation", declare}};

}  // namespace

}  // namespace sigmagrad::app
