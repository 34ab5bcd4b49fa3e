// SPDX-License-Identifier: BSD-3-Clause
// What do estimates of the condition number cost, and how far off are they?
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/experiments/norms/inequality.hpp>

namespace sigmagrad::experiments::norms {
namespace {

const Int n{.name = "n",
            .help = "size of the square matrix",
            .quick = {8, 16, 32, 64, 128, 256},
            .paper = {8, 16, 32, 64, 128, 256, 512, 1024, 2048},
            .minimum = 2};
const Int exponent{
    .name = "exponent", .help = "log10 of the condition number", .quick = {0, 4, 8, 12}, .minimum = 0, .maximum = 13};
const Text spectrum{.name = "spectrum",
                    .help = "singular values: even on a logarithmic scale, or one of them small",
                    .quick = {"even", "one-small"}};

// An estimate over the true value, by the number of iterations.
struct Iterations {
  int steps;
  Quantity part{.name = fmt::format("estimate_{}", steps),
                .label = fmt::format("{} iteration{}", steps, steps == 1 ? "" : "s")};
};
const Iterations iterations[] = {{1}, {2}, {5}, {10}};
const Quantity& ten = iterations[3].part;
const Quantity steps_to_half{.name = "steps_to_half", .label = "iterations until half of the number is found"};
const Quantity random_part{.name = "random_estimate", .label = "one random vector, A x and the solution with x"};
const Quantity products_part{.name = "products_estimate", .label = "two products with A"};
const Curve value_error{.name = "value_error", .label = "error of the value", .over = "iteration"};
const Curve vector_error{.name = "vector_error", .label = "error of the vector", .over = "iteration"};
const Quantity value_rate{.name = "value_rate", .label = "power of s2/s1 by which the value's error falls"};
const Quantity vector_rate{.name = "vector_rate", .label = "power of s2/s1 by which the vector's error falls"};

constexpr double gap = 0.9;  // s2 / s1 where the power iteration is followed

Tensor matrix(const Params& p, Generator& generator) {
  const double cond = std::pow(10.0, static_cast<double>(p[exponent]));
  if (p[spectrum] == "even") return of_condition(p[n], cond, generator);
  auto s = linspace(1.0, 0.5, p[n]);
  s = s.index_put(0, {p[n] - 1}, tensor(std::vector<double>{1.0 / std::max(cond, 2.0)}));
  return matmul(random_orthonormal(p[n], p[n], generator) * s, random_orthonormal(p[n], p[n], generator));
}

// The ratio of two stretched random vectors: all that products with A alone can tell.
double two_products(const Tensor& A, Generator& generator) {
  const auto x = randn({A.size(0), 2}, generator);
  const auto stretched = linalg::col_norms(matmul(A, x)) / linalg::col_norms(x);
  return (max(stretched) / min(stretched)).item();
}

// Errors of power iteration where s2 / s1 is `gap`.
void follow_power_iteration(Trial& t, Generator& generator) {
  constexpr std::int64_t size = 20;
  constexpr int last = 60, early = 20, late = 50;
  const auto U = random_orthonormal(size, size, generator), V = random_orthonormal(size, size, generator);
  const auto A = matmul(U * pow(gap, arange(static_cast<double>(size))), V.t());
  const auto start = randn({size}, generator), first = V.t().select(0, 0);
  double values[2] = {}, vectors[2] = {};
  for (int k = 1; k <= last; ++k) {
    const auto run = linalg::power_iteration(A, k, start);
    const double value = 1.0 - run.sigma.item(), cosine = dot(run.v, first).item();
    const double vector = linalg::vector_norm(run.v - cosine * first).item();
    if (value > 1e-14) t.record(value_error, k, value);
    t.record(vector_error, k, vector);
    if (k == early || k == late) values[k == late] = value, vectors[k == late] = vector;
  }
  const double steps = (late - early) * std::log(gap);
  t.record(vector_rate, std::log(vectors[1] / vectors[0]) / steps);
  constexpr int value_late = 30;
  const double middle = 1.0 - linalg::power_iteration(A, value_late, start).sigma.item();
  t.record(value_rate, std::log(middle / values[0]) / ((value_late - early) * std::log(gap)));
}

void trial(Trial& t) {
  const auto g = t.generator();
  const auto A = matrix(t.params(), *g);
  const double cond = linalg::cond(A).item();
  int needed = 2 * iterations[std::size(iterations) - 1].steps;  // more than were tried
  for (const auto& [steps, part] : iterations) {
    const double estimate = linalg::cond_estimate(A, steps).item() / cond;
    t.record(part, estimate);
    if (estimate >= 0.5) needed = std::min(needed, steps);
  }
  t.record(steps_to_half, needed);
  t.record(random_part, linalg::random_cond_estimate(A, *g).item() / cond);
  t.record(products_part, two_products(A, *g) / cond);
  if (t[n] == n.quick.front() && t[exponent] == 0 && t[spectrum] == "even") follow_power_iteration(t, *g);
}

// Multiplications and additions (Golub and Van Loan 2013): values alone 8/3 n^3, an LU 2/3 n^3, a product or a solution
// with it 2 n^2. How many iterations are needed is measured, and what was not found after ten is out of reach.
double cubed(const Params& p) { return std::pow(static_cast<double>(p[n]), 3.0); }
double squared(const Params& p) { return std::pow(static_cast<double>(p[n]), 2.0); }
Statistic work(const std::string& text, std::function<double(const Params&)> of) {
  return expected(text, std::move(of));
}
const Statistic work_of_svd = work("singular values", [](const Params& p) { return 8.0 / 3.0 * cubed(p); });
const Statistic work_of_iterations = of_trials("iterations until half is found", [](const Sample& trials) {
  const auto steps = trials.values(steps_to_half);
  const double most = *std::ranges::max_element(steps);
  if (most > iterations[std::size(iterations) - 1].steps) return std::numeric_limits<double>::infinity();
  return 2.0 / 3.0 * cubed(trials.params()) + most * 8.0 * squared(trials.params());
});
const Statistic work_of_random =
    work("one random vector", [](const Params& p) { return 2.0 / 3.0 * cubed(p) + 4.0 * squared(p); });
const Statistic work_of_products = work("two products with A", [](const Params& p) { return 4.0 * squared(p); });

const Selection even = spectrum == "even", one_small = spectrum == "one-small";
const Selection followed = even && n == 8 && exponent == 0;

std::vector<Claim> claims() {
  const std::string source = "paper 003, section 7.5";
  return {
      {.claim = "Power and inverse iteration estimate the condition number",
       .source = source,
       .says = "an estimate",
       .holds = largest(ten) < 1.0 + 1e-2 && smallest(ten) > 0.5,
       .why =
           {"Ten iterations, from below: at least {:.2f} of the true number in every trial, {:.2f} after two; all of "
            "it where the smallest value is alone. (Of 1e12, LAPACK's own number has three digits.)",
            {smallest(smallest(ten)), smallest(smallest(iterations[1].part))}}},
      {.claim = "They cost less than all singular values",
       .source = source,
       .says = "cheaper",
       .holds = ratio(work_of_iterations, work_of_svd).at(n > 100) < 0.6,
       .why =
           {"Until half of the true number is found, in every trial: {:.0f} iterations at most, counted as they ran. "
            "By the operations of each, a fourth of the work in the limit, for the LU that solves with A.",
            {largest(largest(steps_to_half))}}},
      {.claim = "A random vector and two products tell the condition number with high probability",
       .source = source,
       .says = "high probability",
       .holds = smallest(random_part).at(exponent > 0) > 0.5,
       .in_shape = largest(random_part) < 1.0 + 1e-2 && smallest(random_part) > 1e-6,
       .why =
           {"||A x|| ||A^-1 x|| / ||x||^2 never exceeds it, and is {:.2g} of it in the least median, {:.1g} at worst: "
            "it is of the size of ||A||_F ||A^-1||_F / n. One of the two products is a solution.",
            {smallest(median(random_part)), smallest(smallest(random_part))}}},
      {.claim = "Two products with A alone tell it",
       .source = source,
       .says = "two products",
       .holds = smallest(products_part).at(exponent > 0) > 0.5,
       .why = {"They see the large singular values alone: at 1e12 the estimate is {:.1g} of the true number.",
               {largest(median(products_part)).at(exponent == 12)}}},
      {.claim = "Power iteration converges as (s2/s1)^(2k)",
       .source = "paper 003, section 4.2",
       .says = "2k",
       .holds = within(median(vector_rate).at(followed), 1.8, 2.2) && within(median(value_rate).at(followed), 1.8, 2.2),
       .in_shape = within(median(vector_rate).at(followed), 1.8, 2.2),
       .why = {"The vector does; the value, whose error is the square of the vector's, as its power {:.1f}.",
               {median(value_rate).at(followed)}}}};
}

Plot followed_error(const Curve& curve, int power) {
  return plot(curve)
      .at(followed)
      .theory("0.9^(" + std::to_string(power) + "k)", [=](const Params&, double k) { return std::pow(gap, power * k); })
      .called(curve.label)
      .log_y()
      .y_label("error");
}

const Register estimation{
    {.id = "norms/estimation",
     .title = "Estimates of the condition number",
     .question = "What do estimates of the condition number cost, and how far off are they?",
     .observe = "Ten iterations find at least half of it at a fourth of the work. One random vector finds it up to a "
                "factor that grows with n, and needs a solution with A; products with A alone find nothing.",
     .source = "paper 003, sections 4.2 and 7.5",
     .parameters = {n, exponent, spectrum},
     .trials = {.quick = 2, .paper = 2},
     .times = [](const Params& p) { return std::int64_t{p[n] <= 64    ? 10
                                                        : p[n] <= 256 ? 2
                                                                      : 1}; },
     .seconds = {.quick = 1, .paper = 60},
     .trial = trial,
     .figures = {figure("accuracy",
                        "The estimate over the true number, for matrices with a condition number of 1e8; "
                        "medians with quartiles.")
                     .at(exponent == 8)
                     .panel_each(spectrum, {plot(n, {iterations[0].part, iterations[1].part, iterations[2].part, ten,
                                                     random_part})
                                                .log_log()
                                                .y_label("part of the condition number")}),
                 figure("cost",
                        "Multiplications and additions, of as many iterations as find half of the number; and the "
                        "errors of power "
                        "iteration.")
                     .panel("Work", plot(n, {work_of_svd, work_of_iterations, work_of_random, work_of_products})
                                        .at(even&& exponent == 8)
                                        .log_log()
                                        .y_label("operations"))
                     .panel("Power iteration, s2/s1 = 0.9",
                            {followed_error(value_error, 4), followed_error(vector_error, 2)})
                     .whole()},
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::norms
