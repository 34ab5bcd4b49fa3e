// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/semantic_study.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/semantic_course.hpp>

namespace sigmagrad::experiments::balanced::semantic_study {

namespace {

constexpr double small = 1e-3, large = 0.42;  // standard deviations of Gaussian weights
constexpr double fitted_above = 5;            // the |lambda| from which on the thesis fits its exponential

// With the orientation of the target: from the other one a square network with lambda = 0 goes to a saddle, which
// gradient descent leaves by its rounding alone.
Tensor oriented(const Tensor& product, const Tensor& Sigma) {
  if (product.size(0) != product.size(1)) return product;
  const bool same = (linalg::slogdet(product).sign * linalg::slogdet(Sigma).sign).item() > 0;
  return same ? product : cat({-product.narrow(0, 0, 1), product.narrow(0, 1, product.size(0) - 1)});
}

}  // namespace

bool valid(const Params& p) {
  if (p[init] != "balanced") return p[lambda] == 0 && p[task] == "signed";
  const double size = std::abs(p[lambda]);
  return p[task] == "signed" || size == 0 || size == 10 || size == 100;
}

Tensor properties_of(const Params& p) { return p[task] == "signed" ? signed_hierarchy() : binary_hierarchy(); }

std::int64_t hidden_width(const Params& p, const Tensor& Sigma) { return Sigma.size(p[lambda] < 0 ? 1 : 0); }

theory::TwoLayerWeights start_of(const Trial& t, const Tensor& Sigma) {
  const auto generator = t.generator();
  const double size = t[init] == "gaussian_small" ? small : large;
  const std::int64_t n_h = hidden_width(t.params(), Sigma);
  const auto W1 = size * randn({n_h, Sigma.size(1)}, *generator), W2 = size * randn({Sigma.size(0), n_h}, *generator);
  if (t[init] != "balanced") return {W1, W2};
  return theory::balanced_factors(oriented(matmul(W2, W1), Sigma), n_h, t[lambda], *generator);
}

// No mode is slower than |lambda|: by 30 / |lambda| the loss has fallen by e^60, and nothing moves any more. It is not
// looked for, since a trial's end would then depend on the trials beside it.
std::int64_t steps_of(const Params& p) {
  const double enough = 30.0 / (std::abs(p[lambda]) * p[lr]);
  return std::llround(std::min(static_cast<double>(p[steps]), std::ceil(enough)));
}

double smallest_singular_value(const Params& p) { return Modes(properties_of(p)).values().back(); }

double exact_rate(const Params& p) { return 2.0 * std::hypot(p[lambda], 2.0 * smallest_singular_value(p)); }

theory::TaskSpecificScore exact_score(const Params& p) {
  const auto Sigma = properties_of(p);
  return theory::task_specific_score(theory::converged_representations(Sigma, p[lambda], hidden_width(p, Sigma)),
                                     Sigma);
}

ConvergenceLaws laws(const Results& r) {
  std::vector<double> sizes, counts;
  double s = 0;
  for (const Group* group : r.where(sweep)) {
    if (std::abs((*group)[lambda]) <= fitted_above || !group->has(steps_to_stop)) continue;
    s = smallest_singular_value(group->params());
    sizes.push_back(std::abs((*group)[lambda]));
    counts.push_back(group->median(steps_to_stop));
  }
  if (sizes.size() < 4) throw NotRun("four values of |lambda| between 5 and 20");
  return ConvergenceLaws(sizes, counts, s);
}

Condition laws_fit(bool (*as_said)(const ConvergenceLaws&)) {
  return [as_said](const Results& r) {
    const auto fitted = laws(r);
    return Judgement{as_said(fitted),
                     fmt::format("R\u00b2 = {:.3f} for exp({:.3f} |\u03bb|), {:.4f} for c / sqrt(\u03bb\u00b2 + 4 "
                                 "s\u00b2)",
                                 fitted.exponential_r2(), fitted.exponent(), fitted.law_r2())};
  };
}

Condition exponential_fails_below_five() {
  return [](const Results& r) {
    const auto fitted = laws(r);
    double below = 0, above = 0;
    for (const Group* group : r.where(sweep)) {
      if (!group->has(steps_to_stop)) continue;
      const double size = std::abs((*group)[lambda]), count = group->median(steps_to_stop);
      double& worst = size <= fitted_above ? below : above;
      worst = std::max(worst, std::abs(fitted.exponential(size) / count - 1));
    }
    return Judgement{below > above,
                     fmt::format("off by up to {:.2f} of the steps for |\u03bb| <= 5, {:.2f} above it", below, above)};
  };
}

Panel convergence(const Results& r) {
  auto panel = draw("Steps to convergence",
                    {plot(lambda, steps_to_stop).at(sweep).points().log_y().called("gradient descent")}, r);
  const auto fitted = laws(r);
  Series law = theory_line({}, {}, "c / sqrt(\u03bb\u00b2 + 4 s\u00b2)");
  Series exponential = theory_line({}, {}, "exponential, as the thesis fits");
  for (double x = -20; x <= 20; x += 0.5) {
    law.x.push_back(x), law.y.push_back(fitted.law(x));
    exponential.x.push_back(x), exponential.y.push_back(fitted.exponential(x));
  }
  panel.series.insert(panel.series.end(), {law, exponential});
  return panel;
}

}  // namespace sigmagrad::experiments::balanced::semantic_study
