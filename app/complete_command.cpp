// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/impute/comparison.hpp>
#include <sigmagrad/impute/completed_files.hpp>
#include <sigmagrad/impute/observation_files.hpp>
#include <sigmagrad/impute/report.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/program/choose.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/exit_codes.hpp>
#include <sigmagrad/lab/program/interrupt.hpp>

namespace sigmagrad::app {

namespace {

using namespace lab;
using namespace impute;

struct Arguments {
  std::string input, output, predict, layout = "auto", separator = "auto", row_names = "auto", loss = "square";
  int depth = 0;       // validation chooses
  double scale = 0.0;  // the same
  ComparisonOptions options = {};
  bool json = false;
};

// A name, or the characters themselves.
Separator separator_of(const std::string& text) {
  if (text.size() == 1 && text.find_first_of("\"\r\n") == text.npos) return text;
  return choose<Separator>("complete", "separator", text,
                           {{"auto", ""},
                            {"comma", ","},
                            {"semicolon", ";"},
                            {"tab", "\t"},
                            {"\\t", "\t"},
                            {"space", " "},
                            {"colons", "::"},
                            {"::", "::"}});
}

TextOptions text_options(const Arguments& given) {
  return {.layout = choose<Layout>("complete", "format", given.layout,
                                   {{"auto", Layout::Auto}, {"triplets", Layout::Triplets}, {"dense", Layout::Dense}}),
          .separator = separator_of(given.separator),
          .row_names = choose<RowNames>("complete", "row-names", given.row_names,
                                        {{"auto", RowNames::Auto}, {"yes", RowNames::Yes}, {"no", RowNames::No}})};
}

ComparisonOptions options_of(const Arguments& given, const Observations& entries) {
  ComparisonOptions options = given.options;
  if (given.depth > 0) options.depth = given.depth;
  if (given.scale > 0.0) options.scale = given.scale;
  auto& model = options.factorization;
  model.loss = choose<Loss>("complete", "loss", given.loss,
                            {{"square", Loss::Square}, {"absolute", Loss::Absolute}, {"huber", Loss::Huber}});
  model.rank = std::min({model.rank, entries.row_count, entries.column_count});  // no matrix has a higher one
  return options;
}

// An Error now rather than after the training.
void check_output(const Arguments& given) {
  std::error_code error;
  for (const auto& input : {given.input, given.predict})
    if (!input.empty() && std::filesystem::equivalent(input, given.output, error))
      throw Error(fmt::format("complete: --output {} would replace what is read", given.output));
  const detail::AtomicFile probe(given.output);
}

// The method under way, on one line that redraws itself on a terminal; a line a method otherwise.
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

// The completed matrix, or what it says of `pairs` where there are any.
void write_output(const Arguments& given, const IdPairs& pairs, CompletionReport& report) {
  if (!report.comparison.chosen) return;
  const CompletedMatrix completed(report.matrix, report.comparison.methods[*report.comparison.chosen].prediction);
  if (pairs.empty()) return completed.save(given.output);
  if (const auto count = completed.save_estimates(pairs, given.output); count > 0)
    report.notes.push_back(
        fmt::format("{} of {} pairs have a row or a column without entries: the mean named as their basis stands there",
                    count, pairs.size()));
}

int execute(const Arguments& given) {
  const auto text = text_options(given);
  const auto matrix = read_observed(given.input, text);
  const auto options = options_of(given, matrix.entries);
  // Before the training, which an Error would waste; and once, as a pipe can be read.
  const auto pairs = given.predict.empty() ? IdPairs{} : read_pairs(given.predict, matrix, text.separator);
  check_output(given);
  note_interrupts();
  const auto comparison = train(matrix.entries, options);
  CompletionReport report(given.input, given.output, matrix, options, comparison);
  write_output(given, pairs, report);
  std::cout << (given.json ? report.json_text() : report.table()) << std::flush;  // notes stand below the table
  for (const auto& note : report.notes) fmt::print(stderr, "note: {}\n", note);
  if (!given.json && comparison.chosen) fmt::print("* wrote {}\n", given.output);
  return comparison.interrupted ? exit_code::interrupted : 0;
}

void declare_files(Options& options, Arguments& given) {
  options.push_back({.name = "input",
                     .into = &given.input,
                     .help = "row,col,value a line, or a dense matrix with gaps (.csv, .npy)",
                     .type = "FILE",
                     .required = true});
  options.push_back({.name = "-o,--output",
                     .into = &given.output,
                     .help = "The completed matrix (.csv, .npy), or the predictions",
                     .type = "FILE",
                     .required = true});
  options.push_back({.name = "--predict",
                     .into = &given.predict,
                     .help = "A file of row,col pairs: only these are predicted",
                     .type = "FILE"});
  options.push_back({.name = "--format",
                     .into = &given.layout,
                     .help = "auto takes 3 or 4 columns of text for triplets",
                     .type = "auto|triplets|dense"});
  options.push_back({.name = "--separator",
                     .into = &given.separator,
                     .help = "Between fields, or any one character (as the file tells)",
                     .type = "auto|comma|semicolon|tab|space|::"});
  options.push_back({.name = "--row-names",
                     .into = &given.row_names,
                     .help = "Whether a dense text's first column names its rows",
                     .type = "auto|yes|no"});
}

void declare_training(Options& options, Arguments& given) {
  auto& all = given.options;
  auto& model = all.factorization;
  options.push_back({.name = "--depth",
                     .into = &given.depth,
                     .help = "Number of factors (2 or 3, by validation)",
                     .minimum = 2,
                     .maximum = 10});
  options.push_back({.name = "--init-scale",
                     .into = &given.scale,
                     .help = "Size of the product's entries at the start (0.01 or 0.0001, likewise)",
                     .minimum = 1e-12,
                     .maximum = 10.0});
  options.push_back(
      {.name = "--rank", .into = &model.rank, .help = "Width of the factors (50)", .minimum = 1, .maximum = 10000});
  options.push_back({.name = "--loss",
                     .into = &given.loss,
                     .help = "What an entry costs that is not met",
                     .type = "square|absolute|huber"});
  options.push_back({.name = "--stop",
                     .into = &model.patience,
                     .help = "Epochs without a better validation RMSE that end the training (50)",
                     .minimum = 1,
                     .maximum = 1e9});
  options.push_back(
      {.name = "--epochs", .into = &model.max_epochs, .help = "Most epochs (2000)", .minimum = 1, .maximum = 1e9});
  options.push_back({.name = "--validation",
                     .into = &all.share,
                     .help = "Share of the entries held out, half to choose, half to report (0.1)",
                     .minimum = 1e-6,
                     .maximum = 0.9});
  options.push_back({.name = "--bias,!--no-bias",
                     .into = &model.bias,
                     .help = "A number for each row and each column beside the product (yes)"});
  options.push_back({.name = "--baselines,!--no-baselines",
                     .into = &all.baselines,
                     .help = "Also train soft-impute and depth 2 (yes)"});
  options.push_back(
      {.name = "--seed", .into = &all.seed, .help = "Seed of the split and of the start (42)", .minimum = 0});
}

Action declare(Options& options) {
  const auto given = std::make_shared<Arguments>();
  declare_files(options, *given);
  declare_training(options, *given);
  options.push_back({.name = "--json", .into = &given->json, .help = "Print one JSON object on standard output"});
  return [given] { return execute(*given); };
}

const RegisterCommand complete{{"complete", "Complete a partly observed matrix by a deep factorisation", declare}};

}  // namespace

}  // namespace sigmagrad::app
