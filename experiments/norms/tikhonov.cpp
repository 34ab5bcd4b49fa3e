// SPDX-License-Identifier: BSD-3-Clause
// What does a penalty mu ||x||^2 do to the condition number and to the solution, and does the condition number decide
// how fast one descends?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/norms/inequality_tables.hpp>
#include <sigmagrad/experiments/norms/quadratics.hpp>

namespace sigmagrad::experiments::norms {
namespace {

std::vector<Inequality> rows() {
  const std::string source = "paper 003, section 7.4";
  const auto solution = [](const Case& c) { return linalg::tikhonov(c.A, c.B.select(-1, 0), 1.0); };
  const Sizes shapes{{2, 2}, {3, 5}, {5, 3}, {8, 8}, {16, 10}};
  return {{.name = "smaller",
           .claim = "The solution with a penalty is smaller than the least-squares solution of least norm",
           .source = source,
           .left = [=](const Case& c) { return vector_norm_of(solution(c).unsqueeze(-1), 2.0); },
           .right =
               [](const Case& c) {
                 const auto b = c.B.narrow(-1, 0, 1);  // its rounding counts where it is orthogonal to A's columns
                 return vector_norm_of(matmul(linalg::pinv(c.A), b), 2.0) + 1e-10 * vector_norm_of(b, 2.0);
               },
           .beside = Beside::Alike,
           .shapes = shapes,
           .rounding = 1e-6,
           .reached = 0.98,
           .tight = "A is large: equal in the limit"},
          {.name = "bounded",
           .claim = "It is at most ||b|| / (2 sqrt(mu)), whatever A",
           .source = source,
           .left = [=](const Case& c) { return vector_norm_of(solution(c).unsqueeze(-1), 2.0); },
           .right = [](const Case& c) { return vector_norm_of(c.B.narrow(-1, 0, 1), 2.0); },
           .constant = [](double, double) { return 0.5; },
           .beside = Beside::Alike,
           .shapes = shapes,
           .tight = "b is along a u_i with s_i = sqrt(mu)"},
          {.name = "cond-bound",
           .claim = "cond(A'A + mu I) <= 1 + s1^2 / mu, for a singular A too",
           .source = source,
           .left = [](const Case& c) { return linalg::tikhonov_cond(c.A, 1.0); },
           .right = [](const Case& c) { return 1.0 + square(linalg::norm(c.A, 2)); },
           .tight = "A is singular"}};
}

const std::vector<Inequality>& table() {
  static const auto all = rows();
  return all;
}
std::vector<std::string> studies() {
  std::vector<std::string> all{"full-rank", "singular", "descent"};
  for (const Inequality& row : table()) all.push_back(row.name);
  return all;
}

constexpr std::int64_t equations = 20, unknowns = 10, noisy = 100, dimensions = 20;
constexpr double noise = 1e-3, condition = 1e4;

const Text study{.name = "study",
                 .help = "least squares with a matrix of cond 1e4 or a singular one, descent, or an inequality",
                 .quick = studies()};
const Real mu{.name = "mu",
              .help = "factor of ||x||^2, of least squares",
              .label = "\u03bc",
              .quick = {1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0, 100.0},
              .minimum = 1e-14};
const Real cond{.name = "cond",
                .help = "condition number of the quadratic, of descent",
                .label = "condition number",
                .quick = {1, 10, 100, 1e3, 1e4},
                .paper = {1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4},
                .minimum = 1};
const Text method{.name = "method", .help = "of descent", .quick = {"gradient-descent", "momentum", "adam"}};
const Text basis{.name = "basis", .help = "eigenvectors of the quadratic", .quick = {"axes", "rotated"}};

const Quantity penalised{.name = "penalised_cond", .label = "cond(A'A + \u03bcI)"};
const Quantity formula_error{.name = "formula_error", .label = "relative deviation from the formula"};
const Quantity hessian_error{.name = "hessian_error", .label = "relative error of the Hessian's shift"};
const Quantity bias{.name = "bias", .label = "bias"}, spread_of_noise{.name = "noise", .label = "error by noise"};
const Quantity error{.name = "error", .label = "error"};
const Quantity size{.name = "size", .label = "size over that of least squares"};
const Quantity steps{.name = "steps", .label = "steps to 1e-4 of the distance"};
const Quantity rate_over_theory{.name = "rate_over_theory", .label = "log of the factor a step over that of theory"};
const Quantity bound_part{.name = "bound_part", .label = "part of the bound"};
const Quantity effective{.name = "effective_cond", .label = "condition number that Adam's step sizes leave"};

Tensor root_mean_square(const Tensor& x) { return sqrt(square(x).sum(0).mean()); }  // of columns' lengths

void regress(Trial& t) {
  const auto g = t.generator();
  auto s = logspace(0.0, -std::log10(condition), unknowns);
  if (t[study] == "singular") s = s.index_put(0, {unknowns - 2, unknowns - 1}, zeros({2}));
  const auto U = random_orthonormal(equations, unknowns, *g), V = random_orthonormal(unknowns, unknowns, *g);
  const auto A = matmul(U * s, V.t()), x = matmul(matmul(V, diag(s > 0.0)), randn({unknowns}, *g)).unsqueeze(-1);
  const auto b = matmul(A, x), noisy_b = b + noise * randn({equations, noisy}, *g);
  const double length = linalg::norm(x).item(), m = t[mu];
  const auto solutions = linalg::tikhonov(A, noisy_b, m);
  const auto shift = linalg::tikhonov_bias(A, x, m);
  t.record(bias, linalg::norm(shift).item() / length);
  t.record(spread_of_noise, root_mean_square(solutions - linalg::tikhonov(A, b, m)).item() / length);
  t.record(error, root_mean_square(solutions - x).item() / length);
  t.record(size, max(linalg::col_norms(solutions) / linalg::col_norms(linalg::lstsq(A, noisy_b))).item());
  const auto gram = matmul(A.t(), A);
  const double measured = linalg::cond(gram + m * eye(unknowns)).item();
  t.record(penalised, measured);
  t.record(formula_error, std::abs(measured / linalg::tikhonov_cond(A, m).item() - 1.0));
  const auto loss = [&](double weight) {
    return [&, weight](const Tensor& w) {
      return square(matmul(A, w) - b.squeeze(-1)).sum() / 2.0 + weight / 2.0 * square(w).sum();
    };
  };
  const auto start = randn({unknowns}, *g);
  const auto change = hessian(loss(m), start) - hessian(loss(0.0), start);
  t.record(hessian_error, linalg::norm(change - m * eye(unknowns), 2).item() / (1.0 + m));
}

void descend(Trial& t) {
  const auto g = t.generator();
  const auto problem = random_quadratic(dimensions, t[cond], t[basis] == "rotated", *g);
  if (t[method] == "adam") {
    const auto run = adam(problem);
    t.record(steps, run.steps);
    t.record(effective, run.effective_cond);
    return;
  }
  const bool plain = t[method] == "gradient-descent";
  const auto run = plain ? gradient_descent(problem) : momentum(problem);
  t.record(steps, run.steps);
  if (problem.cond == 1.0) return;  // one step
  const double theory = plain ? gradient_descent_rate(problem.cond) : momentum_rate(problem.cond);
  t.record(rate_over_theory, std::log(run.rate) / std::log(theory));
  if (plain) t.record(bound_part, run.bound_part);
}

void trial(Trial& t) {
  const auto row = std::ranges::find(table(), t[study], &Inequality::name);
  if (row != table().end()) return check(t, *row);
  t[study] == "descent" ? descend(t) : regress(t);
}

const Selection no_descent = cond == 1.0 && method == "gradient-descent" && basis == "axes", no_penalty = mu == 1e-12;

bool valid(const Params& p) {
  const bool squares = p[study] == "full-rank" || p[study] == "singular";
  return (squares || no_penalty.matches(p)) && (p[study] == "descent" || no_descent.matches(p));
}

const Selection squares = no_descent && among(study, {"full-rank", "singular"}),
                full_rank = no_descent && study == "full-rank";
const Selection descent = no_penalty && study == "descent";
Selection by(const char* name, const char* axes = nullptr) {
  const auto selection = descent && method == name;
  return axes ? selection && basis == axes : selection;
}

std::vector<Claim> penalty_claims() {
  const std::string source = "paper 003, section 7.4";
  return {
      {.claim = "The condition number with a penalty is (s1^2 + mu) / (sn^2 + mu)",
       .source = source,
       .says = "exact",
       .holds = largest(formula_error).at(squares) < 1e-3,
       .why = "Against LAPACK's of A'A + mu I, of which three digits are right at 1e12; finite for the singular A."},
      {.claim = "It decreases toward 1 as mu increases",
       .source = source,
       .says = "toward 1",
       .holds = decreases(median(penalised).at(squares), mu) && largest(penalised).at(squares && mu == 100.0) < 1.02,
       .why = "mu from 1e-12 to 100, where s1 is 1."},
      {.claim = "The solution is smaller than that of least squares",
       .source = source,
       .says = "smaller",
       .holds = largest(size).at(squares) <= 1.0 + 1e-9,
       .why = "100 noisy right-hand sides a matrix; the largest ratio counts."},
      {.claim = "Regularisation adds bias and reduces variance",
       .source = source,
       .says = "trade-off",
       .holds = increases(median(bias).at(squares), mu) && decreases(median(spread_of_noise).at(squares), mu),
       .why = {"The error is least in between: {:.2g} times that at mu = 1e-12.",
               {ratio(smallest(median(error).at(full_rank)), median(error).at(full_rank && mu == 1e-12))}}},
      {.claim = "An L2 penalty mu / 2 ||w||^2 shifts the Hessian by mu I",
       .source = source,
       .says = "exact",
       .holds = largest(hessian_error).at(squares) < 1e-12,
       .why = "Hessians by differentiation, with and without the penalty."}};
}

std::vector<Claim> descent_claims() {
  const std::string source = "paper 003, sections 1.1 and 7.2";
  const auto powers = [](const Selection& of) { return growth_exponent(median(steps).at(of && cond >= 100.0), cond); };
  return {
      {.claim = "Gradient descent shrinks the distance by (k - 1) / (k + 1) a step",
       .source = source,
       .says = "the rate",
       .holds = within(median(rate_over_theory).at(by("gradient-descent") && cond >= 10.0), 0.98, 1.02) &&
                largest(bound_part).at(by("gradient-descent") && cond > 1.0) <= 1.0 + 1e-9,
       .why = "With the best rate 2 / (L + mu), from condition number 10 on: the exponent measured in the last quarter "
              "of the steps, over that of theory. No step exceeds the bound."},
      {.claim = "A large condition number means slow convergence",
       .source = source,
       .says = "slow",
       .holds = within(powers(by("gradient-descent")), 0.95, 1.05),
       .why = {"Steps grow as the condition number; with momentum as its power {:.2f}.",
               {largest(powers(by("momentum")))}}},
      {.claim = "Momentum takes the root of the condition number",
       .source = "Polyak 1964",
       .says = "the root",
       .holds = within(powers(by("momentum")), 0.4, 0.6),
       .why = "With the best rate and momentum."},
      {.claim = "Adam reduces the effective condition number",
       .source = "paper 003, section 7.2",
       .says = "preconditions",
       .holds = median(effective).at(by("adam") && cond == 1e4) < 100.0,
       .in_shape = median(effective).at(by("adam", "axes") && cond == 1e4) < 100.0,
       .why = {"It does where the eigenvectors are the axes: steps then hardly depend on the condition number. "
               "Rotated, a condition number of 1e4 is {:.2g} under Adam's step sizes.",
               {median(effective).at(by("adam", "rotated") && cond == 1e4)}}},
      {.claim = "Adam needs no more steps at cond 1e4 than at 10 if the eigenvectors are the axes, and many more if "
                "not",
       .source = "control",
       .says = "-",
       .holds = ratio(median(steps).at(by("adam", "axes") && cond == 1e4),
                      median(steps).at(by("adam", "axes") && cond == 10.0)) < 2.0 &&
                ratio(median(steps).at(by("adam", "rotated") && cond == 1e4),
                      median(steps).at(by("adam", "axes") && cond == 1e4)) > 5.0,
       .why = "Each at the best of six rates, 1e-3 to 0.3."}};
}

std::vector<Claim> claims() {
  std::vector<Claim> all;
  for (const Inequality& row : table()) all.push_back(claim_of(row, no_penalty && no_descent && study == row.name));
  for (const auto& part : {penalty_claims(), descent_claims()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

const Register tikhonov{
    {.id = "norms/tikhonov",
     .title = "Conditioning: a penalty, and the speed of descent",
     .question =
         "What does a penalty on the size do to conditioning and error, and does the condition number decide how "
         "fast one descends?",
     .observe = "The condition number is (s1\u00b2 + \u03bc) / (sn\u00b2 + \u03bc) to rounding; the error is least "
                "where bias and noise "
                "meet. Gradient descent has its rate to a percent. Adam is blind to the condition number along the "
                "axes, and not after a rotation.",
     .source = "paper 003, sections 7.2 and 7.4",
     .parameters = {study, mu, cond, method, basis},
     .trials = {.quick = 4, .paper = 20},
     .times = [](const Params& p) { return std::int64_t{p[study] == "descent" ? 1 : 5}; },
     .seconds = {.quick = 1, .paper = 12},
     .valid = valid,
     .valid_rule = "mu is of least squares; cond, method and basis are of descent",
     .trial = trial,
     .figures = {figure("penalty",
                        "20 equations for 10 unknowns with noise of 1e-3, singular values from 1 to 1e-4 or "
                        "the last two 0; medians with quartiles.")
                     .at(squares)
                     .panel("Condition number of A'A + \u03bcI", plot(mu, penalised).by(study).log_log())
                     .panel("Error of the solution, full rank",
                            plot(mu, {bias, spread_of_noise, error}).at(full_rank).log_log()),
                 figure("descent",
                        "Steps until the distance to the minimum of a quadratic in 20 dimensions has fallen "
                        "to 1e-4; medians with quartiles. Adam at the best of six rates.")
                     .at(descent&& cond > 1.0)
                     .panel_each(basis, {plot(cond, steps).by(method).log_log()})
                     .panel("Rate over theory", plot(cond, rate_over_theory).by(method).at(basis == "rotated").log_x())
                     .panel("Condition number under Adam",
                            plot(cond, effective)
                                .at(method == "adam")
                                .by(basis)
                                .theory("condition number", [](const Params& p) { return p[cond]; })
                                .log_log())},
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::norms
