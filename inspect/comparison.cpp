// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/comparison.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include <fmt/format.h>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/linalg/kernel_matrix.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/summary.hpp>
#include <sigmagrad/linalg/svd.hpp>

namespace sigmagrad::inspection {

namespace {

// A matrix of the first file, and where its partners are: file by file, an entry and the row that is to be filled.
struct Partner {
  TensorFile file;
  std::size_t entry = 0;
  FileChanges* changes = nullptr;
  MatrixChange* change = nullptr;
  std::string note = {};  // of the change, once it is measured
  std::string error = {};
};
struct Paired {
  TensorFile file;
  std::size_t entry = 0;
  std::vector<Partner> partners = {};
};

std::vector<double> to_vector(const Tensor& values) {
  const auto data = values.data<double>();
  return {data.begin(), data.end()};
}

// Principal angles between the spans of the orthonormal columns of P and Q [n, k], in degrees, largest first. The
// cosine of a small angle has lost its digits, and so has the sine of a large one; together they have all.
std::vector<double> principal_angles(const Tensor& P, const Tensor& Q) {
  const auto overlap = matmul(P.t(), Q);
  auto cosines = to_vector(linalg::svdvals(overlap));
  const auto sines = to_vector(linalg::svdvals(Q - matmul(P, overlap)));
  std::ranges::reverse(cosines);
  std::vector<double> angles;
  for (std::size_t i = 0; i < cosines.size(); ++i)
    angles.push_back(std::atan2(sines[i], cosines[i]) * 180.0 / std::numbers::pi);
  return angles;
}

// A matrix and its decomposition, in f64.
struct Decomposed {
  Tensor matrix;
  linalg::SVD svd;
  MatrixSummary summary;
};

// Nothing, and the reason in `note`, where entries are not finite.
std::optional<Decomposed> decompose(const TensorFile& file, std::size_t entry, const InspectOptions& options,
                                    std::string& note) {
  const auto values = file.read(entry);
  note = linalg::detail::non_finite_text(values);
  if (!note.empty()) return {};
  const auto matrix = linalg::kernel_matrix(values, options.kernel).to(f64);
  const auto rows = matrix.size(0), columns = matrix.size(1);
  Decomposed result{
      .matrix = matrix,
      .svd = linalg::svd(matrix),
      .summary = {.rows = rows,
                  .columns = columns,
                  .frobenius = linalg::norm(matrix).item(),
                  .rank_tolerance = linalg::detail::rank_tolerance(rows, columns, values.dtype(), options)}};
  result.summary.singular_values = to_vector(result.svd.S);
  linalg::detail::describe(result.summary);
  return result;
}

MatrixChange::Measured measured(const Decomposed& W, const Decomposed& V) {
  const auto count = W.svd.S.numel(), k = std::clamp<std::int64_t>(count / 2, 1, leading_vectors);
  const auto leading = [&](const Tensor& vectors) { return vectors.narrow(1, 0, k); };
  return {.errors = relative_errors(V.matrix, W.matrix),
          .distance = linalg::norm(V.matrix - W.matrix).item(),
          .spectrum_distance = linalg::vector_norm(V.svd.S - W.svd.S).item(),
          .left_angles = principal_angles(leading(W.svd.U), leading(V.svd.U)),
          .right_angles = principal_angles(leading(W.svd.Vt.t()), leading(V.svd.Vt.t())),
          .before = W.summary,
          .after = V.summary};
}

// Compares W with its partner in one file; what is wrong there does not concern the other files.
void compare(const Decomposed& W, Partner& partner, const InspectOptions& options) {
  MatrixChange& change = *partner.change;
  try {
    if (const auto V = decompose(partner.file, partner.entry, options, change.note)) {
      change.measured = measured(W, *V);
      change.note = partner.note;
    }
  } catch (const std::exception& error) {
    change.note = error.what();
    partner.error = failure_text(partner.file, partner.entry, error);
  }
}

void compare(Paired& piece, const InspectOptions& options) {
  const NoGrad no_grad;
  std::string reason, error;
  try {
    if (const auto W = decompose(piece.file, piece.entry, options, reason)) {
      for (Partner& partner : piece.partners) compare(*W, partner, options);
      return;
    }
  } catch (const std::exception& failed) {
    reason = failed.what();
    error = failure_text(piece.file, piece.entry, failed);
  }
  for (Partner& partner : piece.partners) {
    partner.change->note = "in the first file " + reason;
    partner.error = error;
  }
}

std::map<std::string, std::size_t> wanted_by_name(const TensorFile& file, const InspectorOptions& options) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < file.entries().size(); ++i)
    if (const auto& name = file.entries()[i].name; is_wanted(name, options.only)) places.emplace(name, i);
  return places;
}

