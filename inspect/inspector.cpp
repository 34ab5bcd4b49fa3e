// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/inspector.hpp>

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>
#include <fnmatch.h>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>

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

std::string view_in_words(const InspectOptions& options) {
  switch (options.kernel) {
    case linalg::KernelView::Rows:
      return "kernel as out x (in k k)";
    case linalg::KernelView::Channels:
      return "kernel as in x (out k k)";
    case linalg::KernelView::Exact:
      break;
  }
  return fmt::format("convolution of inputs of side {} that wrap around", options.input_side);
}

template <class T>
std::string count_non_finite(std::span<const T> values) {
  std::int64_t nan = 0, infinite = 0;
  for (const T value : values) {
    nan += std::isnan(value);
    infinite += std::isinf(value);
  }
  if (nan + infinite == 0) return "";
  return fmt::format("{} NaN and {} infinite of {} entries", nan, infinite, values.size());
}

void measure(Piece& piece, const InspectorOptions& options) {
  TensorRow& row = *piece.row;
  row.note.clear();
  try {
    const NoGrad no_grad;
    const auto values = piece.file.read(piece.entry);
    row.note = non_finite_note(values);
    if (!row.note.empty()) return;
    row.note = note_of(row, options.matrix);
    row.summary = inspect(values, options.matrix);
  } catch (const Error& error) {  // it names file and tensor
    row.note = piece.error = error.what();
  } catch (const std::exception& error) {
    row.note = error.what();
    piece.error = fmt::format("{}: {}: {}", piece.file_rows->file, row.name, error.what());
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

TensorRow row_of(const TensorEntry& entry) {
  TensorRow row{.name = entry.name, .shape = entry.shape, .dtype = entry.dtype};
  row.note = reason_against(entry, row);
  return row;
}

// The time that a decomposition takes, up to a factor: rows x columns x the smaller of them.
double cost_of(const TensorRow& row) {
  const double first = static_cast<double>(row.shape.front()), all = static_cast<double>(row.entries());
  return all * std::min(first, all / first);
}

std::string non_finite_note(const Tensor& values) {
  return values.dtype() == f32 ? count_non_finite(values.data<float>()) : count_non_finite(values.data<double>());
}

std::string note_of(const TensorRow& row, const InspectOptions& options) {
  const auto numbers = row.dtype.starts_with("F8") ? "8-bit floats: small singular values are their rounding" : "";
  if (row.shape.size() < 3) return numbers;
  const auto view = view_in_words(options);
  return *numbers != 0 ? fmt::format("{}; {}", view, numbers) : view;
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
      list_rows(open_tensors(paths[i]), options, results[i], pieces);
    } catch (const std::exception& error) {
      results[i].error = error.what();
    }
  std::vector<double> costs;
  for (const Piece& piece : pieces) costs.push_back(cost_of(*piece.row));
  for (const Piece& piece : pieces) piece.row->note = "interrupted";
  run_largest_first(costs, options.jobs, watch_of(pieces.size()), [&](std::size_t i) { measure(pieces[i], options); });
  for (const Piece& piece : pieces)
    if (piece.file_rows->error.empty()) piece.file_rows->error = piece.error;
  return results;
}

}  // namespace sigmagrad::inspection
