// SPDX-License-Identifier: BSD-3-Clause
// Which penalty completes a matrix of low rank that is observed with noise?
#include <sigmagrad/experiments/compare/candidates.hpp>

namespace sigmagrad::experiments::compare {
namespace {

const Real share{
    .name = "share", .help = "of the entries that are observed", .quick = {0.5}, .minimum = 0.05, .maximum = 0.95};
const Real noise{.name = "noise", .help = "standard deviation of what is observed", .quick = {0.1}, .minimum = 0};

constexpr std::int64_t size = 16, rank = 2;

// One matrix, of which entries are observed; without a penalty nothing is learned of the others.
Training make(Trial& t) {
  const auto generator = t.generator();
  const auto product = matmul(randn({size, rank}, *generator), randn({rank, size}, *generator));
  const auto target = product / sqrt(square(product).mean());
  const auto mask = (rand({size, size}, *generator) < t[share]).to(f64);
  const auto seen = target + t[noise] * randn({size, size}, *generator);
  const auto W = (0.01 * randn({size, size}, *generator)).requires_grad_();
  return {.parameters = {W},
          .loss = [=] { return (mask * square(W - seen)).sum() / mask.sum(); },
          .evaluate = [=] { return ((1.0 - mask) * square(W - target)).sum().item() / (1.0 - mask).sum().item(); },
          .captured = true};
}

const Problem noisy_completion{
    .name = "noisy_completion", .parameters = {share, noise}, .make = make, .steps = {.quick = 200}, .target = 0.1};

std::vector<Candidate> penalties() {
  return {no_penalty(),
          penalty("frobenius", 1e-2 * nn::frobenius_penalty()),
          penalty("nuclear", 1e-2 * nn::nuclear_penalty()),
          penalty("spectral", 1e-1 * nn::spectral_penalty()),
          penalty("ky fan 2", 1e-1 * nn::ky_fan_penalty(2)),
          penalty("spectral ratio", 1e-1 * nn::spectral_ratio_penalty())};
}

Condition beats(const std::string& other) { return loss_ratio("nuclear", other) < 1.0; }

const Register comparison{lab::compare(
    "compare/penalties", {noisy_completion}, penalties(),
    {.title = "Penalties on noisy matrix completion",
     .question = "Which penalty completes a matrix of low rank that is observed with noise?",
     .observe =
         "Each penalty at its own best strength, out of three a factor of ten apart, and rate of Adam. The "
         "validation loss is that of the entries that were not observed, of which the mean square is 1: 0.16 "
         "with the nuclear norm, 0.19 with the spectral ratio, 1 with the others and without a penalty. The first two "
         "mostly take the smallest strength and the largest rate tried, so others may do better still.",
     .trials = {.quick = 12, .paper = 20},
     .seconds = {.quick = 3, .paper = 6},
     .claims = {{.claim = "The nuclear norm completes a matrix of low rank best among convex penalties",
                 .source = "Candès and Recht 2009",
                 .says = "the convex envelope of the rank on matrices of spectral norm 1",
                 .holds = beats("none") && beats("frobenius") && beats("spectral") && beats("ky fan 2"),
                 .why = "Losses on the same seeds, each at its own best strength and rate."}}})};

}  // namespace
}  // namespace sigmagrad::experiments::compare
