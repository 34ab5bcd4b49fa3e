// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// The structural components of one weight matrix (paper 001, section 3.1), as numbers.
struct Components {
  std::vector<double> row_norms, col_norms, singular_values;
  double cond;          // s1 / (sn + 1e-10)
  double rank;          // singular values above s1 / 100
  double spectral_gap;  // (s1 - s2) / (s1 + 1e-10)
  double frobenius_norm;
};
Components components(const Tensor& w);

/// How far each component of `w` is from that of `target`: ||a - b|| / (||b|| + 1e-10), with the guards of the paper's
/// own program; `overall` is ||W - T||_F / ||T||_F. The guards are numbers whatever the scale: beside a target as small
/// as they are, they count.
struct RelativeErrors {
  double row_norm, col_norm, singular_value, cond, rank, gap, fro, overall;
};
RelativeErrors relative_errors(const Tensor& w, const Tensor& target);

}  // namespace sigmagrad
