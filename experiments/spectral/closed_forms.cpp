// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/closed_forms.hpp>

#include <cmath>

namespace sigmagrad::experiments::spectral {

theory::Regression closed_form(const Params& p) {
  return {.dimension = static_cast<double>(p.integer("d")), .lr = p.real("lr"), .noise = p.real("noise")};
}

double norm_error(const Params& params, double steps) {
  const auto form = closed_form(params);
  return std::hypot(form.norm_error(steps), std::sqrt(form.floor() / form.dimension));
}

double cond_floor(const Params& params, const Components& target) {
  constexpr double median_of_abs_normal = 0.6744897501960817;
  const auto form = closed_form(params);
  const double entry = std::sqrt(form.floor()) * target.frobenius_norm / form.dimension;
  return median_of_abs_normal * entry / target.singular_values.back();
}

double multiplier_norm_error(double squared_length, double lr, double multiplier_lr, std::int64_t steps) {
  double x = 0.0, y = 1.0;
  for (std::int64_t step = 0; step < steps; ++step) {
    const double left = 1.0 - x * y * y, before = x;
    x += lr * left * y * y;
    y += multiplier_lr * left * before * y * squared_length;
  }
  return 1.0 - x * y * y;
}

Series along(const Series& measured, std::string label, const std::function<double(double)>& value) {
  Series series = theory_line(measured.x, {}, std::move(label));
  for (const double x : measured.x) series.y.push_back(value(x));
  return series;
}

}  // namespace sigmagrad::experiments::spectral
