// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/columns.hpp>

#include <algorithm>
#include <iterator>
#include <string>

namespace sigmagrad::inspection {

namespace {

using Tensors = std::vector<Column<TensorRow>>;
using CellOf = std::function<Cell(const TensorRow&)>;

// A count that is not known is -1.
Cell known(const Cell& cell) {
  const auto* count = std::get_if<std::int64_t>(&cell);
  return count != nullptr && *count < 0 ? Cell() : cell;
}

// A member of the summary, or of its fit, as a cell; nothing where there is no such part.
template <class T>
CellOf of(T MatrixSummary::*member) {
  return [member](const TensorRow& row) { return row.summary ? known((*row.summary).*member) : Cell(); };
}

template <class T>
CellOf of(T linalg::PowerLaw::*member) {
  return [member](const TensorRow& row) {
    return row.summary && row.summary->power_law ? Cell((*row.summary->power_law).*member) : Cell();
  };
}

enum Trait : unsigned { Plain = 0, NotInJson = 1, LowestFirst = 2, Fitted = 4 };

Column<TensorRow> column(const char* name, const char* meaning, const char* unit, CellOf cell, int dispensable = 0,
                         unsigned traits = Plain) {
  return {{.name = name,
           .meaning = meaning,
           .unit = unit,
           .dispensable = dispensable,
           .fitted = (traits & Fitted) != 0,
           .in_json = (traits & NotInJson) == 0,
           .smallest_first = (traits & LowestFirst) != 0},
          std::move(cell)};
}

const char* const entry = "as the entries";

Tensors description() {
  const auto matrix = [](const TensorRow& row) {
    return row.summary ? Cell(std::vector{row.summary->rows, row.summary->columns}) : Cell();
  };
  const auto note = [](const TensorRow& row) { return row.note.empty() ? Cell() : Cell(row.note); };
  return {column("name", "what the file calls the tensor", "", [](const TensorRow& row) { return Cell(row.name); }),
          column("shape", "length of each axis", "", [](const TensorRow& row) { return Cell(row.shape); }),
          column(
              "dtype", "type of the numbers in the file", "", [](const TensorRow& row) { return Cell(row.dtype); }, 8),
          column("matrix", "rows and columns of the matrix that was decomposed", "", matrix, 2),
          column("note", "how a kernel was made a matrix, or why nothing was measured", "", note, 15)};
}

Tensors norms_and_ranks() {
  using M = MatrixSummary;
  return {
      column("s1", "largest singular value: the spectral norm", entry, of(&M::s1)),
      column("sn", "smallest singular value", entry, of(&M::sn), 9),
      column("cond", "condition number s1 / sn, inf for a singular matrix", "ratio", of(&M::cond)),
      column("frobenius", "root of the sum of the squared entries", entry, of(&M::frobenius), 6),
      column("nuclear", "sum of the singular values", entry, of(&M::nuclear), 10),
      column("stable_rank", "frobenius^2 / s1^2", "directions", of(&M::stable_rank), 0, LowestFirst),
      column("effective_rank", "exp of the entropy of s / sum s", "directions", of(&M::effective_rank), 1, LowestFirst),
      column("effective_rank_squares", "exp of the entropy of s^2 / sum s^2", "directions",
             of(&M::effective_rank_squares), 13, LowestFirst),
      column("numerical_rank", "singular values above the tolerance", "count", of(&M::numerical_rank), 3, LowestFirst),
      column("gap", "(s1 - s2) / s1", "ratio", of(&M::gap), 7)};
}

Tensors shares_and_noise() {
  using M = MatrixSummary;
  return {
      column("energy_1", "share of frobenius^2 in the largest value", "0 to 1", of(&M::energy_top_1), 11, NotInJson),
      column("energy_10", "share in the 10 largest values", "0 to 1", of(&M::energy_top_10), 12, NotInJson),
      column("energy_10pct", "share in the largest 10% of the values", "0 to 1", of(&M::energy_top_tenth), 4,
             NotInJson),
      column(
          "mp_edge",
          "Marchenko-Pastur edge sigma (sqrt rows + sqrt columns), where the singular values of noise of that size end",
          entry, of(&M::mp_edge), 5),
      column("spikes", "singular values above that edge", "count", of(&M::spikes), 2)};
}

Tensors fit() {
  using P = linalg::PowerLaw;
  return {column("alpha", "exponent of the power law fitted to the tail of s^2", "", of(&P::alpha), 0, Fitted),
          column("alpha_low", "lower end of its 95% bootstrap interval", "", of(&P::alpha_low), 4, Fitted | NotInJson),
          column("alpha_high", "upper end of that interval", "", of(&P::alpha_high), 4, Fitted | NotInJson),
          column("xmin", "where the tail begins: the smallest s^2 in it", "entries squared", of(&P::xmin), 10, Fitted),
          column("D", "Kolmogorov-Smirnov distance of tail and power law", "0 to 1", of(&P::distance), 3, Fitted),
          column("tail", "values in the tail", "count", of(&P::tail), 4, Fitted),
          column("p_value", "part of the sets drawn from the fit that are as far from theirs", "0 to 1",
                 of(&P::p_value), 9, Fitted | NotInJson),
          column("power_law", "whether a power law is plausible at that distance", "", of(&P::plausible), 1, Fitted)};
}

Tensors all_columns() {
  Tensors all;
  for (auto part : {description(), norms_and_ranks(), shares_and_noise(), fit()})
    std::ranges::move(part, std::back_inserter(all));
  return all;
}

}  // namespace

const std::vector<Column<TensorRow>>& tensor_columns() {
  static const std::vector<Column<TensorRow>> all = all_columns();
  return all;
}

std::vector<Column<TensorRow>> columns_for(const std::vector<TensorRow>& matrices) {
  auto columns = tensor_columns();
  const bool views = std::ranges::any_of(matrices, [](const TensorRow& row) {
    return row.shape != std::vector{row.summary->rows, row.summary->columns};
  });
  if (!views) std::erase_if(columns, [](const auto& column) { return column.name == "matrix"; });
  return columns;
}

}  // namespace sigmagrad::inspection
