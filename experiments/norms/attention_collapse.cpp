// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/experiments/norms/attention.hpp>

namespace sigmagrad::experiments::norms {

Tensor attention_logits(const Tensor& X, const Tensor& Wq, const Tensor& Wk) {
  return matmul(matmul(X, Wq), matmul(X, Wk).t()) / std::sqrt(static_cast<double>(Wq.size(-1)));
}

namespace collapse {
namespace {

constexpr std::int64_t tokens = 16, width = 32, hidden = 64, deepest = 32;
const double root_of_depth = std::sqrt(static_cast<double>(deepest));

struct Layer {
  Tensor Wq, Wk, Wv, W1, W2;

  explicit Layer(Generator& g)
      : Wq(weight(width, width, 1.0, g)),
        Wk(weight(width, width, 1.0, g)),
        Wv(weight(width, width, 1.0, g)),
        W1(weight(width, hidden, 2.0, g)),
        W2(weight(hidden, width, 1.0, g)) {}

  Tensor attend(const Tensor& X) const { return matmul(matmul(softmax(attention_logits(X, Wq, Wk), -1), X), Wv); }
  Tensor mlp(const Tensor& X) const { return matmul(relu(matmul(X, W1)), W2); }

 private:
  static Tensor weight(std::int64_t in, std::int64_t out, double variance, Generator& g) {
    return std::sqrt(variance / static_cast<double>(in)) * randn({in, out}, g);
  }
};

Tensor without_mean(const Tensor& X) { return X - mean(X, 0, true); }
double rest_of(const Tensor& X) { return (linalg::norm(without_mean(X)) / linalg::norm(X)).item(); }

struct Path {
  const Curve &rest, &rank;
  Tensor (*next)(const Layer& layer, const Tensor& X);
};
const Path paths[] = {
    {bare, rank_bare, [](const Layer& layer, const Tensor& X) { return layer.attend(X); }},
    {with_mlp, rank_with_mlp, [](const Layer& layer, const Tensor& X) { return layer.mlp(layer.attend(X)); }},
    {with_skip, rank_with_skip, [](const Layer& layer, const Tensor& X) { return X + layer.attend(X); }},
    {scaled, rank_scaled, [](const Layer& layer, const Tensor& X) { return X + layer.attend(X) / root_of_depth; }},
    {with_both, rank_with_both, [](const Layer& layer, const Tensor& X) {
       const auto Y = X + layer.attend(X);
       return Y + layer.mlp(Y);
     }}};

// By how much a layer's rest falls where that of nearly equal tokens falls to a tenth.
double exponent(const Layer& layer, Generator& g) {
  const auto common = randn({1, width}, g), apart = randn({tokens, width}, g);
  const auto rest = [&](double size) { return linalg::norm(without_mean(layer.attend(common + size * apart))).item(); };
  return std::log10(rest(0.02) / rest(0.002));
}

}  // namespace

void check(Trial& t) {
  const auto g = t.generator();
  const auto start = randn({tokens, width}, *g);
  std::vector<Layer> layers;
  for (std::int64_t l = 0; l < deepest; ++l) layers.emplace_back(*g);
  for (const Path& path : paths) {
    auto X = start;
    for (std::int64_t l = 1; l <= deepest; ++l) {
      X = path.next(layers[static_cast<std::size_t>(l - 1)], X);
      X = X * std::sqrt(static_cast<double>(X.numel())) / linalg::norm(X);  // entries of size 1, by one factor
      if ((l & (l - 1)) != 0) continue;
      t.record(path.rest, static_cast<double>(l), rest_of(X));
      t.record(path.rank, static_cast<double>(l), linalg::stable_rank(X).item());
    }
  }
  t.record(power, exponent(layers.front(), *g));
}

}  // namespace collapse

}  // namespace sigmagrad::experiments::norms
