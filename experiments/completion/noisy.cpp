// SPDX-License-Identifier: BSD-3-Clause
// Does the low rank of deep factorisations survive where the observed diagonal is only nearly constant?
#include <sigmagrad/experiments/completion/limits.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::int64_t max_steps = 2500;

const Real noise{
    .name = "noise", .help = "standard deviation about ones", .quick = {0.0, 0.01, 0.05, 0.1}, .minimum = 0};

void batch(std::span<Trial> trials) {
  const Params& p = trials.front().params();
  const auto diagonal = 1.0 + p[noise] * target_noise(trials, p[matrix_size]);
  run_from_identity(trials, start_size(p), diagonal.unsqueeze(-1) * eye(p[matrix_size]), max_steps);
}

double noiseless_rank(const Params& p) { return linalg::stable_rank(diagonal_limit(start_size(p), p[m])).item(); }

const Statistic rank = mean(stable_rank);
const Statistic shallow = rank.at(depth == 2 && noise > 0.0);
const Statistic from_1e_3 = rank.at(scale == 1e-3);
// How far the noise moves two factors.
Statistic moved(double by_noise) {
  return abs(from_1e_3.at(depth == 2 && noise == by_noise) - from_1e_3.at(depth == 2 && noise == 0.0))
      .called("two factors' mean stable rank moves, by noise " + to_text(by_noise));
}

const Register noisy{
    {.id = "completion/noisy",
     .title = "A noisy diagonal",
     .question =
         "Does the low rank of deep factorisations survive where the observed diagonal is only nearly constant?",
     .observe = "Yes. Two factors end at stable ranks of 4.28, 4.19 and 3.96 for noise 0.01, 0.05 and 0.1 at every "
                "scale; three at 3.1 from scale 1e-1 and 1.2 from 1e-3, four at 2.1 and 1.0.",
     .source = "paper 002, appendix C.1, figure 11",
     .parameters = with_flow_parameters({noise, depth.with({2, 3, 4}), scale, m, matrix_size, descent_rate}, 1e-10),
     .printed_at = descent_rate == 0.01,
     .trials = {.quick = 4, .paper = 10},
     .seconds = {.quick = 1, .paper = 3},
     .batch = batch,
     .figures = {figure("",
                        "Stable rank of matrices completed from a diagonal of ones with noise, by the scale of the "
                        "start: means with standard deviations over draws of the noise, and theorem 3.3 for none.")
                     .panel_each(noise, {plot(scale, stable_rank)
                                             .by(depth)
                                             .means()
                                             .lines()
                                             .theory("no noise, theory", noiseless_rank)
                                             .log_x()})},
     .claims = {
         {.claim = "Two factors converge to a high rank largely independently of the scale",
          .says = "a high-rank solution",
          .holds = above(shallow, 3.0) && below(abs(shallow - shallow.at(scale == 1e-7)), 0.05),
          .why = "Of at most 5. What two factors converge to hardly depends on how large they were, only on their "
                 "shape."},
         {.claim = "With more factors the stable rank decreases",
          .says = "decreases with depth",
          .holds = decreases(rank.at(noise > 0.0 && scale >= 1e-3), depth),
          .why = "At scales of 1e-5 and below the deeper ones are both at rank one."},
         {.claim = "Larger noise leads to lower ranks",
          .says = "more pronounced low rank",
          .holds = decreases(from_1e_3.at(depth <= 3), noise),
          .why = "With two factors and with three; four are at rank one whatever the noise."},
         {.claim = "The dependence on the noise is continuous",
          .says = "mild at 0.01, more substantial at 0.1",
          .holds = below(moved(0.01), 0.05) && above(ratio(moved(0.1), moved(0.01)), 5.0),
          .why = "In the mean the change is of second order in the noise: ten times the noise, some hundred times the "
                 "change."},
         same_as_flow_claim(),
         two_factor_limits_claim("targets need not be equal.", descent_rate == 0.0)}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
