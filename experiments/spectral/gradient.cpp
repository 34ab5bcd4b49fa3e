// SPDX-License-Identifier: BSD-3-Clause
// Do small singular values receive less gradient, and is that why the condition number is learned late?
#include <fmt/format.h>

#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/singular_vectors.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::int64_t stride = 5;

// One of the singular values that the paper follows.
struct Place {
  std::string name;
  Curve gradient{.name = "gradient_" + name, .label = name, .over = "step"};
  Curve singular_value{.name = "singular_value_" + name, .label = name, .over = "step"};
  Curve residual{.name = "residual_" + name, .label = name, .over = "step"};
  Quantity residual_left{.name = "residual_left_" + name, .label = "distance left along the target's " + name + " one"};
  Quantity overlap{.name = "overlap_" + name,
                   .label = "overlap of the " + name + " singular vectors with the target's"};
  Quantity target{.name = "target_" + name, .label = name + " singular value of the target"};

  std::size_t among(std::int64_t count) const {
    const auto n = static_cast<std::size_t>(count);
    return name == "top" ? 0 : name == "middle" ? n / 2 : n - 1;
  }
};
const Place top{"top"}, middle{"middle"}, bottom{"bottom"};
const Curve top_over_bottom{.name = "top_over_bottom", .label = "top over bottom gradient", .over = "step"};

// |u_i' G v_i|: where G is the gradient, that of the i-th singular value.
Tensor along_singular_vectors(const linalg::SVD& svd, const Tensor& G) {
  return abs(sum(svd.U * matmul(G, svd.Vt.t()), 0));
}

void record(Trial& t, Curve Place::*curve, std::int64_t step, const Tensor& values) {
  for (const Place* place : {&top, &middle, &bottom})
    t.record(place->*curve, static_cast<double>(step), values.data<double>()[place->among(values.numel())]);
}

void trial(Trial& t) {
  const auto generator = t.generator();
  const auto target = heterogeneous_target(t[d], *generator);
  const auto model = small_start(t[d], *generator);
  const auto& W = model.weight;
  const auto targets = linalg::svd(target);
  const auto first_residual = along_singular_vectors(targets, W.detach() - target);

  const auto look = [&](std::int64_t step) {
    if (step % stride != 0 && step != t[steps] - 1) return;
    const NoGrad guard;
    const auto now = linalg::svd(W);
    const auto gradient = along_singular_vectors(now, W.grad());
    const auto values = gradient.data<double>();
    record(t, &Place::gradient, step, gradient);
    t.record(top_over_bottom, static_cast<double>(step), values.front() / values.back());
    record(t, &Place::singular_value, step, now.S);
    record(t, &Place::residual, step, along_singular_vectors(targets, W - target) / first_residual);
  };
  optim::SGD optimizer(model.parameters(), {.lr = t[lr]});
  train(
      optimizer, t[steps], [&] { return loss_by_gradient(model, target, *generator, t); }, look);

  const auto residual = along_singular_vectors(targets, W.detach() - target) / first_residual;
  const auto overlap = overlaps(linalg::svd(W.detach()), targets);
  for (const Place* place : {&top, &middle, &bottom}) {
    t.record(place->residual_left, residual.data<double>()[place->among(t[d])]);
    t.record(place->overlap, overlap.data<double>()[place->among(t[d])]);
    t.record(place->target, targets.S.data<double>()[place->among(t[d])]);
  }
  t.record(cond_error, relative_errors(W, target).cond);
}

// Medians over the trials, at each look from step 20 on.
Statistics later(const Sample& trials) {
  std::vector<double> medians;
  for (std::int64_t step = 20; step < trials[steps]; step += stride)
    medians.push_back(trials.median(top_over_bottom.at(static_cast<double>(step))));
  medians.push_back(trials.median(top_over_bottom.at(static_cast<double>(trials[steps] - 1))));
  return statistics(medians);
}

// The printed ratio of the top to the bottom gradient.
constexpr double least_printed = 10.0, most_printed = 100.0;
const std::string printed_ratio = fmt::format("{:g} to {:g}", least_printed, most_printed);

