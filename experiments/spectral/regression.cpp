// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <cmath>
#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {

Tensor heterogeneous_target(std::int64_t d, Generator& generator) {
  const auto Z = randn({d, d}, generator);
  const auto z = randn({d, 1}, generator);
  return exp(0.5 * z) * Z * std::sqrt(2.0 / static_cast<double>(d));
}

Tensor gaussian_layer(std::int64_t d, double scale, Generator& generator) {
  return scale * std::sqrt(2.0 / static_cast<double>(d)) * randn({d, d}, generator);
}

Tensor regression_loss(const Tensor& prediction, const Tensor& y) {
  return mse_loss(prediction, y, Reduction::HalfSum) / static_cast<double>(y.size(0));
}

Metrics error_metrics(const RelativeErrors& e) {
  return {{"row_norm_error", e.row_norm}, {"col_norm_error", e.col_norm}, {"singular_value_error", e.singular_value},
          {"cond_error", e.cond},         {"rank_error", e.rank},         {"gap_error", e.gap},
          {"fro_error", e.fro},           {"overall_error", e.overall}};
}

std::string mean_and_std(const Statistics& s) { return fmt::format("{:.3g} \u00b1 {:.3g}", s.mean, s.std); }

}  // namespace sigmagrad::experiments::spectral