// Why a pair is not compared, as far as that is known before it is read.
std::string reason_against(const TensorRow& from, const TensorRow& to, const InspectOptions& options) {
  if (!from.note.empty()) return from.note;
  if (!to.note.empty()) return "in the other file " + to.note;
  if (from.shape != to.shape) return fmt::format("{} has become {}", shape_text(from.shape), shape_text(to.shape));
  if (smaller_side(from, options.kernel) > options.full_up_to)
    return fmt::format("more than {} singular values, and --diff takes all with their vectors", options.full_up_to);
  return "";
}

// What is to be known of both; shape and view are one.
std::string note_of_both(const TensorRow& from, const TensorRow& to, const InspectOptions& options) {
  const auto first = note_of(from, options), second = note_of(to, options);
  return first.size() < second.size() ? second : first;  // the longer one has 8-bit floats in it
}

// Pairs the tensors of two files by name, in the order of the first; a pair that is to be compared joins its piece.
void pair(const TensorFile& from, const TensorFile& to, const InspectorOptions& options, FileChanges& changes,
          std::vector<Paired>& pieces) {
  auto others = wanted_by_name(to, options);
  changes.matrices.reserve(from.entries().size());  // so that rows stay where they are
  for (std::size_t i = 0; i < from.entries().size(); ++i) {
    const auto row = row_of(from.entries()[i]);
    if (!is_wanted(row.name, options.only)) continue;
    const auto other = others.find(row.name);
    if (other == others.end()) {
      changes.only_from.push_back(row.name);
      continue;
    }
    auto& change = changes.matrices.emplace_back(MatrixChange{.name = row.name, .shape = row.shape});
    const auto other_row = row_of(to.entries()[other->second]);
    change.note = reason_against(row, other_row, options.matrix);
    if (change.note.empty()) {
      change.note = "interrupted";
      pieces[i].partners.push_back(
          {to, other->second, &changes, &change, note_of_both(row, other_row, options.matrix)});
    }
    others.erase(other);
  }
  for (const auto& entry : to.entries())
    if (others.contains(entry.name)) changes.only_to.push_back(entry.name);
}

}  // namespace

std::vector<FileChanges> compare_files(const std::vector<std::filesystem::path>& paths, const InspectorOptions& options,
                                       const std::function<Watch(std::size_t)>& watch_of) {
  if (paths.size() < 2) throw Error(fmt::format("inspect: --diff needs two files or more, found {}", paths.size()));
  if (options.matrix.kernel == linalg::KernelView::Exact)
    throw Error("inspect: --diff compares matrices: with --kernel exact there is none, rows and channels have one");
  std::vector<FileChanges> results(paths.size() - 1);
  std::optional<TensorFile> opened;
  try {
    opened = open_model(paths.front());
  } catch (const std::exception& error) {
    return {{.from = paths.front().string(), .error = error.what()}};
  }
  const TensorFile& first = *opened;
  std::vector<Paired> pieces;
  for (std::size_t i = 0; i < first.entries().size(); ++i) pieces.push_back({first, i});
  for (std::size_t i = 0; i < results.size(); ++i) try {
      results[i].from = paths.front().string();
      results[i].to = paths[i + 1].string();
      pair(first, open_model(paths[i + 1]), options, results[i], pieces);
    } catch (const std::exception& error) {
      results[i].error = error.what();
    }
  std::erase_if(pieces, [](const Paired& piece) { return piece.partners.empty(); });
  std::vector<double> costs;
  for (const Paired& piece : pieces)
    costs.push_back(cost_of(row_of(first.entries()[piece.entry]), options.matrix) *
                    static_cast<double>(piece.partners.size()));
  run_largest_first(costs, options.jobs, watch_of(pieces.size()),
                    [&](std::size_t i) { compare(pieces[i], options.matrix); });
  for (const Paired& piece : pieces)
    for (const Partner& partner : piece.partners)
      if (partner.changes->error.empty()) partner.changes->error = partner.error;
  return results;
}

}  // namespace sigmagrad::inspection
