// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/inspector.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fnmatch.h>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/linalg/summary.hpp>

namespace sigmagrad::inspection {

namespace {

// A tensor that is to be decomposed, and why that failed if it did.
struct Piece {
  TensorFile file;
  std::size_t entry;
  FileRows* file_rows;
  TensorRow* row;
  std::string error = {};
};

// Why there is nothing to measure, as far as that is known before the entries are read.
std::string reason_against(const TensorEntry& entry, const TensorRow& row) {
  if (!entry.problem.empty()) return entry.problem;
  if (row.shape.empty()) return "a scalar";
  if (row.shape.size() == 1) return "a vector";
  if (row.entries() == 0) return "no entries";
  return row.is_integer() ? "integers" : "";
}

std::string view_in_words(const TensorRow& row, const InspectOptions& options) {
  switch (options.kernel) {
    case linalg::KernelView::Rows:
      return "kernel as out x (in k k)";
    case linalg::KernelView::Channels:
      return "kernel as in x (out k k)";
    case linalg::KernelView::Exact:
      break;
  }
  return fmt::format("convolution of inputs of side {} that wrap around, stride 1, one group",
                     linalg::detail::input_side(row.shape, options));
}

void add(std::string& note, const std::string& more) { note += (note.empty() ? "" : "; ") + more; }

void measure(Piece& piece, const InspectorOptions& options) {
  TensorRow& row = *piece.row;
  row.note.clear();
  try {
    const NoGrad no_grad;
    const auto values = piece.file.read(piece.entry);
    row.note = linalg::detail::non_finite_text(values);
    if (!row.note.empty()) return;
    row.summary = inspect(values, options.matrix);
    row.note = note_of(row, options.matrix);
  } catch (const std::exception& error) {
    row.note = error.what();
    piece.error = failure_text(piece.file, piece.entry, error);
  }
}

// The rows of a file, with those that are to be measured added to `pieces`.
void list_rows(const TensorFile& file, const InspectorOptions& options, FileRows& into, std::vector<Piece>& pieces) {
  const auto& entries = file.entries();
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (is_wanted(entries[i].name, options.only)) wanted.push_back(i);
  for (const auto i : wanted) into.rows.push_back(row_of(entries[i]));
  for (std::size_t row = 0; row < wanted.size(); ++row)
    if (into.rows[row].note.empty()) pieces.push_back({file, wanted[row], &into, &into.rows[row]});
}

}  // namespace

TensorFile open_model(const std::filesystem::path& path) {
  auto file = open_tensors(path);
  if (!file.entries().empty()) return file;
  throw Error(fmt::format("{}: holds no {}", path.string(), path.extension() == ".onnx" ? "initialisers" : "tensors"));
}

TensorRow row_of(const TensorEntry& entry) {
  TensorRow row{.name = entry.name, .shape = entry.shape, .dtype = entry.dtype};
  row.note = reason_against(entry, row);
  return row;
}

std::int64_t smaller_side(const TensorRow& row, linalg::KernelView view) {
  const auto side = row.shape[view == linalg::KernelView::Channels && row.shape.size() > 2 ? 1 : 0];
  return std::min(side, row.entries() / side);
}

// Rows x columns x the smaller of them; so much for the complex matrices of half of all frequencies of a convolution,
// whose numbers cost twice as much or more, with a product for each number of the kernel at each of them.
double cost_of(const TensorRow& row, const InspectOptions& options) {
  const double all = static_cast<double>(row.entries());
  if (row.shape.size() == 2 || options.kernel != linalg::KernelView::Exact)
    return all * static_cast<double>(smaller_side(row, options.kernel));
  const double side = static_cast<double>(linalg::detail::input_side(row.shape, options));
  const double frequencies = std::pow(side, static_cast<double>(row.shape.size() - 2));
  const double out = static_cast<double>(row.shape[0]), in = static_cast<double>(row.shape[1]);
  return frequencies * (2.0 * out * in * std::min(out, in) + all);
}

std::string failure_text(const TensorFile& file, std::size_t entry, const std::exception& error) {
  std::string what = error.what();
  const auto says_where = [&](const std::filesystem::path& path) { return what.starts_with(path.string() + ": "); };
  if (says_where(file.path()) || std::ranges::any_of(file.files(), says_where)) return what;  // it could not be read
  return fmt::format("{}: \"{}\": {}", file.path().string(), file.entries()[entry].name, what);
}

std::string note_of(const TensorRow& row, const InspectOptions& options) {
  std::string note;
  if (row.shape.size() > 2) add(note, view_in_words(row, options));
  if (row.dtype.starts_with("F8")) add(note, "8-bit floats: small singular values are their rounding");
  if (row.summary && !row.summary->whole_spectrum)
    add(note, fmt::format("{} leading values (Lanczos){}", row.summary->singular_values.size(),
                          options.fit ? ", no fit" : ""));
  return note;
}

bool is_wanted(const std::string& name, const std::vector<std::string>& patterns) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
         });
}

std::vector<FileRows> inspect_files(const std::vector<std::filesystem::path>& paths, const InspectorOptions& options,
                                    const std::function<Watch(std::size_t)>& watch_of) {
  std::vector<FileRows> results(paths.size());
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < paths.size(); ++i) try {
      results[i].file = paths[i].string();
      list_rows(open_model(paths[i]), options, results[i], pieces);
    } catch (const std::exception& error) {
      results[i].error = error.what();
    }
  std::vector<double> costs;
  for (const Piece& piece : pieces) costs.push_back(cost_of(*piece.row, options.matrix));
  for (const Piece& piece : pieces) piece.row->note = "interrupted";
  run_largest_first(costs, options.jobs, watch_of(pieces.size()), [&](std::size_t i) { measure(pieces[i], options); });
  for (const Piece& piece : pieces)
    if (piece.file_rows->error.empty()) piece.file_rows->error = piece.error;
  return results;
}

}  // namespace sigmagrad::inspection
