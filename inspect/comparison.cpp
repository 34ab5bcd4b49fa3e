// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/comparison.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include <fmt/format.h>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/linalg/kernel_matrix.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/svd.hpp>

namespace sigmagrad::inspection {

namespace {

// A matrix of the first file, and where its partners are: file by file, an entry and the row that is to be filled.
struct Partner {
  TensorFile file;
  std::size_t entry = 0;
  FileChanges* changes = nullptr;
  MatrixChange* change = nullptr;
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

MatrixChange::Measured measured(const Tensor& W, const linalg::SVD& before, const Tensor& V) {
  const auto after = linalg::svd(V);
  const auto count = before.S.numel(), k = std::clamp<std::int64_t>(count / 2, 1, leading_vectors);
  const auto leading = [&](const Tensor& vectors) { return vectors.narrow(1, 0, k); };
  return {.errors = relative_errors(V, W),
          .distance = linalg::norm(V - W).item(),
          .spectrum_distance = linalg::vector_norm(after.S - before.S).item(),
          .left_angles = principal_angles(leading(before.U), leading(after.U)),
          .right_angles = principal_angles(leading(before.Vt.t()), leading(after.Vt.t())),
          .before = Spectrum(to_vector(before.S)),
          .after = Spectrum(to_vector(after.S))};
}

// The matrix of an entry, or why there is none in `note`.
std::optional<Tensor> matrix_of(const TensorFile& file, std::size_t entry, linalg::KernelView view, std::string& note) {
  const auto values = file.read(entry);
  note = non_finite_note(values);
  if (!note.empty()) return {};
  return linalg::kernel_matrix(values, view).to(f64);
}

// Compares W with its partner in one file; what is wrong there does not concern the other files.
void compare(const Tensor& W, const linalg::SVD& svd, Partner& partner, linalg::KernelView view) {
  MatrixChange& change = *partner.change;
  try {
    change.note.clear();
    if (const auto V = matrix_of(partner.file, partner.entry, view, change.note))
      change.measured = measured(W, svd, *V);
  } catch (const std::exception& error) {
    change.note = partner.error = error.what();
  }
}

void compare(Paired& piece, linalg::KernelView view) {
  const NoGrad no_grad;
  std::string reason, error;
  try {
    if (const auto W = matrix_of(piece.file, piece.entry, view, reason)) {
      const auto svd = linalg::svd(*W);
      for (Partner& partner : piece.partners) compare(*W, svd, partner, view);
      return;
    }
  } catch (const std::exception& failed) {
    reason = error = failed.what();
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
std::string reason_against(const TensorRow& from, const TensorRow& to) {
  if (!from.note.empty()) return from.note;
  if (!to.note.empty()) return "in the other file " + to.note;
  return from.shape == to.shape ? "" : fmt::format("{} has become {}", shape_text(from.shape), shape_text(to.shape));
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
    change.note = reason_against(row, row_of(to.entries()[other->second]));
    if (change.note.empty()) {
      change.note = "interrupted";
      pieces[i].partners.push_back({to, other->second, &changes, &change});
    }
    others.erase(other);
  }
  for (const auto& entry : to.entries())
    if (others.contains(entry.name)) changes.only_to.push_back(entry.name);
}

}  // namespace

Spectrum::Spectrum(std::vector<double> descending) : values(std::move(descending)) {
  double sum = 0.0, squares = 0.0, entropy = 0.0;
  const double largest = values.front();
  for (const double s : values) {
    sum += s / largest;
    squares += s / largest * (s / largest);
  }
  for (const double s : values)
    if (s > 0.0) entropy -= s / largest / sum * std::log(s / largest / sum);
  stable_rank = squares;
  effective_rank = largest > 0.0 ? std::exp(entropy) : std::numeric_limits<double>::quiet_NaN();
  cond = largest / values.back();
}

std::vector<FileChanges> compare_files(const std::vector<std::filesystem::path>& paths, const InspectorOptions& options,
                                       const std::function<Watch(std::size_t)>& watch_of) {
  if (paths.size() < 2) throw Error(fmt::format("inspect: --diff needs two files or more, found {}", paths.size()));
  if (options.matrix.kernel == linalg::KernelView::Exact)
    throw Error("inspect: --diff compares matrices: with --kernel exact there is none, rows and channels have one");
  std::vector<FileChanges> results(paths.size() - 1);
  std::optional<TensorFile> opened;
  try {
    opened = open_tensors(paths.front());
  } catch (const std::exception& error) {
    return {{.from = paths.front().string(), .error = error.what()}};
  }
  const TensorFile& first = *opened;
  std::vector<Paired> pieces;
  for (std::size_t i = 0; i < first.entries().size(); ++i) pieces.push_back({first, i});
  for (std::size_t i = 0; i < results.size(); ++i) try {
      results[i].from = paths.front().string();
      results[i].to = paths[i + 1].string();
      pair(first, open_tensors(paths[i + 1]), options, results[i], pieces);
    } catch (const std::exception& error) {
      results[i].error = error.what();
    }
  std::erase_if(pieces, [](const Paired& piece) { return piece.partners.empty(); });
  std::vector<double> costs;
  for (const Paired& piece : pieces)
    costs.push_back(cost_of(row_of(first.entries()[piece.entry])) * static_cast<double>(piece.partners.size()));
  run_largest_first(costs, options.jobs, watch_of(pieces.size()),
                    [&](std::size_t i) { compare(pieces[i], options.matrix.kernel); });
  for (const Paired& piece : pieces)
    for (const Partner& partner : piece.partners)
      if (partner.changes->error.empty()) partner.changes->error = partner.error;
  return results;
}

}  // namespace sigmagrad::inspection
