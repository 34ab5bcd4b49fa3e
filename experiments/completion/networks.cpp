// SPDX-License-Identifier: BSD-3-Clause
// Does a start that couples the units of a ReLU network lead to layers of lower rank than one that does not?
#include <fmt/format.h>

#include <cmath>
#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

using namespace lab;
namespace {

constexpr std::int64_t classes = 10, clusters = 3, latent = 20, inputs = 192, examples = 2000;
constexpr double spread = 0.3, momentum = 0.9;
constexpr std::uint64_t start_stream = 1, order_stream = 2;

struct Data {
  Tensor x;       // [n, inputs]
  Tensor labels;  // [n], whole numbers
};

/// Ten classes of three Gaussian clusters each, about centers in a latent space that a random matrix embeds.
Data mixture(Generator& generator) {
  const auto centers = randn({classes * clusters, latent}, generator);
  const auto embedding = randn({latent, inputs}, generator) / std::sqrt(static_cast<double>(latent));
  const auto cluster = randint(0, classes * clusters, {examples}, generator);
  const auto x = matmul(index_select(centers, 0, cluster), embedding) + spread * randn({examples, inputs}, generator);
  std::vector<double> labels(cluster.data<double>().begin(), cluster.data<double>().end());
  for (double& label : labels) label = std::fmod(label, static_cast<double>(classes));
  return {x, tensor(labels)};
}

Data cifar(const std::string& folder) {
  const auto images = load_cifar10(folder);
  const auto x = images.images.flatten(1);
  return {x - x.mean(), tensor({images.labels.begin(), images.labels.end()})};
}

/// The labels with the share `noise` of them drawn anew.
Tensor noisy(const Tensor& labels, double noise, Generator& generator) {
  const auto redrawn = bernoulli(full(labels.shape(), noise), generator);
  return where(redrawn, randint(0, classes, labels.shape(), generator), labels);
}

bool by_code(const Params& p) { return p.text("convention") == "authors"; }

/// Gaussian entries of std gain sqrt(2 / in) (N(0, 0.01^2) in the authors' program), and for the hidden square layers
/// of the "identity" start gain sqrt(2) I, which has the same Frobenius norm (I in the authors' program).
Tensor start(const Params& p, std::int64_t out, std::int64_t in, Generator& generator) {
  const double gain = p.real("gain");
  if (p.text("init") == "identity" && in == out) return (by_code(p) ? 1.0 : gain * std::sqrt(2.0)) * eye(in);
  return (by_code(p) ? 0.01 : gain * std::sqrt(2.0 / static_cast<double>(in))) * randn({out, in}, generator);
}

/// `depth` weight matrices with zero biases, ReLU after every hidden layer (after the first alone in the authors'
/// program).
struct Network : nn::Module {
  std::vector<nn::Linear> layers;
  bool first_alone;

  Network(const Params& p, std::int64_t in, Generator& generator) : first_alone(by_code(p)) {
    const std::int64_t depth = p.integer("depth"), width = p.integer("width");
    for (std::int64_t l = 0; l < depth; ++l) {
      const std::int64_t out = l + 1 < depth ? width : classes;
      const nn::Linear layer(start(p, out, l == 0 ? in : width, generator), zeros({out}));
      layers.push_back(register_module(fmt::format("layer{}", l + 1), layer));
    }
    to(f32);
  }
  Tensor operator()(const Tensor& x) const {
    auto y = layers.front()(x);
    for (std::size_t l = 1; l < layers.size(); ++l) y = layers[l](l == 1 || !first_alone ? relu(y) : y);
    return y;
  }
  /// Mean stable rank of all layers but the last.
  double stable_rank() const {
    const NoGrad guard;
    double sum = 0;
    for (std::size_t l = 0; l + 1 < layers.size(); ++l) sum += linalg::stable_rank(layers[l].weight).item();
    return sum / static_cast<double>(layers.size() - 1);
  }
};

double accuracy(const Network& network, const Data& data) {
  const NoGrad guard;
  return (argmax(network(data.x), -1) == data.labels.to(f64)).mean().item();
}

/// SGD with momentum over shuffled batches; records the stable rank and the epoch's mean loss.
void train(const Params& p, const Network& network, const Data& data, Generator& order, Metrics& metrics) {
  const std::int64_t n = data.x.size(0), batch = std::min(p.integer("batch"), n), epochs = p.integer("epochs");
  optim::SGD optimizer(network.parameters(), {.lr = p.real("lr"), .momentum = momentum});
  auto rows = empty({batch}, f32);
  auto total = zeros({}, f32);
  auto step = capture([&] {
    const auto loss = cross_entropy(network(index_select(data.x, 0, rows)), index_select(data.labels, 0, rows));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    total.add_(loss.detach());
  });
  const std::int64_t stride = std::max<std::int64_t>(epochs / 20, 1);
  for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) {
    const auto permutation = randperm(n, order, f32);
    total.zero_();
    for (std::int64_t begin = 0; begin + batch <= n; begin += batch) {
      rows.copy_(permutation.narrow(0, begin, batch));
      step();
    }
    if (epoch % stride != 0 && epoch != epochs) continue;
    metrics.add_at("loss", static_cast<double>(epoch), total.item() / static_cast<double>(n / batch));
    metrics.add_at("stable_rank", static_cast<double>(epoch), network.stable_rank());
  }
  metrics.add("loss", total.item() / static_cast<double>(n / batch));
}

