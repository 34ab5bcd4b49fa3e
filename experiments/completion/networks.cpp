// SPDX-License-Identifier: BSD-3-Clause
// Does a start that couples the units of a ReLU network lead to layers of lower rank than one that does not?
#include <algorithm>

#include <sigmagrad/experiments/completion/relu_network.hpp>
#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

using namespace lab;

namespace {

const Text init{.name = "init", .help = "start of the square hidden layers", .quick = {"gaussian", "identity"}};
const Int depth{.name = "depth", .help = "number of weight matrices", .quick = {2, 3, 5}, .minimum = 2, .maximum = 64};
const Real gain{
    .name = "gain", .help = "scale of the start, 1 is He's", .quick = {1.0}, .paper = {0.3, 0.5, 1.0}, .minimum = 0};
const Real label_noise{.name = "label_noise",
                       .help = "share of the labels drawn anew",
                       .quick = {0.2},
                       .paper = {0.0, 0.2},
                       .minimum = 0,
                       .maximum = 1};
const Int width{.name = "width", .help = "units of a hidden layer", .quick = {96}, .minimum = 1};
const Int epochs{.name = "epochs", .help = "passes over the data", .quick = {30}, .paper = {100}, .minimum = 1};
const Int batch{.name = "batch", .help = "examples a step", .quick = {100}, .minimum = 1};
const Real lr{.name = "lr", .help = "learning rate of SGD with momentum 0.9", .quick = {0.01}, .minimum = 0};
const Text data_set{.name = "data",
                    .help = "mixture (2000 points of 30 Gaussian clusters), or a folder with the binary CIFAR-10",
                    .quick = {"mixture"},
                    .any_text = true};
const Text convention{.name = "convention",
                      .help = "authors: entries of std 0.01 or I, ReLU after the first layer alone",
                      .quick = {"paper"},
                      .choices = {"authors"}};

const Quantity loss{.name = "loss", .label = "cross-entropy"};
const Quantity stable_rank{.name = "stable_rank", .label = "stable rank of a layer"};
const Quantity initial_stable_rank{.name = "initial_stable_rank", .label = "stable rank of a layer at the start"};
const Quantity stable_rank_ratio{.name = "stable_rank_ratio", .label = "stable rank, end / start"};
const Quantity accuracy{.name = "accuracy"};
const Curve loss_on_way{.name = "loss", .label = "cross-entropy", .over = "epoch"};
const Curve stable_rank_on_way{.name = "stable_rank", .label = "stable rank of a layer", .over = "epoch"};

constexpr double momentum = 0.9;
constexpr std::uint64_t start_stream = 1, order_stream = 2;

double share_right(const ReluNetwork& network, const Examples& data) {
  const NoGrad guard;
  return (argmax(network(data.x), -1) == data.labels.to(f64)).mean().item();
}

// SGD with momentum over shuffled batches; records the stable rank and the epoch's mean loss.
void train(Trial& t, const ReluNetwork& network, const Examples& data, Generator& order) {
  const std::int64_t n = data.x.size(0), size = std::min(t[batch], n);
  optim::SGD optimizer(network.parameters(), {.lr = t[lr], .momentum = momentum});
  auto rows = empty({size}, f32);
  auto total = zeros({}, f32);
  auto step = capture([&] {
    const auto of_batch = cross_entropy(network(index_select(data.x, 0, rows)), index_select(data.labels, 0, rows));
    optimizer.zero_grad();
    of_batch.backward();
    optimizer.step();
    total.add_(of_batch.detach());
  });
  const auto mean_loss = [&] { return total.item() / static_cast<double>(n / size); };
  const std::int64_t stride = std::max<std::int64_t>(t[epochs] / 20, 1);
  for (std::int64_t epoch = 1; epoch <= t[epochs]; ++epoch) {
    const auto permutation = randperm(n, order, f32);
    total.zero_();
    for (std::int64_t begin = 0; begin + size <= n; begin += size) {
      rows.copy_(permutation.narrow(0, begin, size));
      step();
    }
    if (epoch % stride != 0 && epoch != t[epochs]) continue;
    t.record(loss_on_way, static_cast<double>(epoch), mean_loss());
    t.record(stable_rank_on_way, static_cast<double>(epoch), network.stable_rank());
  }
  t.record(loss, mean_loss());
}

void trial(Trial& t) {
  const auto generator = t.generator(), starts = t.generator(start_stream), order = t.generator(order_stream);
  auto data = t[data_set] == "mixture" ? cluster_mixture(*generator) : cifar10_examples(t[data_set]);
  data = {data.x.to(f32), noisy_labels(data.labels, t[label_noise], *generator).to(f32)};
  const LayerStart start{t[init] == "identity", t[gain], t[convention] == "authors"};
  const ReluNetwork network({data.x.size(1), t[width], t[depth]}, start, *starts);
  const double before = network.stable_rank();
  train(t, network, data, *order);
  const double after = network.stable_rank();
  t.record(stable_rank, after);
  t.record(initial_stable_rank, before);
  t.record(stable_rank_ratio, after / before);
  t.record(accuracy, share_right(network, data));
}

const Selection main_result = gain == 1.0 && label_noise == 0.2;

using RankCondition = Condition (*)(const Statistic& rank);

// True at every depth that both starts have been run at: above 2, where they differ.
Condition gaussian_is_lower(const Statistic& rank) {
  return ratio(rank.at(init == "gaussian"), rank.at(init == "identity")) < 1.0;
}
Condition falls_from_gaussian(const Statistic& rank) { return decreases(rank.at(init == "gaussian"), depth); }
Condition rises_from_identity(const Statistic& rank) { return increases(rank.at(init == "identity"), depth); }

// A claim about the ends that holds if it is true of the ends relative to the starts too: what is true of the ends
// alone was there before training.
Claim by_training(const std::string& claim, const std::string& says, RankCondition compare) {
  return {.claim = claim,
          .source = "paper 002, appendix C.1, figure 30",
          .says = says,
          .holds = compare(median(stable_rank)) && compare(median(stable_rank_ratio)),
          .in_shape = compare(median(stable_rank)),
          .why = "A layer that starts as a multiple of the identity has more of it before training: n against n / 4."};
}

// How far the main result carries, in the ends.
Claim at_smaller_gains(const std::string& claim, RankCondition compare) {
  return {.claim = claim + " at smaller gains, too",
          .source = "beyond figure 30",
          .says = "not treated there",
          .holds = compare(median(stable_rank).at(gain < 1.0 && any(label_noise))),
          .why = "With correct labels, and with those redrawn; smaller starts leave more to training."};
}

const Register networks{
    {.id = "completion/networks",
     .title = "Stable rank of ReLU networks by start",
     .question = "Does a start that couples the units of a network end in layers of lower rank than one that does not?",
     .observe =
         "Layers that start as multiples of the identity keep a higher stable rank than Gaussian ones, yet they have "
         "more of it from the start: about n against n / 4.",
     .source = "paper 002, appendix C.1, figure 30",
     .parameters = {init, depth, gain, label_noise, width, epochs, batch, lr, data_set, convention},
     .printed_at = main_result,
     .trials = {.quick = 3, .paper = 3},
     .seconds = {.quick = 6, .paper = 40},
     .valid = [](const Params& p) { return p[init] == "gaussian" || p[depth] > 2; },
     .valid_rule = "a network of depth 2 has no hidden layer that might start as the identity",
     .trial = trial,
     .figures = {figure("",
                        "Fully connected ReLU networks from a Gaussian start, and from one whose hidden layers are "
                        "multiples of the identity with the same Frobenius norm, at gain 1 and with a fifth of the "
                        "labels redrawn: training loss, and the mean stable rank of all layers but the last.")
                     .at(main_result)
                     .panel("Training loss", plot(loss_on_way).by(init).log_y())
                     .panel("Stable rank during training", plot(stable_rank_on_way).by(init))
                     .panel("At the end", plot(depth, stable_rank).by(init))
                     .panel("Relative to the start", plot(depth, stable_rank_ratio).by(init))},
     .claims = {by_training("A Gaussian start leads to layers of lower stable rank than an identity start",
                            "noticeably lower", gaussian_is_lower),
                by_training("From a Gaussian start the stable rank falls with depth", "decreases", falls_from_gaussian),
                by_training("From an identity start it rises with depth", "higher rank", rises_from_identity),
                at_smaller_gains("A Gaussian start leads to lower stable rank", gaussian_is_lower),
                at_smaller_gains("From a Gaussian start it falls with depth", falls_from_gaussian),
                at_smaller_gains("From an identity start it rises with depth", rises_from_identity)}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
