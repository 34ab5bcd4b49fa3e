// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/targets.hpp>

#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {

namespace {

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

}  // namespace

Tensor draw_target(const Params& p, Generator& generator) {
  const auto& structure = p.text("structure");
  const std::int64_t d = p.integer("d"), block = p.integer("block");
  if (structure == "heterogeneous") return heterogeneous_target(d, generator);
  if (structure == "low-rank") return low_rank_target(d, generator);
  const double scale = p.text("entries") == "unit" ? 1.0 : std::sqrt(2.0 / static_cast<double>(block));
  return block_diagonal_target(d, block, scale, generator);
}

Structure heterogeneous() { return {.name = "heterogeneous", .selection = {{"structure", "heterogeneous"}}}; }

Structure low_rank() {
  return {.name = "low-rank", .selection = {{"structure", "low-rank"}}, .has_condition_number = false};
}

Structure blocks(std::int64_t size, const std::string& entries) {
  const bool scaled = entries == "scaled";
  return {.name = fmt::format("{0} x {0} blocks{1}", size, scaled ? ", scaled" : ""),
          .selection = {{"structure", "block-diagonal"}, {"block", size}, {"entries", entries}},
          .scaled = scaled};
}

std::vector<Structure> structures_of(const Results& results) {
  std::vector<Structure> all = {heterogeneous(), low_rank()};
  for (const Value& size : results.values_of("block"))
    for (const Value& entries : results.values_of("entries"))
      all.push_back(blocks(std::get<std::int64_t>(size), std::get<std::string>(entries)));
  std::erase_if(all, [&](const Structure& s) { return results.where(s.selection).empty(); });
  return all;
}

}  // namespace sigmagrad::experiments::spectral
