// SPDX-License-Identifier: BSD-3-Clause
// What is proved of norms, as rows of a table: an inequality is its two sides and the least constant between them. One
// function draws matrices for every row and counts violations; then it looks for the matrix that comes closest, by
// gradient ascent, so that the constant is found and not only sampled.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::norms {

using namespace lab;

/// What a row is evaluated on: matrices A [cases, m, n], and B if the row asks for it.
struct Case {
  Tensor A, B;
};
enum class Beside { Nothing, Alike, Factor, Vector };  // B is not there, m x n, n x m, or n x 1

/// One number a case [cases], or a number for each of several norms and each case [norms, cases].
using Side = std::function<Tensor(const Case&)>;
using Sizes = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// left <= constant * right, or left = right.
struct Inequality {
  std::string name = {}, claim = {}, source = {};
  Side left = {}, right = {};
  std::function<double(double m, double n)> constant = {};  // none: 1
  Beside beside = Beside::Nothing;
  Sizes shapes = {};                                        // none: the usual ones
  bool square = false;                                      // the usual square ones
  bool equality = false;                                    // left = right, with nothing to look for
  bool sought = true;                                       // ascent looks for the constant
  bool deficient = false;                                   // every A has a lower rank than its shape allows
  double rounding = 1e-12;                                  // by which a ratio may exceed 1, relative
  double beyond = std::numeric_limits<double>::infinity();  // cases whose right side is above it are lost in rounding
  std::int64_t rows = 4, columns = 3;                       // of the matrix that ascent looks for
  double reached = 0.995;  // the part of the constant that ascent must reach; 0: the row says no least constant
  std::string tight = {};  // where both sides are equal
};

inline const Quantity sampled{.name = "sampled",
                              .label = "largest of random matrices of two rows and columns or more, over the constant"};
inline const Quantity found{.name = "found", .label = "found by gradient ascent, over the constant"};
inline const Quantity constant_found{.name = "constant_found", .label = "left over right, found by gradient ascent"};
inline const Quantity least_constant{.name = "constant", .label = "constant of the shape that ascent looks at"};
/// A ratio that is no number is a violation too.
inline const Quantity violations{.name = "violations", .label = "violations"};
inline const Quantity matrices{.name = "matrices", .label = "matrices"};
inline const Quantity left_out{.name = "left_out", .label = "matrices out of the row's range, or 0 on both sides"};
inline const Quantity deviation{.name = "deviation", .label = "relative deviation"};
/// The matrix that ascent ended at, entry by entry, of the first trial.
inline const Curve extremal{.name = "extremal", .label = "extremal matrix", .over = "entry"};

/// Matrices [cases, m, n] of every kind in turn: Gaussian; singular values from 1 to 1e-12 at most, evenly on a
/// logarithmic scale, or one of them far from the others; orthonormal; of any lower rank; sparse; signs; rank one.
/// Their sizes differ by up to 1e6. If `deficient`, of a lower rank than the shape allows.
Tensor random_matrices(std::int64_t cases, std::int64_t m, std::int64_t n, Generator& generator,
                       bool deficient = false);
double uniform(Generator& generator, double low, double high);
/// The larger one; NaN if one of them is, which std::max may pass over.
inline double larger(double a, double b) { return std::isnan(a) || a >= b ? a : b; }

/// Orthonormal columns [m, n] in random directions, m >= n.
Tensor random_orthonormal(std::int64_t m, std::int64_t n, Generator& generator);
/// U diag(s) V' of random directions, n x n, with s evenly on a logarithmic scale from 1 to 1 / cond.
Tensor of_condition(std::int64_t n, double cond, Generator& generator);

/// The trial of every row: random matrices of all its shapes, then ascent.
void check(Trial& t, const Inequality& row);

/// The judge of every row, in the groups of `where`.
Claim claim_of(const Inequality& row, const Selection& where);

/// What is missing from each constant, a panel for each dozen of rows; `group` finds a row's trials.
std::vector<Panel> reached_panels(const std::vector<Inequality>& rows,
                                  const std::function<const Group*(const Inequality&)>& group);

}  // namespace sigmagrad::experiments::norms
