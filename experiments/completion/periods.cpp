// SPDX-License-Identifier: BSD-3-Clause
// Is there a time after which further entries of a matrix come too late?
#include <cmath>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

const Int rank{.name = "rank", .help = "rank of the matrix", .quick = {2}, .paper = {3}, .minimum = 1};
const Real shown{
    .name = "shown", .help = "share of the entries that is observed at first", .quick = {0.2}, .minimum = 0};
const Real later{.name = "later", .help = "share that is observed after the switch", .quick = {0.4}, .minimum = 0.01};
const Int switch_at{.name = "switch",
                    .help = "steps before further entries are shown",
                    .quick = {0, 50, 200, 800},
                    .paper = {0, 50, 100, 200, 400, 800, 1600},
                    .minimum = 0};
const Int steps{.name = "steps", .help = "after the switch", .quick = {400}, .paper = {800}, .minimum = 1};
const Real lr{.name = "lr",
              .help = "learning rate of gradient descent, times the curvature of the loss at the target",
              .quick = {0.2},
              .minimum = 0};

const Quantity final_rmse{.name = "rmse", .label = "hidden entries, RMSE"};

constexpr std::uint64_t target_stream = 10, observation_stream = 11;

void trial(Trial& t) {
  const std::int64_t d = t[matrix_size];
  const auto targets = t.generator(target_stream), entries = t.generator(observation_stream);
  const auto U = randn({d, t[rank]}, *targets), V = randn({d, t[rank]}, *targets);
  const auto target = matmul(U, V.t()) / std::sqrt(static_cast<double>(t[rank]));
  const auto draws = rand({d, d}, *entries);
  const double of_product = t[scale] / std::pow(static_cast<double>(d), 0.5 * (static_cast<double>(t[depth]) - 1.0));
  std::vector<Tensor> start;
  for (const auto& factor : gaussian_start({&t, 1}, {.d = d, .depth = t[depth], .scale = of_product}))
    start.push_back(factor.squeeze(0));
  const Factorization model(start);
  // Rates over depth s^(2 - 2/depth), s the target's norm: the loss is as curved as that.
  const auto L = static_cast<double>(t[depth]);
  const double curved = L * std::pow(linalg::norm(target, 2).item(), 2.0 - 2.0 / L);
  const Completion few{target, draws < t[shown]}, more{target, draws < t[later]};
  if (t[switch_at] > 0) descend(model, few, t[lr] / curved, 0.0, t[switch_at]);
  descend(model, more, t[lr] / curved, 0.0, t[steps]);
  const NoGrad guard;
  const auto product = model.product();
  t.record(effective_rank, linalg::effective_rank(product).item());
  t.record(final_rmse, more.unobserved_rmse(product).item());
}

const Statistic error = median(final_rmse);
const Selection late = switch_at == 800, at_once = switch_at == 0;
const Statistic cost = error.at(late) / error.at(at_once);

const Register periods{
    {.id = "completion/periods",
     .title = "Critical periods",
     .question = "Is there a time after which further entries of a matrix come too late?",
     .observe = "At depth 2 there is: the later the further entries are shown, the more of the error stays. At depth "
                "3, in as many "
                "steps, it is the other way round: what was learned before saves the time that a small start takes.",
     .source = "paper 002, appendix A.2, after Kleinman et al. 2024",
     .parameters = {depth.with({2, 3}, {2, 3, 4}), switch_at, matrix_size.with({30}, {50}), rank, shown, later,
                    scale.with({1e-3}), lr, steps},
     .trials = {.quick = 16, .paper = 40},
     .seconds = {.quick = 1, .paper = 21},
     .trial = trial,
     .figures = {figure(
                     "",
                     "Completion of a matrix of low rank that is shown few entries at first and more of them after the "
                     "switch; the training goes on for a fixed number of steps.")
                     .panel("Hidden entries", plot(switch_at, final_rmse).by(depth).categories().log_y())
                     .panel("Effective rank", plot(switch_at, effective_rank).by(depth).categories())},
     .claims = {
         {.claim = "After a critical period the capacity to learn is reduced",
          .says = "a significantly reduced capacity to learn later",
          .holds = cost > 1.2,
          .in_shape = cost.at(depth == 2) > 1.2,
          .why =
              "Error of the entries that are never shown, after the same number of steps with all shown ones: those "
              "that came at step 800 over those that came at once, at every depth; a fifth is our measure. In shape: "
              "at depth 2."},
         {.claim = "The later the switch, the more is lost",
          .says = "critical learning periods",
          .holds = increases(error.at(among(switch_at, {0, 200, 800})), switch_at),
          .in_shape = increases(error.at(depth == 2 && among(switch_at, {0, 200, 800})), switch_at),
          .why = "At every depth; in shape, at depth 2."},
         {.claim = "The cost of a late switch grows with depth",
          .source = "paper 002, section 4, after Kleinman et al. 2024",
          .says = "intensified with depth",
          .holds = increases(cost, depth),
          .why = "The same ratio has to rise from each depth to the next, at a fixed number of steps."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