Metrics trial(const Trial& t) {
  const auto& p = t.params;
  const auto generator = t.generator(), starts = t.generator(start_stream), order = t.generator(order_stream);
  auto data = p.text("data") == "mixture" ? mixture(*generator) : cifar(p.text("data"));
  data = {data.x.to(f32), noisy(data.labels, p.real("label_noise"), *generator).to(f32)};
  const Network network(p, data.x.size(1), *starts);
  const double before = network.stable_rank();
  Metrics metrics;
  train(p, network, data, *order, metrics);
  const double after = network.stable_rank();
  return metrics.add("stable_rank", after)
      .add("initial_stable_rank", before)
      .add("stable_rank_ratio", after / before)
      .add("accuracy", accuracy(network, data));
}

std::string label(const Params& p) { return fmt::format("{}, depth {}", p.text("init"), p.integer("depth")); }

/// The gain and share of wrong labels of the main result; other ones show how far it carries.
constexpr double main_gain = 1.0, main_noise = 0.2;

Groups main_groups(const Results& results, const std::string& init) {
  return results.where({{"init", init}, {"gain", main_gain}, {"label_noise", main_noise}});
}

std::string where_from(const Results& results) {
  const auto& p = results.where().front()->params();
  return fmt::format("on {}, gain {}, {} of the labels redrawn",
                     p.text("data") == "mixture" ? "synthetic clusters" : "CIFAR-10", main_gain, main_noise);
}

std::vector<Figure> figures(const Results& results) {
  Panel loss{.title = "Training loss", .x_label = "epoch", .y_label = "cross-entropy", .log_y = true};
  Panel rank{.title = "Stable rank during training", .x_label = "epoch", .y_label = "mean stable rank"};
  Panel depth{.title = "At the end", .x_label = "depth", .y_label = "mean stable rank"};
  Panel ratio{.title = "Relative to the start", .x_label = "depth", .y_label = "stable rank, end / start"};
  for (const std::string init : {"gaussian", "identity"}) {
    const auto groups = main_groups(results, init);
    for (const Group* group : groups) {
      loss.series.push_back(curve(*group, "loss", label(group->params())));
      rank.series.push_back(curve(*group, "stable_rank", label(group->params())));
    }
    depth.series.push_back(medians(groups, "depth", "stable_rank", init));
    ratio.series.push_back(medians(groups, "depth", "stable_rank_ratio", init));
  }
  return {
      {.name = "completion-networks",
       .caption = fmt::format(
           "Fully connected ReLU networks from a Gaussian start, and from one whose hidden layers are multiples "
           "of the identity with the same Frobenius norm, {}: training loss, and the mean stable rank of all layers "
           "but the last. Medians with quartiles over trials.",
           where_from(results)),
       .panels = {loss, rank, depth, ratio}}};
}

/// The groups of one start at one gain and share of wrong labels, by depth.
Groups at(const Results& r, const std::string& init, const Value& gain, const Value& noise) {
  return r.where({{"init", init}, {"gain", gain}, {"label_noise", noise}});
}

/// Whether the Gaussian start's metric is below the other one's at every depth above 2, where the two differ.
bool gaussian_is_lower(const Groups& gaussian, const Groups& identity, const std::string& metric = "stable_rank") {
  if (identity.empty() || gaussian.empty()) throw NotRun("both starts at a depth of 3 or more were not run");
  bool lower = true;
  for (const Group* one : identity)
    for (const Group* other : gaussian)
      if (one->params().integer("depth") == other->params().integer("depth"))
        lower = lower && other->median(metric) < one->median(metric);
  return lower;
}

/// Whether the metric rises (sign 1) or falls (sign -1) with every step in depth.
bool is_monotone(const Groups& groups, int sign, const std::string& metric = "stable_rank") {
  if (groups.size() < 2) throw NotRun("fewer than two depths were run");
  bool monotone = true;
  for (std::size_t i = 1; i < groups.size(); ++i)
    monotone = monotone && sign * (groups[i]->median(metric) - groups[i - 1]->median(metric)) > 0;
  return monotone;
}

std::string ranks(const Groups& groups, const std::string& metric = "stable_rank") {
  std::vector<std::string> texts;
  for (const Group* group : groups) texts.push_back(fmt::format("{:.3g}", group->median(metric)));
  return fmt::format("{}", fmt::join(texts, ", "));
}

/// What is true of the ends, but not of the ends relative to the starts, was there before training.
Verdict by_training(bool of_ends, bool of_ratios) { return verdict(of_ends && of_ratios, of_ends); }

