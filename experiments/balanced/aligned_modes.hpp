// SPDX-License-Identifier: BSD-3-Clause
// The modes of an aligned network along its training, beside their scalar solution.
#pragma once

#include <optional>
#include <vector>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

// The largest over modes and times.
inline const Quantity deviation{.name = "deviation", .label = "deviation from the exact mode / s"};
inline const Quantity off_diagonal{.name = "off_diagonal", .label = "entry between modes / s1"};
inline const Quantity printed_deviation{.name = "printed_deviation",
                                        .label = "deviation of equation 3.2 as printed / s"};
// What the first mode does.
inline const Quantity first_half_time{
    .name = "half_time", .label = "time until the first mode is half learned", .unit = "\u03c4"};
inline const Quantity first_half_time_exact{
    .name = "half_time_exact", .label = first_half_time.label + ", exact", .unit = "\u03c4"};
/// Between a hundredth and a thousandth left, and K = sqrt(lambda^2 + 4 s^2).
inline const Quantity late_rate{.name = "late_rate", .label = "rate at the end", .unit = "/ \u03c4"};
inline const Quantity rate_exact{.name = "rate_exact", .label = "K", .unit = "/ \u03c4"};
inline const Quantity steepest{.name = "steepest", .label = "share of the first mode where it grows fastest"};
inline const Quantity from_exponential{.name = "from_exponential",
                                       .label = "largest distance from s + (a0 - s) exp(-|\u03bb| t) / s"};
/// What the exact solution has of that, for other lambdas from this start.
inline const Curve exact_from_exponential{
    .name = "exact_from_exponential", .label = "exact solution's distance from the exponential / s", .over = "\u03bb"};
/// The strength of mode i = 1, 2, ...
CurvePair mode(std::size_t i);

class AlignedModes {
 public:
  /// Draws a task of these sizes and aligned balanced weights; `draws` says whether the curves are recorded.
  AlignedModes(Trial& trial, const theory::TwoLayerSizes& sizes, double lambda, bool draws);

  void look(double time, const Tensor& product, bool draws_now);
  void record();

  Start start;

 private:
  double exponential(double time) const;
  void look_at_first(double time, double a);
  void record_exact_exponential();

  double lambda_;
  bool draws_;
  Tensor U_, Vt_;
  std::vector<double> s_, a0_;
  Comparison comparison_;
  Crossing half_{0.0}, hundredth_{0.0}, thousandth_{0.0};  // of the first mode, the latter in -log of what is left
  std::optional<double> last_time_, last_;
  double fastest_ = 0.0, steepest_at_ = 0.0;
};

}  // namespace sigmagrad::experiments::balanced
