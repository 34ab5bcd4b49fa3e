// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/networks/study.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/autograd/threads/threads.hpp>
#include <sigmagrad/experiments/networks/training.hpp>

namespace sigmagrad::experiments::networks {

using namespace lab;

namespace {

constexpr std::int64_t full_width = 64, printed_epochs = 200;
constexpr std::uint64_t image_stream = 1;

// Networks that have not learned tell how far training went, and not what depth does. Ours: half way from chance among
// ten classes to every image.
constexpr double learned = 0.55;

Statistic of_trained(const Quantity& quantity) {
  return of_trials("mean of the " + quantity.text(), [quantity](const Sample& sample) {
    const double worst = std::ranges::min(sample.values(train_accuracy));
    if (worst < learned)
      throw NotRun(
          fmt::format("a training accuracy of {:.2g} is all that was reached with depth = {}: ranks are "
                      "compared from {:g} on",
                      worst, sample.params().integer("depth"), learned));
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

// The calling thread's number of threads, until this is gone.
class Spread {
 public:
  explicit Spread(std::int64_t threads) { set_num_threads(static_cast<int>(threads)); }
  ~Spread() { set_num_threads(before_); }
  Spread(const Spread&) = delete;
  Spread& operator=(const Spread&) = delete;

 private:
  int before_ = num_threads();
};

void trial(Trial& t, const Family& family) {
  const Spread spread(t[threads]);
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

// The paper's sentence about one figure, of its own networks and images alone.
Claim printed_claim(const Family& family, const PaperFigure& figure) {
  const auto printed_size = divisor == 1 && epochs == printed_epochs && samples == 0;
  const auto at = printed_size && images == figure.images && optimizer == figure.optimizer;
  return {.claim = fmt::format("The mean effective rank falls with depth: {} trained by {} on CIFAR-{}", family.name,
                               called(figure.optimizer), figure.images == "cifar10" ? 10 : 100),
          .source = fmt::format("paper 002, appendix C.1.1, figure {}", figure.number),
          .says = "decreases",
          .holds = decreases(mean(rank).at(at), family.depth),
          .why = "At the printed size alone: --preset paper --set data=FOLDER, with CIFAR in the folder."};
}

Claim reduced_claim(const Family& family, const std::string& text, const Quantity& quantity, const std::string& why) {
  return {.claim = fmt::format("Reduced: {} of {} falls with depth", text, family.name),
          .source = "beyond figures 18 to 29",
          .says = "decreases, at the printed size",
          .holds = decreases(of_trained(quantity), family.depth),
          .why = why};
}

std::vector<Claim> claims_of(const Family& family) {
  std::vector<Claim> claims;
  for (const auto& figure : family.figures) claims.push_back(printed_claim(family, figure));
  claims.push_back(reduced_claim(family, "the mean effective rank", rank,
                                 "Of every set of images, optimizer and size that was run, with 95% intervals."));
  claims.push_back(reduced_claim(family, "what training leaves of the mean effective rank", rank_change,
                                 "The rank at the end over the one before training: networks of different depths have "
                                 "layers of different shapes, and so different ranks from the start."));
  claims.push_back(reduced_claim(family, "the mean effective rank by the authors' program", rank_rows_squares,
                                 "Kernels as out x (in k k), and p = s^2 / sum s^2."));
  return claims;
}

}  // namespace

Experiment study(const Family& family) {
  const auto band = [&](const Curve& curve) { return plot(curve).by(family.depth).intervals().lines(); };
  const auto all = ranks();
  auto width_divisor = divisor;
  width_divisor.reduced = {family.reduced_divisor};
  return {
      .id = family.id,
      .title = fmt::format("Depth and the rank of {}s", family.name),
      .question = fmt::format("Do the layers of deeper {}s have a lower effective rank after training?", family.name),
      .observe = family.observe,
      .source = fmt::format("paper 002, appendix C.1.1, figures {} to {}", family.figures.front().number,
                            family.figures.back().number),
      .parameters = {family.depth, images, data, optimizer, width_divisor, epochs, samples, threads},
      .trials = {.quick = 2, .reduced = 3, .paper = 5},
      .seconds = family.seconds,
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
