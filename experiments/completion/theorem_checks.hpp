// SPDX-License-Identifier: BSD-3-Clause
// Random cases for what paper 002 proves. Each check draws one case, follows its flow and says how the statements fare:
// of a bound the largest ratio of what it bounds to it, over all times looked at, so that 1 is tight and more a
// violation; of an equality the largest relative error. A statement that the case does not test has no metric.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <sigmagrad/experiments/completion/factorization.hpp>

namespace sigmagrad::experiments::completion {

struct Statement {
  std::string metric, claim, source;
  double limit;  // the metric is at most this where the statement holds
  bool is_bound() const { return limit >= 1.0; }
};

struct Setup {
  std::string name;
  Metrics (*check)(const Trial& trial);
  std::vector<Statement> statements;
};

/// Depth 2, one observed column: Theorem 3.1, and starts from zero.
Setup column_setup();
/// Depth 2, at most one observed entry in a row or column: Propositions 4.1 and E.1.
Setup disconnected_setup();
/// Depth 2, complete rectangles on the diagonal: minimum nuclear norm from vanishing starts (Bai et al. 2024).
Setup rectangles_setup();
/// From sqrt(w) I in 2 x 2 when w12 joins the diagonal: Theorem 4.2 and its lemmas.
Setup warm_setup();
/// Starts close to fitting: Theorem 4.3 (E.2) and its lemmas.
Setup lazy_setup();
/// The example after Theorem 4.3, within its condition and beyond.
Setup example_setup();
/// Block-diagonal observations: Proposition D.1, Lemmas D.2 to D.7, Corollary 3.4.
Setup blocks_setup();
/// Gradients of observed entries: Lemma B.1, Propositions 3.2 and B.1.
Setup gradients_setup();
/// Balanced factors: Lemmas F.1, F.3 and F.4.
Setup balanced_setup();

/// The statements' common upper limit for ratios: interpolated states are that exact.
inline constexpr double not_above = 1.0 + 1e-6;

/// The largest value met, for metrics that look at several times; NaN, which fails the trial, once that was met.
class Largest {
 public:
  void see(double value) {
    if (!(value <= value_) && !std::isnan(value_)) value_ = value;
  }
  double value() const { return value_; }

 private:
  double value_ = -std::numeric_limits<double>::infinity();
};

double uniform(Generator& generator, double low, double high);
double log_uniform(Generator& generator, double low, double high);
/// low <= i <= high.
std::int64_t integer(Generator& generator, std::int64_t low, std::int64_t high);
/// Orthogonal, by the QR decomposition of a Gaussian matrix.
Tensor orthogonal(std::int64_t d, Generator& generator);

double entry(const Tensor& matrix, std::int64_t i, std::int64_t j);
double largest_entry(const Tensor& x);  // in size
/// ||x - y|| / ||y|| by the largest entries.
double relative_error(const Tensor& x, const Tensor& y);

/// Follows one model's flow and looks at it at `times`, ascending, and at the end.
optim::GradientFlow watch(const Factorization& model, const Completion& task, optim::GradientFlowOptions options,
                          const std::vector<double>& times, const std::function<void(double time)>& look);
bool has_fitted(const optim::GradientFlow& flow);

}  // namespace sigmagrad::experiments::completion
