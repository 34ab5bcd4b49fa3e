// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/experiments/norms/implicit.hpp>

namespace sigmagrad::experiments::norms::products {
namespace {

constexpr std::int64_t d = 5;

// Gaussian factors whose product has entries of size `scale`.
std::vector<Tensor> start(const std::vector<std::int64_t>& widths, double scale, Generator& generator) {
  const auto depth = static_cast<double>(widths.size() - 1);
  std::vector<Tensor> factors;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    const auto size = std::pow(scale, 1.0 / depth) / std::sqrt(static_cast<double>(widths[l]));
    factors.push_back((size * randn({widths[l + 1], widths[l]}, generator)).requires_grad_());
  }
  return factors;
}

Tensor product_of(const std::vector<Tensor>& factors) {
  auto product = factors.front();
  for (std::size_t l = 1; l < factors.size(); ++l) product = matmul(factors[l], product);
  return product;
}

Tensor flow_end(const std::vector<Tensor>& factors, const std::function<Tensor(const Tensor&)>& loss) {
  optim::gradient_flow([&] { return loss(product_of(factors)); }, factors,
                       {.rtol = 1e-7, .loss_below = 1e-11, .max_steps = 4000});
  return product_of(factors).detach();
}

// About half of the entries of a matrix of rank one, at least one in each row and column.
Tensor random_mask(Generator& generator) {
  const auto columns = randperm(d, generator);
  const auto one_in_each = columns.unsqueeze(-1) == arange(static_cast<double>(d));
  return maximum(one_in_each, bernoulli(full({d, d}, 0.3), generator));
}

void complete(Trial& t, Generator& generator) {
  const auto target = matmul(randn({d, 1}, generator), randn({1, d}, generator));
  const auto mask = random_mask(generator);
  const auto least = linalg::complete(target, mask).matrix;
  t.record(rank_of_least, linalg::effective_rank(least).item());
  const double least_norm = linalg::norm(least, linalg::Nuclear).item();
  const double alone = linalg::norm(mask * target, 2).item();  // where gradient descent on one matrix ends, from 0
  const auto loss = [&](const Tensor& W) { return masked_mse_loss(W, target, mask, Reduction::HalfSum); };
  for (const std::int64_t depth : {1, 2, 3}) {
    const std::vector<std::int64_t> widths(static_cast<std::size_t>(depth) + 1, d);
    const auto W = depth == 1 ? mask * target : flow_end(start(widths, 1e-4, generator), loss);
    const auto place = static_cast<double>(depth);
    t.record(nuclear, place, linalg::norm(W, linalg::Nuclear).item() / least_norm - 1.0);
    t.record(effective_rank, place, linalg::effective_rank(W).item());
    t.record(spectral, place, linalg::norm(W, 2).item() / alone);
  }
}

// Y = W X with 4 samples of 8 inputs: Y X^+ has the least norm of all solutions, in every unitarily invariant norm.
void regress(Trial& t, Generator& generator) {
  constexpr std::int64_t inputs = 8, outputs = 3, width = 6, samples = 4;
  const auto X = randn({inputs, samples}, generator), Y = randn({outputs, samples}, generator);
  const double least = linalg::norm(matmul(Y, linalg::pinv(X)), 2).item();
  const auto loss = [&](const Tensor& W) { return mse_loss(matmul(W, X), Y, Reduction::HalfSum); };
  for (const std::int64_t depth : {1, 2, 3}) {
    std::vector<std::int64_t> widths{inputs};
    for (std::int64_t l = 1; l < depth; ++l) widths.push_back(width);
    widths.push_back(outputs);
    for (const bool small : {true, false}) {
      const auto W = flow_end(start(widths, small ? 1e-4 : 1.0, generator), loss);
      t.record(small ? regression : regression_large, static_cast<double>(depth), linalg::norm(W, 2).item() / least);
    }
  }
}

}  // namespace

void check(Trial& t) {
  const auto g = t.generator();
  complete(t, *g);
  regress(t, *g);
}

}  // namespace sigmagrad::experiments::norms::products
