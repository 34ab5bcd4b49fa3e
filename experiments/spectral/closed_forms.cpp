// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/closed_forms.hpp>

#include <cmath>
#include <limits>

#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {

theory::Regression closed_form(const Params& p) {
  return {.dimension = static_cast<double>(p[d]), .lr = p[lr], .noise = p[noise]};
}

double overall_error_at(const Params& params, double step) { return closed_form(params).overall_error(step); }

double left_at(const Params& params, double step) { return closed_form(params).norm_error(step); }

double norm_error(const Params& params, double step) {
  const auto form = closed_form(params);
  return std::hypot(form.norm_error(step), std::sqrt(form.floor() / form.dimension));
}

double cond_floor(const Params& params, const Components& target) {
  constexpr double median_of_abs_normal = 0.6744897501960817;
  const auto form = closed_form(params);
  const double entry = std::sqrt(form.floor()) * target.frobenius_norm / form.dimension;
  return median_of_abs_normal * entry / target.singular_values.back();
}

double multiplier_norm_error(double squared_length, double weight_lr, double lr_of_multipliers, std::int64_t updates) {
  double x = 0.0, y = 1.0;
  for (std::int64_t k = 0; k < updates; ++k) {
    const double left = 1.0 - x * y * y, before = x;
    x += weight_lr * left * y * y;
    y += lr_of_multipliers * left * before * y * squared_length;
  }
  return 1.0 - x * y * y;
}

double overall_at_end(const Params& params) { return overall_error_at(params, static_cast<double>(params[steps])); }

double norms_at_end(const Params& params) { return norm_error(params, static_cast<double>(params[steps])); }

double left_of_start(const Params& params) { return std::pow(1.0 - params[lr], static_cast<double>(params[steps])); }

double row_norms_at_end(const Params& params) {
  const double r = left_of_start(params), e = overall_at_end(params);
  return 1.0 - std::sqrt((1.0 - r) * (1.0 - r) + e * e - r * r);
}

std::function<double(const Params&)> only(const Selection& selection, double (*form)(const Params&)) {
  return [=](const Params& params) {
    return selection.matches(params) ? form(params) : std::numeric_limits<double>::quiet_NaN();
  };
}

}  // namespace sigmagrad::experiments::spectral
