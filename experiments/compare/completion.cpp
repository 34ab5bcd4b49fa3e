// SPDX-License-Identifier: BSD-3-Clause
// Who completes a matrix of low rank best, by three factors without a penalty?
#include <cmath>

#include <sigmagrad/experiments/compare/candidates.hpp>

namespace sigmagrad::experiments::compare {
namespace {

const Real share{
    .name = "share", .help = "of the entries that are observed", .quick = {0.4}, .minimum = 0.05, .maximum = 0.95};
const Int depth{.name = "depth", .help = "number of factors", .quick = {3}, .minimum = 1};

constexpr std::int64_t size = 16, rank = 2;

struct Drawn {
  Tensor target, observed;  // [size, size]; observed is 0 or 1
  std::vector<Tensor> factors;
};

// A target whose entries have the mean square 1, and factors with entries of three tenths of what keeps lengths.
Drawn draw(Trial& t) {
  const auto generator = t.generator();
  const auto U = randn({size, rank}, *generator), V = randn({rank, size}, *generator);
  const auto product = matmul(U, V);
  Drawn drawn{.target = product / sqrt(square(product).mean()),
              .observed = (rand({size, size}, *generator) < t[share]).to(f64),
              .factors = {}};
  for (std::int64_t l = 0; l < t[depth]; ++l)
    drawn.factors.push_back(0.3 / std::sqrt(static_cast<double>(size)) * randn({size, size}, *generator));
  return drawn;
}

Tensor product_of(const std::vector<Tensor>& factors) {
  auto product = factors.front();
  for (std::size_t l = 1; l < factors.size(); ++l) product = matmul(factors[l], product);
  return product;
}

// The mean squared error where `mask` is 1.
Tensor error_at(const Tensor& mask, const Tensor& product, const Tensor& target) {
  return (mask * square(product - target)).sum({-2, -1}) / mask.sum({-2, -1});
}

Training make(Trial& t) {
  const auto drawn = draw(t);
  std::vector<Tensor> factors;
  for (const Tensor& factor : drawn.factors) factors.push_back(factor.clone().requires_grad_());
  return {.parameters = factors,
          .loss = [=] { return error_at(drawn.observed, product_of(factors), drawn.target); },
          .evaluate = [=] { return error_at(1.0 - drawn.observed, product_of(factors), drawn.target).item(); },
          .captured = true};
}

Trainings make_many(std::span<Trial> trials) {
  std::vector<Tensor> targets, masks;
  std::vector<std::vector<Tensor>> each(static_cast<std::size_t>(trials.front()[depth]));
  for (Trial& t : trials) {
    const auto drawn = draw(t);
    targets.push_back(drawn.target);
    masks.push_back(drawn.observed);
    for (std::size_t l = 0; l < each.size(); ++l) each[l].push_back(drawn.factors[l]);
  }
  std::vector<Tensor> factors;
  for (const auto& of_trials : each) factors.push_back(stack(of_trials).requires_grad_());
  const auto target = stack(targets), mask = stack(masks);
  return {.parameters = factors,
          .losses = [=] { return error_at(mask, product_of(factors), target); },
          .evaluate = [=] { return error_at(1.0 - mask, product_of(factors), target); }};
}

const Problem completion{.name = "completion",
                         .parameters = {share, depth},
                         .make = make,
                         .batched = make_many,
                         .steps = {.quick = 400},
                         .target = 0.1};

const Register comparison{lab::compare(
    "compare/completion", {completion}, optimizers(),
    {.title = "Optimisers on deep matrix completion",
     .question = "Who completes a matrix of low rank best, by three factors without a penalty?",
     .observe = "The validation loss is the error where nothing was observed, relative to the target's entries: who "
                "fits the observed entries fastest need not complete the others. SGD (0.10) and Muon (0.12) tie, half "
                "of their trials come below 0.1, and Shampoo (0.97) completes nothing.",
     .trials = {.quick = 12, .paper = 20},
     .seconds = {.quick = 4, .paper = 10},
     .claims = {{.claim = "Muon completes worse than SGD from small starts",
                 .source = "completion/optimizers: its steps make all singular values grow alike",
                 .says = "ends at higher ranks",
                 .holds = loss_ratio("muon", "sgd") > 1.0,
                 .why = "Errors of the entries that were not observed, on the same seeds, each at its own best rate."}},
     .quick = quick_optimizers()})};

}  // namespace
}  // namespace sigmagrad::experiments::compare
