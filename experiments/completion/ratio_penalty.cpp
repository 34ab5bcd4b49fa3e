// SPDX-License-Identifier: BSD-3-Clause
// Can a penalty give a single matrix the low rank that depth gives a product?
#include <cmath>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

const Int rank{.name = "rank", .help = "rank of the matrix", .quick = {2}, .paper = {3}, .minimum = 1};
const Real shown{.name = "shown", .help = "share of the entries that is observed", .quick = {0.4}, .minimum = 0.01};
const Real penalty{.name = "penalty",
                   .help = "weight of ||W||_* / ||W||_F beside the mean squared error",
                   .quick = {0.0, 0.1},
                   .minimum = 0};
const Real lr{.name = "lr", .help = "learning rate of Adam, which comes down to 0", .quick = {0.01}, .minimum = 0};
const Int steps{.name = "steps", .help = "of Adam", .quick = {1500}, .paper = {2000}, .minimum = 1};

constexpr std::uint64_t target_stream = 10, observation_stream = 11;

void trial(Trial& t) {
  const std::int64_t d = t[matrix_size];
  const auto targets = t.generator(target_stream), entries = t.generator(observation_stream);
  const auto U = randn({d, t[rank]}, *targets), V = randn({d, t[rank]}, *targets);
  const Completion task{matmul(U, V.t()) / std::sqrt(static_cast<double>(t[rank])),
                        bernoulli(full({d, d}, t[shown]), *entries), Reduction::MeanObserved};
  std::vector<Tensor> start;
  const double of_product = t[scale] / std::pow(static_cast<double>(d), 0.5 * (static_cast<double>(t[depth]) - 1.0));
  for (const auto& factor : gaussian_start({&t, 1}, {.d = d, .depth = t[depth], .scale = of_product}))
    start.push_back(factor.squeeze(0));
  const Factorization model(start);
  optim::Adam optimizer(model.parameters(), {.lr = t[lr]});
  optim::CosineAnnealingLR schedule(optimizer, {.T_max = t[steps]});
  const auto spectral_ratio = nn::spectral_ratio_penalty();
  auto step = capture([&] {
    const auto product = model.product();
    auto loss = task.loss(product);
    if (t[penalty] > 0.0) loss = loss + t[penalty] * spectral_ratio(product);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  });
  for (std::int64_t k = 0; k < t[steps]; ++k) {
    step();
    schedule.step();
  }
  const NoGrad guard;
  const auto product = model.product();
  t.record(effective_rank, linalg::effective_rank(product).item());
  t.record(stable_rank, linalg::stable_rank(product).item());
  t.record(final_loss, task.loss(product).item());
  t.record(unobserved_rmse, task.unobserved_rmse(product).item());
}

const Selection with = penalty == 0.1, without = penalty == 0.0;
const Statistic ranks = median(effective_rank), errors = median(unobserved_rmse);
const Statistic true_rank =
    expected("rank of the matrix", [](const Params& p) { return static_cast<double>(p[rank]); });
const Statistic single = ranks.at(depth == 1);

const Register ratio_penalty{
    {.id = "completion/ratio-penalty",
     .title = "Adam with a penalty on the spectral ratio",
     .question = "Can a penalty give a single matrix the low rank that depth gives a product?",
     .observe = "In part: with it the effective rank of a single matrix falls from 17 to between 5 and 6, where the "
                "matrix has 2, and the error of hidden entries from 1 to about 0.7. Products of two and three factors "
                "come to that rank with it.",
     .source = "paper 002, appendix A.1, after Zhao 2022",
     .parameters = {depth.with({1, 2, 3}).at_least(1), penalty, matrix_size.with({30}, {60}), rank, shown,
                    scale.with({1e-3}), lr, steps},
     .trials = {.quick = 3, .paper = 5},
     .seconds = {.quick = 2, .paper = 12},
     .trial = trial,
     .figures = {figure(
                     "",
                     "Completion of a matrix of low rank by Adam, with and without a penalty on ||W||_* / ||W||_F of "
                     "the product. Entries have variance 1.")
                     .panel("Effective rank", plot(depth, effective_rank)
                                                  .by(penalty)
                                                  .theory("rank of the matrix",
                                                          [](const Params& p) { return static_cast<double>(p[rank]); }))
                     .panel("Hidden entries, RMSE", plot(depth, unobserved_rmse).by(penalty).log_y())},
     .claims = {{.claim = "With the penalty Adam has a strong low-rank bias even at depth 1",
                 .says = "even in depth-1",
                 .holds = below(single.at(with), 2.0 * true_rank.at(depth == 1 && with)) &&
                          below(errors.at(depth == 1 && with), 0.5),
                 .in_shape = single.at(with) < single.at(without) &&
                             errors.at(depth == 1 && with) < errors.at(depth == 1 && without),
                 .why = "Effective rank of at most twice the matrix's, and hidden entries to half of their size: our "
                        "measures. In shape: a lower rank than without it, and a smaller error."},
                {.claim = "Without the penalty a single matrix has no bias towards low rank",
                 .source = "control",
                 .says = "-",
                 .holds = above(single.at(without), 4.0 * true_rank.at(depth == 1 && without)) &&
                          above(errors.at(depth == 1 && without), 0.9),
                 .why = "What is not shown stays where it was; entries have size 1."},
                {.claim = "Depth does without the penalty what it does at depth 1",
                 .source = "paper 002, appendix A.1",
                 .says = "depth promotes low-rank solutions",
                 .holds = ranks.at(depth == 3 && without) < 2.0 * true_rank.at(depth == 3 && without) &&
                          errors.at(depth == 3 && without) < 0.5,
                 .why = "Three factors without a penalty, by the same measures."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