const Selection by_batch = gradient_of == "batch";
const Statistic usual_ratio = of_trials("ratio of the top to the bottom gradient, median of the looks from step 20 on",
                                        [](const Sample& trials) { return later(trials).median; });
const Statistic largest_ratio =
    of_trials("the largest of these looks' ratios", [](const Sample& trials) { return later(trials).max; });

// After all steps, of batches.
Statistic overlap(const Place& place) { return median(place.overlap).at(by_batch); }
constexpr double nearest = 0.5;

const Register gradient{
    {.id = "spectral/gradient",
     .title = "Gradient by singular value",
     .question =
         "Do small singular values receive less gradient, and is that why the condition number is learned late?",
     .observe =
         "The top one's gradient is some 80 to 160 times the bottom one's once W has found the target's directions. "
         "But the distance to the target shrinks at one rate along all of the target's singular vectors: 0.13 of it "
         "is left after 200 steps along the first as along the last.",
     .source = "paper 001, section 4.3, figure 3",
     .parameters = {gradient_of, d.with({64}, {64, 128}), lr, steps, noise},
     .printed_at = d == 64 && lr == 0.01 && steps == 200 && noise == label_noise,
     .trials = {.quick = 10, .paper = 10},
     .seconds = {.quick = 1, .paper = 6},
     .streams = {Stream::Philox, Stream::Numpy},
     .trial = trial,
     .figures =
         {figure("",
                 "Gradients and distances to the target; medians with quartiles. Above as printed: the gradient in the "
                 "basis of W, and the singular values; below the distance in the target's basis, and the printed "
                 "ratio.")
              .panel("Gradient by singular value",
                     plot({top.gradient, middle.gradient, bottom.gradient}).log_y().y_label("|u' G v|"))
              .panel("Singular values", plot({top.singular_value, middle.singular_value, bottom.singular_value})
                                            .theory("top of the target", median(top.target))
                                            .theory("middle of the target", median(middle.target))
                                            .theory("bottom of the target", median(bottom.target))
                                            .log_y()
                                            .y_label("singular value"))
              .panel("Distance along the target's singular vectors",
                     plot({top.residual, middle.residual, bottom.residual})
                         .theory("(1 - lr)^t", left_at)
                         .log_y()
                         .y_label("|u*' (W - T) v*| over its start"))
              .panel("Top over bottom gradient",
                     plot(top_over_bottom)
                         .called("measured")
                         .printed_range(least_printed, most_printed, "printed: " + printed_ratio)
                         .log_y()
                         .y_label("ratio"))},
     .claims = {
         {.claim = "The bottom singular value receives far less gradient than the top one",
          .says = printed_ratio + " times less",
          .holds = usual_ratio.at(by_batch) > least_printed&& largest_ratio.at(by_batch) < most_printed,
          .in_shape = usual_ratio.at(by_batch) > least_printed,
          .why = {"What is left to learn differs as much: the target's largest singular value is {:.0f} times its "
                  "smallest.",
                  {ratio(median(top.target), median(bottom.target)).at(by_batch)}}},
         {.claim = "SGD fails to recover the correct spectral decomposition",
          .source = "paper 000, section 4",
          .says = "fails",
          .holds = below(overlap(top), nearest) && below(overlap(middle), nearest) && below(overlap(bottom), nearest),
          .in_shape =
              any_of({below(overlap(top), nearest), below(overlap(middle), nearest), below(overlap(bottom), nearest)}),
          .why =
              "|u' u*| |v' v*|, of which a pair has less than 1/2 that is no nearer to its own than to others of the "
              "target. Singular values lie closest in the middle, where what is left of the distance mixes them."},
         {.claim = "That keeps the smallest singular values, and so the condition number, from converging",
          .says = "the root cause",
          .holds = above(ratio(median(bottom.residual_left), median(top.residual_left)).at(by_batch), 2.0),
          .why = "The mean gradient is W - T itself: a small gradient is a small distance, and every direction closes "
                 "it at the rate (1 - lr)^t."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
