// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/sums.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::inspection {

namespace {

using lab::short_number;

constexpr std::size_t few = 3;  // layers that are named

std::string list(const std::vector<Extreme>& extremes) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : extremes) texts.push_back(fmt::format("{} ({})", name, short_number(value)));
  return fmt::format("{}", fmt::join(texts, ", "));
}

// Whether a checkpoint keeps it for its optimiser, "optimizer.state.0.exp_avg" or "optimizer_state_dict...": no layer
// computes with it.
bool is_optimizer_state(const std::string& name) {
  const auto first = name.substr(0, name.find('.'));
  return first == "optim" || first.starts_with("optimizer");
}

void keep_first(std::vector<Extreme>& extremes, const std::function<bool(double, double)>& before) {
  std::erase_if(extremes, [](const Extreme& extreme) { return std::isnan(extreme.value); });
  std::ranges::stable_sort(extremes, before, &Extreme::value);
  extremes.resize(std::min(extremes.size(), few));
}

}  // namespace

ModelSums sums_of(const std::vector<TensorRow>& rows) {
  ModelSums sums{.tensors = static_cast<std::int64_t>(rows.size())};
  for (const TensorRow& row : rows) {
    if (is_optimizer_state(row.name)) {
      ++sums.optimizer_tensors;
      continue;
    }
    if (!row.is_integer()) sums.parameters += row.entries();
    if (!row.summary) continue;
    const MatrixSummary& matrix = *row.summary;
    ++sums.matrices;
    if (row.shape.size() > 2 && matrix.rows * matrix.columns == row.entries()) sums.kernels_as_matrices = true;
    sums.log10_product += std::log10(matrix.s1);
    if (std::isfinite(matrix.stable_rank)) sums.stable_ranks += matrix.stable_rank;  // zeros have none
    sums.worst_conditioned.push_back({row.name, matrix.cond});
    const auto side = static_cast<double>(std::min(matrix.rows, matrix.columns));
    if (side > 1) sums.lowest_rank.push_back({row.name, matrix.effective_rank / side});
  }
  keep_first(sums.worst_conditioned, std::greater<double>());
  keep_first(sums.lowest_rank, std::less<double>());
  return sums;
}

std::string power_of_ten(double exponent) {
  if (std::isinf(exponent)) return exponent < 0 ? "0" : "inf";
  double whole = std::floor(exponent);
  auto digits = fmt::format("{:.2f}", std::pow(10.0, exponent - whole));
  if (digits == "10.00") digits = "1.00", whole += 1.0;
  return std::abs(whole) < 5 ? short_number(std::pow(10.0, exponent)) : fmt::format("{}e{:+03.0f}", digits, whole);
}

std::vector<std::string> sentences(const ModelSums& sums) {
  std::vector<std::string> lines{
      fmt::format("{} tensors with {} parameters, {} matrices measured", sums.tensors, sums.parameters, sums.matrices)};
  if (sums.optimizer_tensors > 0)
    lines.push_back(fmt::format("{} of an optimiser's state, in none of these sums", sums.optimizer_tensors));
  if (sums.matrices == 0) return lines;
  lines.push_back(fmt::format(
      "product of spectral norms {}: a Lipschitz bound if the matrices follow each other with 1-Lipschitz functions "
      "between them; a file does not say in what order its layers stand{}",
      power_of_ten(sums.log10_product),
      sums.kernels_as_matrices ? ", and the norm of a convolution is that of --kernel exact, not of its kernel" : ""));
  lines.push_back(fmt::format("sum of stable ranks {}", short_number(sums.stable_ranks)));
  if (!sums.worst_conditioned.empty()) lines.push_back("worst conditioned (cond): " + list(sums.worst_conditioned));
  if (!sums.lowest_rank.empty())
    lines.push_back("lowest rank (effective rank / smaller side): " + list(sums.lowest_rank));
  return lines;
}

}  // namespace sigmagrad::inspection
