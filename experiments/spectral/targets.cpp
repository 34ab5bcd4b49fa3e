// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <sigmagrad/experiments/spectral/targets.hpp>

namespace sigmagrad::experiments::spectral {

Tensor low_rank_target(std::int64_t d, Generator& generator) {
  const std::int64_t rank = d / 4;
  const auto A = randn({d, rank}, generator);
  const auto B = randn({rank, d}, generator);
  return matmul(A, B) / std::sqrt(static_cast<double>(d * rank));
}

Tensor block_diagonal_target(std::int64_t d, std::int64_t block, double scale, Generator& generator) {
  std::vector<Tensor> rows;
  for (std::int64_t first = 0; first < d; first += block)
    rows.push_back(
        cat({zeros({block, first}), scale * randn({block, block}, generator), zeros({block, d - first - block})}, 1));
  return cat(rows);
}

}  // namespace sigmagrad::experiments::spectral
