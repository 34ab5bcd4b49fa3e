// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/targets.hpp>

#include <cmath>

#include <fmt/format.h>

namespace sigmagrad::experiments::spectral {

namespace {

Tensor low_rank_target(std::int64_t size, Generator& generator) {
  const std::int64_t rank = size / 4;
  const auto A = randn({size, rank}, generator);
  const auto B = randn({rank, size}, generator);
  return matmul(A, B) / std::sqrt(static_cast<double>(size * rank));
}

Tensor block_diagonal_target(std::int64_t size, std::int64_t of_block, double scale, Generator& generator) {
  std::vector<Tensor> rows;
  for (std::int64_t first = 0; first < size; first += of_block) {
    const auto own = scale * randn({of_block, of_block}, generator);
    rows.push_back(cat({zeros({of_block, first}), own, zeros({of_block, size - first - of_block})}, 1));
  }
  return cat(rows);
}

}  // namespace

Tensor draw_target(const Params& p, Generator& generator) {
  if (p[structure] == "heterogeneous") return heterogeneous_target(p[d], generator);
  if (p[structure] == "low-rank") return low_rank_target(p[d], generator);
  const double scale = p[entries] == "unit" ? 1.0 : std::sqrt(2.0 / static_cast<double>(p[block]));
  return block_diagonal_target(p[d], p[block], scale, generator);
}

Structure heterogeneous() { return {.name = "heterogeneous", .selection = structure == "heterogeneous"}; }

Structure low_rank() {
  return {.name = "low-rank", .selection = structure == "low-rank", .has_condition_number = false};
}

Structure blocks(std::int64_t size, const std::string& scale) {
  return {.name = fmt::format("{0} x {0} blocks{1}", size, scale == "scaled" ? ", scaled" : ""),
          .selection = structure == "block-diagonal" && block == size && entries == scale};
}

std::vector<Structure> structures_of(const Results& results) {
  std::vector<Structure> all = {heterogeneous(), low_rank()};
  for (const Value& size : results.values_of(block)) all.push_back(blocks(std::get<std::int64_t>(size)));
  std::erase_if(all, [&](const Structure& one) { return results.where(one.selection).empty(); });
  return all;
}

}  // namespace sigmagrad::experiments::spectral
