// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/inspect/change_output.hpp>
#include <sigmagrad/inspect/change_report.hpp>
#include <sigmagrad/inspect/columns.hpp>
#include <sigmagrad/inspect/comparison.hpp>
#include <sigmagrad/inspect/inspector.hpp>
#include <sigmagrad/inspect/model_files.hpp>
#include <sigmagrad/inspect/report.hpp>
#include <sigmagrad/inspect/text_output.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/program/choose.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/exit_codes.hpp>
#include <sigmagrad/lab/program/interrupt.hpp>
#include <sigmagrad/lab/program/program.hpp>
#include <sigmagrad/lab/run/progress.hpp>

namespace sigmagrad::app {

namespace {

using namespace lab;
using namespace inspection;

struct Arguments {
  std::vector<std::string> inputs;
  std::string kernel = "rows", sort, out;
  double rank_tolerance = -1.0;  // NumPy's
  InspectorOptions options = {};
  bool json = false, csv = false, diff = false;
};

InspectorOptions options_of(const Arguments& given) {
  auto options = given.options;
  options.matrix.kernel = choose<linalg::KernelView>("inspect", "kernel", given.kernel,
                                                     {{"rows", linalg::KernelView::Rows},
                                                      {"channels", linalg::KernelView::Channels},
                                                      {"exact", linalg::KernelView::Exact}});
  if (given.rank_tolerance >= 0.0) options.matrix.rank_tolerance = given.rank_tolerance;
  return options;
}

// Characters a line of the terminal, or what the environment says; any number where a program reads.
std::size_t line_width() {
  winsize size = {};
  if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  return columns != nullptr ? std::strtoul(columns, nullptr, 10) : 0;
}

// What somebody at a terminal sees, and what an interrupt does.
class Observer {
 public:
  Watch start(std::size_t pieces) {
    note_interrupts();
    if (isatty(STDERR_FILENO) == 1 && pieces > 0) progress_.emplace(pieces, stderr, "matrices");
    return {.advance =
                [this] {
                  if (progress_) progress_->advance(1);
                },
            .interrupted = lab::interrupted};
  }
  void end() { progress_.reset(); }

