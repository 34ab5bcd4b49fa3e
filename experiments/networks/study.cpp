// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/networks/study.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sigmagrad/experiments/networks/training.hpp>

namespace sigmagrad::experiments::networks {

using namespace lab;

namespace {

constexpr std::int64_t full_width = 64, printed_epochs = 200;
constexpr std::uint64_t image_stream = 1;

// Ours: half way from chance among ten classes to every image. Networks that have not learned tell how far training
// went, and not what depth does.
constexpr double half_way = 0.55;

// Ours: two or three trials agree by chance too often.
constexpr std::size_t fewest_trials = 5;

Statistic of_trained(const Quantity& quantity) {
  return of_trials("mean of the " + quantity.text(), [quantity](const Sample& sample) {
    const auto accuracies = sample.values(train_accuracy);
    if (accuracies.size() < fewest_trials)
      throw NotRun(fmt::format("ranks are compared from {} trials on (got {})", fewest_trials, accuracies.size()));
    const double worst = std::ranges::min(accuracies);
    if (worst < half_way)
      throw NotRun(
          fmt::format("a training accuracy of {:.2g} is all that was reached with depth = {}: ranks are "
                      "compared from {:.3g} on, half way from chance to every image",
                      worst, sample.params().integer("depth"), half_way));
    return sample.mean(quantity);
  });
}

struct Rank {
  Quantity at_end;
  Curve on_way;
};
std::vector<Rank> ranks() {
  std::vector<Rank> all;
  for (const Quantity& one : {rank, rank_squares, rank_rows, rank_rows_squares})
    all.push_back({one, {.name = one.name, .label = one.label, .over = "epoch"}});
  return all;
}

void trial(Trial& t, const Family& family) {
  const auto generator = t.generator(image_stream);
  const auto shown = load_images({.set = t[images], .folder = t[data], .samples = t[samples]}, *generator);
  const auto net = family.make(t[family.depth], std::max<std::int64_t>(full_width / t[divisor], 1), shown.form);
  const TrainingOptions options{.optimizer = t[optimizer], .epochs = t[epochs], .checkpoint = t.checkpoint()};
  const auto history = train(net, shown, options);
  t.record(train_accuracy, history["train_accuracy"].last());
  t.record(test_accuracy, history["test_accuracy"].last());
  t.record(train_on_way, history["train_accuracy"]);
  t.record(test_on_way, history["test_accuracy"]);
  for (const auto& [at_end, on_way] : ranks()) {
    t.record(at_end, history[at_end.name].last());
    t.record(on_way, history[at_end.name]);
  }
  t.record(rank_change, history["effective_rank"].last() / history["effective_rank"].values.front());
}

std::string called(const std::string& name) {
  return name == "sgd" ? "SGD with momentum" : name == "adam" ? "Adam" : "RMSProp";
}

constexpr const char* both_ends =
    "It holds if it is true of the ranks at the end, and of these over the ranks before training: layers of other "
    "shapes have other ranks from the start. ";

Claim falls(Claim claim, const std::string& where, const Quantity& ends, const Family& family, const Selection& at) {
  claim.holds =
      decreases(of_trained(ends).at(at), family.depth) && decreases(of_trained(rank_change).at(at), family.depth);
  claim.in_shape = decreases(of_trained(ends).at(at), family.depth);
  claim.why = both_ends + where;
  return claim;
}

// The paper's sentence about one figure, of its own networks and images alone.
Claim printed_claim(const Family& family, const PaperFigure& figure) {
  const auto printed_size = divisor == 1 && epochs == printed_epochs && samples == 0;
  return falls({.claim = fmt::format("The mean effective rank falls with depth: {} trained by {} on CIFAR-{}",
                                     family.name, called(figure.optimizer), figure.images == "cifar10" ? 10 : 100),
                .source = fmt::format("paper 002, appendix C.1.1, figure {}", figure.number),
                .says = "decreases"},
               "At the printed size alone: --preset paper --set data=FOLDER, with CIFAR in the folder.", rank, family,
               printed_size && images == figure.images && optimizer == figure.optimizer);
}

std::vector<Claim> claims_of(const Family& family) {
  std::vector<Claim> claims;
  for (const auto& figure : family.figures) claims.push_back(printed_claim(family, figure));
  const auto any_size = [&](const std::string& by, const std::string& form, const Quantity& ends) {
    return falls({.claim = fmt::format("As run: the mean effective rank falls with depth: {} trained by {}{}",
                                       family.name, called(by), form),
                  .source = "beyond figures 18 to 29",
                  .says = "decreases, at the printed size"},
                 "Of every set of images and size that was run, from five trials and a training accuracy half way from "
                 "chance to every image on.",
                 ends, family, optimizer == by);
  };
  claims.push_back({.claim = "Networks of every depth learn what they are shown",
                    .source = "beyond figures 18 to 29",
                    .says = "training accuracies that all reach the same",
                    .holds = smallest(train_accuracy) > half_way,
                    .why = "Every training ends at an accuracy above 0.55, half way from chance among ten classes to "
                           "every image (ours)."});
  for (const std::string& by : optimizer.paper) {
    claims.push_back(any_size(by, "", rank));
    claims.push_back(any_size(by, ", kernels as out x (in k k) and p = s^2 / sum s^2", rank_rows_squares));
  }
  return claims;
}

std::string source_of(const Family& family) {
  std::vector<int> numbers;
  for (const auto& figure : family.figures) numbers.push_back(figure.number);
  return fmt::format("paper 002, appendix C.1.1, figures {}", fmt::join(numbers, ", "));
}

}  // namespace

Experiment study(const Family& family) {
  const auto band = [&](const Curve& curve) { return plot(curve).by(family.depth).intervals().lines(); };
  const auto all = ranks();
  return {
      .id = family.id,
      .title = fmt::format("Depth and the rank of {}s", family.name),
      .question = fmt::format("Do the layers of deeper {}s have a lower effective rank after training?", family.name),
      .observe = family.observe,
      .source = source_of(family),
      .parameters = {family.depth, images, data, optimizer, divisor, epochs, samples},
      .trials = {.quick = 2, .reduced = 5, .paper = 5},
      .seconds = family.seconds,
      .valid = [family](const Params& p) { return std::ranges::count(family.depth.paper, p[family.depth]) > 0; },
      .valid_rule = fmt::format("{}s have {} layers", family.name, fmt::join(family.depth.paper, ", ")),
      .trial = [family](Trial& t) { trial(t, family); },
      .figures = {figure("",
                         "During training, means with 95% intervals: training accuracy, test accuracy, and the "
                         "effective rank, averaged over all layers but the last, of the kernels as in x (out k "
                         "k).")
                      .panel("Training accuracy", band(train_on_way))
                      .panel("Test accuracy", band(test_on_way))
                      .panel("Mean effective rank", band(all[0].on_way)),
                  figure("ranks",
                         "At the end, by depth, means with 95% intervals: the mean effective rank by both "
                         "forms of the kernels and both entropies, and relative to the start.")
                      .panel("As in x (out k k)", plot(family.depth, {rank, rank_squares}).intervals().lines())
                      .panel("As out x (in k k)",
                             plot(family.depth, {rank_rows, rank_rows_squares}).intervals().lines())
                      .panel("End / start", plot(family.depth, rank_change).intervals().lines())},
      .claims = claims_of(family)};
}

}  // namespace sigmagrad::experiments::networks
