// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/random_weights.hpp>

#include <cmath>

namespace sigmagrad::experiments::balanced {

theory::TwoLayerWeights draw_weights(const RandomScheme& scheme, const theory::TwoLayerSizes& n, Generator& generator) {
  const auto W1 = empty({n.n_h, n.n_i}), W2 = empty({n.n_o, n.n_h});
  for (const auto& w : {W1, W2}) {
    if (scheme.name == "lecun") nn::init::lecun_normal_(w, generator);
    if (scheme.name == "glorot") nn::init::xavier_normal_(w, 1.0, generator);
    if (scheme.name == "he") nn::init::kaiming_normal_(w, {}, generator);
    const double alpha = w.is(W1) ? scheme.alpha_1 : scheme.alpha_2;
    if (scheme.name == "scaled")
      nn::init::normal_(w, 0.0, alpha / std::sqrt(static_cast<double>(w.size(1))), generator);
  }
  return {W1, W2};
}

theory::BalanceStatistics exact_balance(const RandomScheme& scheme, const theory::TwoLayerSizes& n) {
  if (scheme.name == "lecun") return theory::random_balance(n, theory::RandomInit::LeCun);
  if (scheme.name == "glorot") return theory::random_balance(n, theory::RandomInit::Glorot);
  if (scheme.name == "he") return theory::random_balance(n, theory::RandomInit::He);
  return theory::scaled_random_balance(n, scheme.alpha_1, scheme.alpha_2);
}

double standard_errors(const std::vector<double>& lambdas, double value, const theory::BalanceStatistics& exact) {
  const auto entries = static_cast<double>(exact.n_h) * static_cast<double>(lambdas.size());
  return std::abs(statistics(lambdas).mean - value) / std::sqrt(exact.diagonal_variance / entries);
}

}  // namespace sigmagrad::experiments::balanced