 private:
  std::optional<Progress> progress_;
};

void complain(const std::vector<std::string>& failures) {
  for (std::string line : failures) {
    std::ranges::replace(line, '\n', ' ');
    fmt::print(stderr, "{}: {}\n", program_name(), line);
  }
}

template <class Row>
std::vector<Heading> headings(const std::vector<Column<Row>>& columns) {
  return {columns.begin(), columns.end()};
}

// An Error now, if there is no such column, rather than after the work.
template <class Row>
std::optional<Column<Row>> column_to_sort_by(const Arguments& given, const std::vector<Column<Row>>& columns) {
  if (given.sort.empty()) return {};
  const auto& column = columns[place_of(headings(columns), given.sort)];
  if (column.fitted && !given.options.matrix.fit)
    throw Error(fmt::format("inspect: --sort {} needs --fit, which gives that column", given.sort));
  return column;
}

// An Error now as well.
void check_folder(const std::string& folder) {
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(fmt::format("inspect: {}: cannot be written: {}", folder, error.message()));
  const sigmagrad::detail::AtomicFile probe(std::filesystem::path(folder) / "report.html");
}

// An Error if --only left nothing of what could be read, below the files that could not.
template <class Results>
void check_something_fits(const Arguments& given, const FoundFiles& found, const Results& results) {
  const bool nothing =
      !results.empty() && std::ranges::all_of(results, [](const auto& file) { return file.is_empty(); });
  if (given.options.only.empty() || !nothing) return;
  complain(found.failures);
  throw Error(fmt::format("inspect: no tensor has a name that --only '{}' fits", fmt::join(given.options.only, "' '")));
}

// The end of the command: failures stand below what was printed.
int finish(const Arguments& given, const std::vector<std::string>& failures, const std::vector<std::string>& notes) {
  std::cout << std::flush;
  complain(failures);
  for (const auto& note : notes) fmt::print(stderr, "note: {}\n", note);
  if (interrupted()) return exit_code::interrupted;
  if (!given.out.empty())
    fmt::print(stderr, "report: {}\n", (std::filesystem::path(given.out) / "report.html").string());
  return failures.empty() ? 0 : exit_code::failed;
}

int show_files(const Arguments& given, FoundFiles found) {
  const auto options = options_of(given);
  const auto sorted_by = column_to_sort_by(given, tensor_columns());
  Observer observer;
  auto files = inspect_files(found.files, options, [&](std::size_t pieces) { return observer.start(pieces); });
  observer.end();
  check_something_fits(given, found, files);
  for (auto& file : files) {
    if (!file.error.empty()) found.failures.push_back(file.error);
    if (sorted_by) sort_rows(file.rows, *sorted_by);
  }
  std::cout << (given.json ? json_text(files) : given.csv ? csv_text(files) : table_text(files, line_width()));
  std::vector<std::string> notes;
  if (!given.out.empty()) notes = write_report(files, found.failures, given.out, interrupted);
  return finish(given, found.failures, notes);
}

int show_changes(const Arguments& given, FoundFiles found) {
  const auto sorted_by = column_to_sort_by(given, change_columns());
  if (found.files.size() < 2 && !found.failures.empty()) return finish({}, found.failures, {});
  Observer observer;
  auto changes =
      compare_files(found.files, options_of(given), [&](std::size_t pieces) { return observer.start(pieces); });
  observer.end();
  check_something_fits(given, found, changes);
  for (auto& pair : changes) {
    if (!pair.error.empty()) found.failures.push_back(pair.error);
    if (sorted_by) sort_rows(pair.matrices, *sorted_by);
  }
  std::cout << (given.json  ? changes_json_text(changes)
                : given.csv ? changes_csv_text(changes)
                            : changes_table_text(changes, line_width()));
  std::vector<std::string> notes;
  if (!given.out.empty()) notes = write_change_report(changes, found.failures, given.out, interrupted);
  return finish(given, found.failures, notes);
}

int execute(const Arguments& given) {
  if (given.diff && given.options.matrix.fit)
    throw Error("inspect: --fit goes without --diff, which compares spectra and fits none");
  check_folder(given.out);
  auto found = find_model_files(given.inputs);
  return given.diff ? show_changes(given, std::move(found)) : show_files(given, std::move(found));
}

Action declare(Options& options) {
  const auto given = std::make_shared<Arguments>();
  options.push_back({.name = "inputs",
                     .into = &given->inputs,
                     .help = "Files of tensors (.safetensors, .npz, .npy, .csv, .pt, .onnx), folders of them",
                     .type = "FILE",
                     .required = true});
  options.push_back({.name = "--only",
                     .into = &given->options.only,
                     .help = "Tensors whose names this pattern fits: 'encoder.*'; may be given again",
                     .type = "GLOB"});
  options.push_back({.name = "--json", .into = &given->json, .help = "Print one JSON object on standard output"});
  options.push_back({.name = "--csv",
                     .into = &given->csv,
                     .help = "Print a row a tensor, with every column and digit",
                     .excludes = "--json"});
  options.push_back(
      {.name = "--out", .into = &given->out, .help = "Where report.html, figures and tables go", .type = "DIR"});
  options.push_back({.name = "--diff",
                     .into = &given->diff,
                     .help = "Compare the first file with each of the others, tensor by tensor"});
  options.push_back(
      {.name = "--fit", .into = &given->options.matrix.fit, .help = "Fit a power law to the squared singular values"});
  options.push_back({.name = "--rank-tol",
                     .into = &given->rank_tolerance,
                     .help = "Numerical rank: values above this times s1",
                     .type = "X",
                     .minimum = 0.0,
                     .maximum = 1.0});
  options.push_back({.name = "--kernel",
                     .into = &given->kernel,
                     .help = "How a kernel of three or more axes becomes a matrix",
                     .type = "rows|channels|exact"});
  options.push_back({.name = "--sort",
                     .into = &given->sort,
                     .help = "Order of the rows: largest first, ranks smallest first",
                     .type = "COLUMN"});
  options.push_back({.name = "--jobs",
                     .into = &given->options.jobs,
                     .help = "Threads, each with a matrix in memory (all cores)",
                     .minimum = 0,
                     .maximum = 1e4});
  return [given] { return execute(*given); };
}

Words words() {
  std::vector<std::string> names;
  for (const Heading& heading : headings(tensor_columns())) names.push_back(heading.name);
  return {{"COLUMN", names}};
}

std::string footer() {
  return "Columns:\n" + headings_text(headings(tensor_columns())) +
         "\nColumns of --diff, where W is the matrix of the first file and V that of another:\n" +
         headings_text(headings(change_columns()));
}

const RegisterCommand inspect_weights{{.name = "inspect",
                                       .help = "What is inside a file of weights: norms, condition, ranks, spectra",
                                       .declare = declare,
                                       .words = words,
                                       .footer = footer}};

}  // namespace

}  // namespace sigmagrad::app
