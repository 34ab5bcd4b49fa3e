// SPDX-License-Identifier: BSD-3-Clause
// How far do singular values, eigenvalues and solutions move if a matrix is perturbed, and what do eigenvalues not say?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/norms/perturbation_rows.hpp>

namespace sigmagrad::experiments::norms {
namespace {

const std::vector<Inequality>& rows() {
  static const auto all = perturbation_rows();
  return all;
}

std::vector<std::string> studies() {
  std::vector<std::string> all;
  for (const Inequality& row : rows()) all.push_back(row.name);
  all.insert(all.end(), {"solve", "growth", "powers"});
  return all;
}

constexpr std::int64_t size_of_system = 20, size_of_powers = 10;
constexpr double radius = 0.9, double_digits = 16.0;

const Text study{.name = "study",
                 .help =
                     "an inequality; solve: linear systems by condition; growth: elimination's worst matrix; "
                     "powers: of matrices with spectral radius 0.9",
                 .quick = studies()};
const Int exponent{.name = "exponent",
                   .help = "log10 of the condition number, of solve",
                   .label = "log10 of the condition number",
                   .quick = {0, 2, 4, 6, 8, 10, 12, 14},
                   .paper = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
                   .minimum = 0,
                   .maximum = 14};
const Real departure{.name = "departure",
                     .help = "size of the entries above the diagonal, of powers: 0 is normal",
                     .label = "departure from normality",
                     .quick = {0.0, 0.3, 1.0, 3.0},
                     .minimum = 0};

const Quantity digits{.name = "digits", .label = "digits of the solution"};
const Quantity lost{.name = "lost", .label = "digits lost less log10 of the condition number"};
const Quantity forward{.name = "forward", .label = "forward error"};
const Quantity backward{.name = "backward", .label = "backward error"};
const Quantity bound_part{.name = "bound_part", .label = "part of the bound"};
const Quantity shift{.name = "eigenvalue_shift", .label = "change of an eigenvalue over ||E||_2"};
const Quantity vector_cond{.name = "cond_of_vectors", .label = "cond of the eigenvectors"};
const Quantity transient{.name = "transient", .label = "largest ||W^k||_2"};
const Quantity late_rate{.name = "late_rate", .label = "factor a step of ||W^k||_2 at the end"};
const Curve norm_of_power{.name = "norm_of_power", .label = "||W^k||_2", .over = "k"};

using Exact = std::vector<long double>;

// b - A x in 80-bit numbers, rounded once.
Tensor residual(const Tensor& A, const Exact& x, const Tensor& b) {
  const auto a = A.to_vector(), right = b.to_vector();
  std::vector<double> r;
  for (std::size_t i = 0; i < x.size(); ++i) {
    long double sum = right[i];
    for (std::size_t j = 0; j < x.size(); ++j) sum -= static_cast<long double>(a[i * x.size() + j]) * x[j];
    r.push_back(static_cast<double>(sum));
  }
  return tensor(r);
}

// x - exact, of the exact solution that iterative refinement with such residuals ends at.
Tensor error_of(const Tensor& A, const Tensor& b, const Tensor& x) {
  const auto start = x.to_vector();
  Exact exact(start.begin(), start.end());
  for (int step = 0; step < 30; ++step) {
    const auto correction = linalg::solve(A, residual(A, exact, b)).to_vector();
    for (std::size_t i = 0; i < exact.size(); ++i) exact[i] += correction[i];
  }
  std::vector<double> difference;
  for (std::size_t i = 0; i < exact.size(); ++i)
    difference.push_back(static_cast<double>(static_cast<long double>(start[i]) - exact[i]));
  return tensor(difference);
}

// Rigal and Gaches 1967, for a change of A alone: the least ||E||_2 / ||A||_2 with (A + E) x = b.
double change_of_matrix(const Tensor& A, const Tensor& x, const Tensor& b) {
  const auto entries = x.to_vector();
  const auto r = linalg::vector_norm(residual(A, {entries.begin(), entries.end()}, b));
  return (r / (linalg::norm(A, 2) * linalg::vector_norm(x))).item();
}

void solve_system(Trial& t) {
  const auto g = t.generator();
  const double cond = std::pow(10.0, static_cast<double>(t[exponent]));
  const auto A = of_condition(size_of_system, cond, *g), b = matmul(A, randn({size_of_system}, *g));
  const auto x = linalg::solve(A, b);
  const double error = (linalg::vector_norm(error_of(A, b, x)) / linalg::vector_norm(x)).item();
  const double eta = change_of_matrix(A, x, b);
  t.record(forward, error);
  t.record(backward, linalg::backward_error(A, x, b).item());
  t.record(bound_part, error / (linalg::cond(A).item() * eta));
  t.record(digits, -std::log10(error));
  t.record(lost, double_digits + std::log10(error) - static_cast<double>(t[exponent]));
}

// The transposed of Wilkinson's matrix, in which the last row doubles at every step of an elimination by columns, which
// is that of `solve`, with pivots that never move.
void solve_worst(Trial& t) {
  constexpr std::int64_t n = 55;
  const auto g = t.generator();
  auto A = eye(n) - triu(ones({n, n}), 1);
  A = A.index_put(0, {n - 1}, ones({1, n}));
  const auto b = randn({n}, *g);
  t.record(backward, linalg::backward_error(A, linalg::solve(A, b), b).item());
}

void follow_powers(Trial& t) {
  constexpr int last = 120, late = 100;
  const auto g = t.generator();
  const auto n = size_of_powers;
  const auto above = triu(randn({n, n}, *g), 1) / std::sqrt(static_cast<double>(n));
  const auto W = diag(linspace(radius, -radius, n)) + t[departure] * above;
  const double cond = linalg::eigenvector_cond(W).item();
  double largest_norm = 0.0, largest_part = 0.0, at_late = 0.0;
  auto power = W;
  for (int k = 1; k <= last; ++k, power = matmul(power, W)) {
    const double norm = linalg::norm(power, 2).item();
    largest_norm = larger(largest_norm, norm);
    largest_part = larger(largest_part, norm / (cond * std::pow(radius, k)));
    if (k == late) at_late = norm;
    if (k <= 10 || k % 5 == 0) t.record(norm_of_power, k, norm);
    if (k == last) t.record(late_rate, std::pow(norm / at_late, 1.0 / (last - late)));
  }
  t.record(transient, largest_norm);
  t.record(bound_part, largest_part);
  t.record(vector_cond, cond);
  const auto direction = randn({n, n}, *g), E = 1e-8 * direction / linalg::norm(direction, 2);
  t.record(shift, eigenvalue_shift(W, E).item() / 1e-8);
}

void trial(Trial& t) {
  const auto row = std::ranges::find(rows(), t[study], &Inequality::name);
  if (row != rows().end()) return check(t, *row);
  if (t[study] == "solve") return solve_system(t);
  t[study] == "growth" ? solve_worst(t) : follow_powers(t);
}

bool valid(const Params& p) {
  return (p[study] == "solve" || p[exponent] == 0) && (p[study] == "powers" || p[departure] == 0.0);
}

const Selection solving = study == "solve" && departure == 0.0, at_growth = study == "growth";
const Selection powers = study == "powers" && exponent == 0;

std::vector<Claim> solve_claims() {
  const auto at = [](std::int64_t e) { return solving && exponent == e; };
  return {
      {.claim = "The forward error is at most cond times the backward error",
       .source = "paper 003, section 8.4",
       .says = "forward <= cond backward",
       .holds = largest(bound_part).at(solving) < 1.0 + 1e-2,
       .why = "Backward: the least relative change of A. The error is held against the exact solution, by "
              "iterative refinement with residuals of 80 bits; cond itself has few digits at 1e14."},
      {.claim = "16 digits and cond(A) = 1e6 leave 10 reliable digits",
       .source = "paper 003, section 7.2",
       .printed = {{median(digits).at(at(6)), 10.0}},
       .tolerance = 0.1,
       .holds = smallest(digits).at(at(6)) > 10.0,
       .why = "Solved by elimination; the worst of the trials has to have as many."},
      {.claim = "With cond(A) = 1e12 only 4 remain",
       .source = "paper 003, section 7.2",
       .printed = {{median(digits).at(at(12)), 4.0}},
       .tolerance = 0.15,
       .holds = smallest(digits).at(at(12)) > 4.0,
       .why = "Solved by elimination; the worst of the trials has to have as many."},
      {.claim = "A solution loses log10 cond(A) digits",
       .source = "paper 003, section 7.2",
       .says = "16 - log10 cond",
       .holds = within(median(lost).at(solving), -2.0, 1.0),
       .why =
           "Of 16, from cond 1 to 1e14: at most one more and two fewer, in the median. So the bound is what happens, "
           "for right-hand sides A x with x in no special direction."},
      {.claim = "Gaussian elimination with partial pivoting is backward stable",
       .source = "paper 003, section 8.4",
       .says = "stable",
       .holds = largest(backward).at(solving) < 1e-14 && largest(backward).at(at_growth && exponent == 0) < 1e-14,
       .in_shape = largest(backward).at(solving) < 1e-14,
       .why = "In practice, at any condition number; not for every matrix. In Wilkinson's (transposed: ones on the "
              "diagonal and in the last row, -1 above) entries double 54 times, and 14 of 16 digits go."}};
}

std::vector<Claim> power_claims() {
  return {{.claim = "||W^k|| <= cond(V) radius^k",
           .source = "paper 003, section 8.3",
           .says = "a bound",
           .holds = largest(bound_part).at(powers) <= 1.0 + 1e-6,
           .why = "V are the eigenvectors."},
          {.claim = "Eigenvalues of non-normal matrices are hypersensitive",
           .source = "paper 003, section 8.3",
           .says = "hypersensitive",
           .holds = median(shift).at(powers && departure == 3.0) > 10.0,
           .why = {"A change of norm 1e-8 moves one by {:.2g} times that at the largest departure; cond(V) is {:.2g}.",
                   {median(shift).at(powers && departure == 3.0), median(vector_cond).at(powers && departure == 3.0)}}},
          {.claim = "Normal matrices' eigenvalues move by at most ||E||_2",
           .source = "paper 003, section 8.3",
           .says = "cond(V) = 1",
           .holds = largest(shift).at(powers && departure == 0.0) <= 1.0 + 1e-6,
           .why = "Departure 0 is a diagonal matrix."},
          {.claim = "Eigenvalues of the recurrent matrix decide how long it remembers",
           .source = "paper 003, section 8.3",
           .says = "determine memory",
           .holds = largest(transient).at(powers) < 1.0,
           .in_shape = within(median(late_rate).at(powers), radius - 0.02, radius + 0.05),
           .why = {"In the end ||W^k|| falls by the spectral radius, 0.9 a step. Before, it grows to {:.2g} at the "
                   "largest departure, with the same eigenvalues.",
                   {median(transient).at(powers && departure == 3.0)}}}};
}

std::vector<Claim> claims() {
  std::vector<Claim> all;
  for (const Inequality& row : rows())
    all.push_back(claim_of(row, study == row.name && exponent == 0 && departure == 0.0));
  for (const auto& part : {solve_claims(), power_claims()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

const Group* group_of(const Results& results, const Inequality& row) {
  const auto groups = results.where(study == row.name);
  return groups.empty() ? nullptr : groups.front();
}

const Register perturbation{
    {.id = "norms/perturbation",
     .title = "What a perturbation does",
     .question = "How far do singular values, eigenvalues and solutions move, and what do eigenvalues not tell?",
     .observe = "Singular values never move by more than the perturbation, eigenvalues of non-normal matrices by "
                "a hundred times it. A solution loses log10 cond digits, from cond 1 to 1e14. At spectral radius "
                "0.9 powers of a non-normal matrix first grow.",
     .source = "paper 003, sections 7.2 and 8",
     .parameters = {study, exponent, departure},
     .trials = {.quick = 12, .paper = 120},
     .seconds = {.quick = 1, .paper = 12},
     .valid = valid,
     .valid_rule = "exponent is of solve, departure of powers",
     .trial = trial,
     .figures =
         {figure("solve", "Linear systems of 20 equations by their condition number; medians with quartiles.")
              .at(solving)
              .panel("Digits of the solution",
                     plot(exponent, digits)
                         .theory("16 - log10 cond",
                                 [](const Params& p) { return double_digits - static_cast<double>(p[exponent]); })
                         .printed())
              .panel("Forward and backward error", plot(exponent, {forward, backward}).log_y()),
          figure("powers",
                 "Powers of 10 x 10 matrices with eigenvalues from -0.9 to 0.9, by the size of their "
                 "entries above the diagonal; medians with quartiles.")
              .at(powers)
              .panel("Norm of the powers",
                     plot(norm_of_power)
                         .by(departure)
                         .theory("0.9^k", [](const Params&, double k) { return std::pow(radius, k); })
                         .log_y())
              .panel("Eigenvalues and a perturbation", plot(departure, {shift, vector_cond}).log_y().categories()),
          figure("constants",
                 "What the largest left / (constant right) lacks of 1, of random matrices and by gradient ascent.")
              .panels([](const Results& r) {
                return reached_panels(rows(), [&](const Inequality& row) { return group_of(r, row); });
              })
              .whole()},
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::norms
