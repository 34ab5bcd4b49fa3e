// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/compress.hpp>

#include <algorithm>
#include <numeric>
#include <span>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/euclidean.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/nn/parametrize.hpp>

namespace sigmagrad::nn {
namespace {

void check(const CompressOptions& options) {
  if (options.rank.has_value() == options.energy.has_value())
    engine::fail("compress: needs either a rank or an energy, got {}", options.rank ? "both" : "neither");
  if (options.rank && *options.rank < 1) engine::fail("compress: rank must be >= 1 (got {})", *options.rank);
  if (options.energy && !(*options.energy > 0.0 && *options.energy <= 1.0))
    engine::fail("compress: energy must be > 0 and <= 1 (got {})", *options.energy);
}

// The number of singular values, at least 1, whose squares sum to that share of all. The rest is summed from the least
// on, which loses nothing of a share near 1.
std::int64_t rank_of_energy(std::span<const double> squares, double energy) {
  const double spare = (1.0 - energy) * std::accumulate(squares.begin(), squares.end(), 0.0);
  auto rank = static_cast<std::int64_t>(squares.size());
  double rest = 0.0;
  while (rank > 1 && (rest += squares[static_cast<std::size_t>(rank - 1)]) <= spare) --rank;
  return rank;
}

// The rank that keeps the share in each of several models.
std::int64_t rank_of_energy(const Tensor& S, double energy) {
  const Tensor wide = S.detach().to(f64);
  const Tensor squares = square(wide * engine::scales_for(wide.narrow(-1, 0, 1)));
  const auto all = squares.data<double>();
  const auto k = static_cast<std::size_t>(S.size(-1));
  std::int64_t rank = 1;
  for (std::size_t from = 0; from < all.size(); from += k)
    rank = std::max(rank, rank_of_energy(all.subspan(from, k), energy));
  return rank;
}

Sequential two_layers(const linalg::SVD& parts, const Tensor& bias, std::int64_t rank) {
  const auto root = sqrt(parts.S.narrow(-1, 0, rank));
  return Sequential(Linear(root.unsqueeze(-1) * parts.Vt.narrow(-2, 0, rank)),
                    Linear(parts.U.narrow(-1, 0, rank) * root.unsqueeze(-2), bias.defined() ? bias.clone() : bias));
}

// The weight and bias of a layer, undefined where there is none.
std::pair<Tensor, Tensor> weight_and_bias(const Module& layer) {
  Tensor weight, bias;
  for (const auto& [name, value] : layer.named_weights()) {
    if (name == "weight") weight = value;
    if (name == "bias") bias = value;
  }
  return {weight, bias};
}

bool saves(const Tensor& weight, std::int64_t rank) {
  return rank * (weight.size(-1) + weight.size(-2)) < weight.size(-1) * weight.size(-2);
}

// The two layers where they are smaller than the one.
std::optional<Sequential> thinner(const Tensor& weight, const Tensor& bias, const CompressOptions& options) {
  if (options.rank && !saves(weight, *options.rank)) return std::nullopt;
  const auto parts = linalg::svd(weight);
  const std::int64_t rank = options.rank ? *options.rank : rank_of_energy(parts.S, *options.energy);
  if (!saves(weight, rank)) return std::nullopt;
  return two_layers(parts, bias, rank);
}

}  // namespace

Sequential compress(const Linear& layer, const CompressOptions& options) {
  const NoGrad guard;
  const std::int64_t largest = std::min(layer.weight.size(-1), layer.weight.size(-2));
  if (options.rank && (*options.rank < 1 || *options.rank > largest))
    engine::fail("compress: rank must be in 1 ... {} for a weight {} (got {})", largest, layer.weight.shape().str(),
                 *options.rank);
  check(options);
  const auto parts = linalg::svd(layer.weight);
  return two_layers(parts, layer.bias, options.rank ? *options.rank : rank_of_energy(parts.S, *options.energy));
}

Sequential compress(const Linear& layer, std::int64_t rank) { return compress(layer, {.rank = rank}); }

Sequential compress(const Sequential& model, const CompressOptions& options) {
  check(options);
  const NoGrad guard;
  const Sequential own = model.clone();
  Sequential result;
  if (!model.is_training()) result.eval();
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto* plain = own.layer<Linear>(i);
    const auto* parametrized = own.layer<Parametrized<Linear>>(i);
    const auto [weight, bias] = plain          ? weight_and_bias(*plain)
                                : parametrized ? weight_and_bias(*parametrized)
                                               : std::pair<Tensor, Tensor>();
    if (auto thin = weight.defined() ? thinner(weight, bias, options) : std::nullopt)
      result.append(std::move(*thin));
    else if (const auto* part = own.layer<Sequential>(i))
      result.append(compress(*part, options));
    else
      result.append_layer(own, i);
  }
  return result;
}

Sequential compress(const Sequential& model, std::int64_t rank) { return compress(model, {.rank = rank}); }

}  // namespace sigmagrad::nn
