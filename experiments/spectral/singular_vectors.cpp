// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/singular_vectors.hpp>

#include <cmath>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::spectral {

Tensor overlaps(const linalg::SVD& learned, const linalg::SVD& target) {
  return abs(sum(learned.U * target.U, 0)) * abs(sum(learned.Vt * target.Vt, 1));
}

double off_basis(const Tensor& weight, const linalg::SVD& target) {
  const auto inside = matmul(matmul(target.U.t(), weight), target.Vt.t());
  const auto off = inside * (1.0 - eye(inside.size(0)));
  return std::sqrt((square(off).sum() / square(target.S).sum()).item());
}

}  // namespace sigmagrad::experiments::spectral
