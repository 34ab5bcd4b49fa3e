// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/detail/drive.hpp>

#include <cmath>
#include <vector>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/euclidean.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/theory/detail/full_svd.hpp>

namespace sigmagrad::theory::detail {

Drive drive(const Tensor& Sigma, const Tensor& lambda) {
  const auto [U, s, V] = full_svd(Sigma);
  const std::int64_t m = s.size(-1), n_o = U.size(-1), n_i = V.size(-1), B = s.size(0);
  const auto half = lambda.unsqueeze(-1) / 2.0, size = abs(half);
  const auto omega = engine::hypotenuse(s, half), still = omega == 0.0;
  // c and d are the theorem's (A - XA) / sqrt 2 and (A + XA) / sqrt 2; the small one would cancel as a difference.
  const auto large = where(still, std::sqrt(0.5), sqrt((omega + size) / (2.0 * omega)));
  const auto scale = engine::scales_for(omega), unit = omega * scale;
  const auto small = where(still, std::sqrt(0.5), s * scale / sqrt(2.0 * unit * (unit + size * scale)));
  const auto c = where(half >= 0.0, small, large).unsqueeze(-2), d = where(half >= 0.0, large, small).unsqueeze(-2);
  const auto v = V.narrow(-1, 0, m), u = U.narrow(-1, 0, m);
  std::vector<Tensor> columns = {cat({v * c, u * d}, -2), cat({v * d, -(u * c)}, -2)}, rates = {omega, -omega};
  if (n_o > n_i) {
    columns.push_back(cat({zeros({B, n_i, n_o - m}), U.narrow(-1, m, n_o - m)}, -2));
    rates.push_back(half.expand({B, n_o - m}));
  }
  if (n_i > n_o) {
    columns.push_back(cat({V.narrow(-1, m, n_i - m), zeros({B, n_o, n_i - m})}, -2));
    rates.push_back((-half).expand({B, n_i - m}));
  }
  return {s, cat(columns, -1), cat(rates, -1)};
}

}  // namespace sigmagrad::theory::detail
