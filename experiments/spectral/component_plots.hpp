// SPDX-License-Identifier: BSD-3-Clause
// The eight components by dimension, as panels.
#pragma once

#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {

inline Plot spectrum_beside_norms() {
  return plot(d, {cond_error, gap_error, rank_error, row_norm_error})
      .means()
      .lines()
      .log_log()
      .y_label("relative error, mean \u00b1 std");
}

inline Plot norms_beside_theory() {
  return plot(d, {row_norm_error, col_norm_error, singular_value_error, fro_error, overall_error})
      .means()
      .lines()
      .theory("overall, theory", overall_at_end)
      .theory("row norms, theory", row_norms_at_end)
      .theory("(1 - lr)^T", left_of_start)
      .log_x()
      .y_label("relative error, mean \u00b1 std");
}

}  // namespace sigmagrad::experiments::spectral
