// SPDX-License-Identifier: BSD-3-Clause
// Does the low rank of deep factorisations need observed entries of one size?
#include <sigmagrad/experiments/completion/limits.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr std::int64_t d = 5, max_steps = 5000;
constexpr double decoupled_rank = 7.5 / 4.0;  // the stable rank of the diagonal itself

void batch(std::span<Trial> trials) {
  const Params& p = trials.front().params();
  run_from_identity(trials, {d, p[depth], p[scale]}, diag(tensor({0.0, 0.5, 1.0, 1.5, 2.0})), max_steps);
}

const Statistic rank = median(stable_rank);
const Statistic shallow = rank.at(depth == 2 && among(m, {10.0, 100.0}));

const Register unequal{
    {.id = "completion/unequal",
     .title = "An unequal diagonal",
     .question = "Does the low rank of deep factorisations need observed entries of one size?",
     .observe =
         "No. With 0, 0.5, 1, 1.5 and 2 on the diagonal two factors end at a stable rank of 1.47 (m = 10) or 1.87 "
         "(m = 100) at every scale, deeper ones come to 1 as the start gets smaller; from the identity (m = inf) "
         "every depth ends at the 1.875 of the diagonal itself.",
     .source = "paper 002, appendix C.1, figure 12",
     .parameters =
         with_flow_parameters({m.with({2, 10, 100, infinity}), depth.with({2, 3, 4}), scale, descent_rate}, 1e-6),
     .printed_at = descent_rate == 0.01,
     .trials = {.quick = 1, .paper = 1},
     .seconds = {.quick = 2, .paper = 2},
     .batch = batch,
     .figures = {figure("",
                        "Stable rank of 5 x 5 matrices completed from a diagonal of 0, 0.5, 1, 1.5 and 2, by the "
                        "scale of the start and its m. The diagonal matrix itself has 7.5 / 4 = 1.875.")
                     .panel_each(m, {plot(scale, stable_rank)
                                         .by(depth)
                                         .theory("depth 2, closed form", median(limiting_stable_rank))
                                         .line(decoupled_rank, "diagonal matrix")
                                         .line(1.0, "rank one")
                                         .log_x()})},
     .claims = {{.claim = "Two factors converge to a high rank independently of the scale",
                 .says = "a high rank solution",
                 .holds = above(shallow.at(scale == 1e-7), 1.3) &&
                          below(abs(shallow - rank.at(depth == 2 && scale == 1e-7)), 0.05),
                 .why = "The diagonal matrix itself has 1.875. Smaller m make it low at any depth."},
                {.claim = "With more factors the stable rank decreases",
                 .says = "decreases with depth",
                 .holds = decreases(rank.at(m == 10.0 && scale == 1e-1), depth) &&
                          decreases(rank.at(m == 100.0 && scale >= 1e-3), depth),
                 .why = "With smaller starts the deeper ones are all at rank one."},
                {.claim = "For m = infinity all depths converge to high ranks",
                 .says = "high rank regardless of depth",
                 .holds = below(abs(rank.at(m == infinity) - decoupled_rank), 5e-3),
                 .why = "From a multiple of the identity nothing off the diagonal moves: the diagonal is what is "
                        "learned."},
                same_as_flow_claim(),
                two_factor_limits_claim("what is left is the target 0, which is reached by a power law of time.",
                                        descent_rate == 0.0)}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
