// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/random_balance.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::theory {
namespace {

double entry_variance(std::int64_t fan_in, std::int64_t fan_out, RandomInit scheme) {
  const auto in = static_cast<double>(fan_in), out = static_cast<double>(fan_out);
  if (scheme == RandomInit::Glorot) return 2.0 / (in + out);
  return (scheme == RandomInit::He ? 2.0 : 1.0) / in;
}

}  // namespace

double BalanceStatistics::relative_distance() const {
  const auto n = static_cast<double>(n_h);
  return std::sqrt((diagonal_variance + (n - 1) * off_diagonal_variance)) / std::abs(mean);
}

BalanceStatistics random_balance(const TwoLayerSizes& sizes, double v1, double v2) {
  const auto [n_i, n_h, n_o] = sizes;
  if (std::min({n_i, n_h, n_o}) < 1 || !(std::isfinite(v1) && std::isfinite(v2) && v1 >= 0 && v2 >= 0))
    engine::fail("random_balance: needs sizes >= 1 and variances >= 0 (got n_i={}, n_h={}, n_o={}, {}, {})", n_i, n_h,
                 n_o, v1, v2);
  const auto in = static_cast<double>(n_i), out = static_cast<double>(n_o);
  const double v = out * v2 * v2 + in * v1 * v1;
  return {out * v2 - in * v1, 2 * v, v, n_h};
}

BalanceStatistics random_balance(const TwoLayerSizes& sizes, RandomInit scheme) {
  return random_balance(sizes, entry_variance(sizes.n_i, sizes.n_h, scheme),
                        entry_variance(sizes.n_h, sizes.n_o, scheme));
}

BalanceStatistics scaled_random_balance(const TwoLayerSizes& sizes, double alpha_1, double alpha_2) {
  return random_balance(sizes, alpha_1 * alpha_1 / static_cast<double>(sizes.n_i),
                        alpha_2 * alpha_2 / static_cast<double>(sizes.n_h));
}

}  // namespace sigmagrad::theory
