// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/comparison.hpp>

namespace sigmagrad::inspection {

namespace {

using M = MatrixChange::Measured;
using Changes = std::vector<Column<MatrixChange>>;

Column<MatrixChange> column(const std::string& name, const std::string& meaning, const char* unit, int dispensable,
                            std::function<Cell(const M&)> cell) {
  return {{.name = name, .meaning = meaning, .unit = unit, .dispensable = dispensable},
          [cell = std::move(cell)](const MatrixChange& change) {
            return change.measured ? cell(*change.measured) : Cell();
          }};
}

Column<MatrixChange> error(const char* name, const char* meaning, int dispensable, double RelativeErrors::*member) {
  return column(name, meaning, "ratio", dispensable, [member](const M& m) { return Cell(m.errors.*member); });
}

using OfSpectrum = double (*)(const Spectrum&);

Column<MatrixChange> before(const std::string& name, const char* meaning, int dispensable, OfSpectrum number) {
  return column(name + "_before", meaning + std::string(" of W"), "", dispensable,
                [number](const M& m) { return Cell(number(m.before)); });
}

Column<MatrixChange> after(const std::string& name, const char* meaning, int dispensable, OfSpectrum number) {
  return column(name + "_after", meaning + std::string(" of V"), "", dispensable,
                [number](const M& m) { return Cell(number(m.after)); });
}

double largest(const Spectrum& spectrum) { return spectrum.values.front(); }

Changes description() {
  return {{{.name = "name", .meaning = "what both files call the tensor"},
           [](const MatrixChange& change) { return Cell(change.name); }},
          {{.name = "shape", .meaning = "length of each axis", .dispensable = 6},
           [](const MatrixChange& change) { return Cell(change.shape); }},
          {{.name = "note", .meaning = "why nothing was compared", .dispensable = 15},
           [](const MatrixChange& change) { return change.note.empty() ? Cell() : Cell(change.note); }}};
}

Changes distances() {
  return {error("overall_error", "||V - W||_F / ||W||_F", 0, &RelativeErrors::overall),
          column("distance", "||V - W||_F", "as the entries", 5, [](const M& m) { return Cell(m.distance); }),
          column("spectrum_distance", "root of the sum of (s_i(V) - s_i(W))^2, at most the distance", "as the entries",
                 6, [](const M& m) { return Cell(m.spectrum_distance); }),
          column("left_angle", "largest principal angle between the leading left singular subspaces", "degrees", 0,
                 [](const M& m) { return Cell(m.left_angles.front()); }),
          column("right_angle", "the angle between the right ones", "degrees", 0,
                 [](const M& m) { return Cell(m.right_angles.front()); }),
          before("s1", "spectral norm", 3, largest),
          after("s1", "spectral norm", 3, largest),
          before("cond", "condition number", 8, [](const Spectrum& s) { return s.cond; }),
          after("cond", "condition number", 8, [](const Spectrum& s) { return s.cond; }),
          before("stable_rank", "stable rank", 4, [](const Spectrum& s) { return s.stable_rank; }),
          after("stable_rank", "stable rank", 4, [](const Spectrum& s) { return s.stable_rank; }),
          before("effective_rank", "effective rank", 7, [](const Spectrum& s) { return s.effective_rank; }),
          after("effective_rank", "effective rank", 7, [](const Spectrum& s) { return s.effective_rank; })};
}

Changes components() {
  using E = RelativeErrors;
  return {error("row_norm_error", "change of the rows' norms, relative", 10, &E::row_norm),
          error("col_norm_error", "of the columns' norms", 10, &E::col_norm),
          error("singular_value_error", "of the singular values: spectrum_distance / ||W||_F", 1, &E::singular_value),
          error("cond_error", "of the condition number", 2, &E::cond),
          error("rank_error", "of the number of values above s1 / 100", 9, &E::rank),
          error("gap_error", "of the spectral gap", 9, &E::gap),
          error("fro_error", "of the Frobenius norm", 7, &E::fro)};
}

Changes all_columns() {
  Changes all;
  for (auto part : {description(), distances(), components()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

const std::vector<Column<MatrixChange>>& change_columns() {
  static const Changes all = all_columns();
  return all;
}

}  // namespace sigmagrad::inspection