/// In how many of the settings run, of the start's gain and the labels, `holds(gain, noise)` is true.
template <class Holds>
std::string robustness(const Results& r, const Holds& holds) {
  std::string failures;
  int count = 0, held = 0;
  for (const Value& gain : r.values_of("gain"))
    for (const Value& noise : r.values_of("label_noise")) {
      ++count;
      if (holds(gain, noise)) {
        ++held;
      } else {
        failures += fmt::format("{}gain {} with {} wrong labels", failures.empty() ? ", not at " : ", ", to_text(gain),
                                to_text(noise));
      }
    }
  return fmt::format("True in {} of {} settings run{}", held, count, failures);
}

void judge_starts(const Results& r, Claim& claim) {
  const auto gaussian = main_groups(r, "gaussian"), identity = main_groups(r, "identity");
  claim.verdict =
      by_training(gaussian_is_lower(gaussian, identity), gaussian_is_lower(gaussian, identity, "stable_rank_ratio"));
  claim.measured = fmt::format("{} against {}", ranks(gaussian), ranks(identity));
  claim.why =
      fmt::format("{}. The starts have {} against {}, of which training keeps {} and {}.",
                  robustness(r,
                             [&](const Value& gain, const Value& noise) {
                               return gaussian_is_lower(at(r, "gaussian", gain, noise), at(r, "identity", gain, noise));
                             }),
                  ranks(gaussian, "initial_stable_rank"), ranks(identity, "initial_stable_rank"),
                  ranks(gaussian, "stable_rank_ratio"), ranks(identity, "stable_rank_ratio"));
}

void judge_depth(const Results& r, const std::string& init, int sign, Claim& claim) {
  const auto groups = main_groups(r, init);
  claim.verdict = by_training(is_monotone(groups, sign), is_monotone(groups, sign, "stable_rank_ratio"));
  claim.measured = ranks(groups);
  claim.why = fmt::format(
      "{}. The starts have {}, of which training keeps {}.",
      robustness(r, [&](const Value& gain, const Value& noise) { return is_monotone(at(r, init, gain, noise), sign); }),
      ranks(groups, "initial_stable_rank"), ranks(groups, "stable_rank_ratio"));
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 002, appendix C.1, figure 30";
  return judge_all(
      results,
      {{{.claim = "A Gaussian start leads to layers of lower stable rank than an identity start",
         .source = source,
         .printed = "noticeably lower"},
        judge_starts},
       {{.claim = "From a Gaussian start the stable rank falls with depth", .source = source, .printed = "decreases"},
        [](const Results& r, Claim& c) { judge_depth(r, "gaussian", -1, c); }},
       {{.claim = "From an identity start it rises with depth", .source = source, .printed = "higher rank"},
        [](const Results& r, Claim& c) { judge_depth(r, "identity", 1, c); }}});
}

const Register networks{Experiment{
    .id = "completion/networks",
    .title = "Stable rank of ReLU networks by start",
    .question = "Does a start that couples the units of a network end in layers of lower rank than one that does not?",
    .observe =
        "Layers that start as multiples of the identity keep a higher stable rank than Gaussian ones, yet they have "
        "more of it from the start: about n against n / 4.",
    .source = "paper 002, appendix C.1, figure 30",
    .parameters =
        {{.name = "init", .help = "start of the square hidden layers", .quick = {"gaussian", "identity"}},
         {.name = "depth", .help = "number of weight matrices", .quick = {2, 3, 5}, .minimum = 2, .maximum = 64},
         {.name = "gain",
          .help = "scale of the start, 1 is He's",
          .quick = {1.0},
          .paper = {0.3, 0.5, 1.0},
          .minimum = 0},
         {.name = "label_noise",
          .help = "share of the labels drawn anew",
          .quick = {main_noise},
          .paper = {0.0, main_noise},
          .minimum = 0,
          .maximum = 1},
         {.name = "width", .help = "units of a hidden layer", .quick = {96}, .minimum = 1},
         {.name = "epochs", .help = "passes over the data", .quick = {30}, .paper = {100}, .minimum = 1},
         {.name = "batch", .help = "examples a step", .quick = {100}, .minimum = 1},
         {.name = "lr", .help = "learning rate of SGD with momentum 0.9", .quick = {0.01}, .minimum = 0},
         {.name = "data",
          .help = "mixture (2000 points of 30 Gaussian clusters), or a folder with the binary CIFAR-10",
          .quick = {"mixture"},
          .any_text = true},
         {.name = "convention",
          .help = "authors: entries of std 0.01 or I, ReLU after the first layer alone",
          .quick = {"paper"},
          .choices = {"authors"}}},
    .trials = {.quick = 1, .paper = 3},
    .seconds = {.quick = 2, .paper = 40},
    .valid = [](const Params& p) { return p.text("init") == "gaussian" || p.integer("depth") > 2; },
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
