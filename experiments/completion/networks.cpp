// SPDX-License-Identifier: BSD-3-Clause
// Does a start that couples the units of a ReLU network lead to layers of lower rank than one that does not?
#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/examples.hpp>
#include <sigmagrad/experiments/completion/relu_network.hpp>
#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

using namespace lab;

namespace {

const Text init{.name = "init", .help = "start of the square hidden layers", .quick = {"gaussian", "identity"}};
const Int depth{.name = "depth",
                .help = "number of hidden layers, which have one weight matrix more",
                .quick = {2, 3, 5},
                .minimum = 1,
                .maximum = 64};
const Text start_scale{.name = "scale",
                       .help =
                           "small: entries of std 0.01 (at width 512) and I, as in the authors' program; he: of std "
                           "sqrt(2/in) and sqrt(2) I, which have one Frobenius norm",
                       .quick = {"small"},
                       .paper = {"small", "he"}};
const Real gain{.name = "gain", .help = "the start is multiplied by it", .quick = {1.0}, .minimum = 0};
const Real label_noise{.name = "label_noise",
                       .help = "share of the labels to train on that is drawn anew",
                       .quick = {0.0},
                       .minimum = 0,
                       .maximum = 1};
const Text data_set{.name = "data",
                    .help =
                        "fashion-mnist (of Debian's dataset-fashion-mnist, the default where it is installed), "
                        "mixture (points of 30 Gaussian clusters), or a folder with the binary CIFAR-10 or with files "
                        "of MNIST's form",
                    .quick = {default_data()},
                    .choices = {"fashion-mnist", "mixture"},
                    .any_text = true};
const Int examples{.name = "examples",
                   .help = "to train on, drawn from all there are; 0: all of them (2000 of the mixture)",
                   .quick = {800},
                   .paper = {0},
                   .minimum = 0};
const Int width{.name = "width", .help = "units of a hidden layer", .quick = {96}, .paper = {512}, .minimum = 1};
const Int epochs{.name = "epochs", .help = "passes over the data", .quick = {80}, .paper = {100}, .minimum = 1};
const Int batch{.name = "batch", .help = "examples a step", .quick = {32}, .paper = {256}, .minimum = 1};
const Real lr{.name = "lr", .help = "learning rate of SGD with momentum 0.9", .quick = {0.01}, .minimum = 0};
const Text convention{.name = "convention",
                      .help = "ReLU after every hidden layer, or as in the authors' program after all but the first",
                      .quick = {"paper"},
                      .choices = {"authors"}};

const Quantity loss{.name = "loss", .label = "cross-entropy"};
const Quantity stable_rank{.name = "stable_rank", .label = "stable rank of a layer"};
const Quantity initial_stable_rank{.name = "initial_stable_rank", .label = "stable rank of a layer at the start"};
const Quantity stable_rank_ratio{.name = "stable_rank_ratio", .label = "stable rank, end / start"};
const Quantity accuracy{.name = "accuracy", .label = "training accuracy", .bounds = {0, 1}};
const Quantity test_accuracy{.name = "test_accuracy", .label = "test accuracy", .bounds = {0, 1}};
const Curve loss_on_way{.name = "loss", .label = "cross-entropy", .over = "epoch"};
const Curve stable_rank_on_way{.name = "stable_rank", .label = "stable rank of a layer", .over = "epoch"};

constexpr double momentum = 0.9;
constexpr std::uint64_t start_stream = 1, order_stream = 2;

double share_right(const ReluNetwork& network, const Examples& data) {
  constexpr std::int64_t piece = 1000;  // of the whole set, hidden layers would take much memory
  const NoGrad guard;
  const std::int64_t n = data.x.size(0);
  double right = 0;
  for (std::int64_t begin = 0; begin < n; begin += piece) {
    const std::int64_t size = std::min(piece, n - begin);
    const auto labels = data.labels.narrow(0, begin, size).to(f64);
    right += (argmax(network(data.x.narrow(0, begin, size)), -1) == labels).sum().item();
  }
  return right / static_cast<double>(n);
}

// SGD with momentum over shuffled batches, the last of an epoch smaller where they do not divide the examples. Every
// batch has one shape, so that one captured step serves all: places that a smaller one leaves free count nothing.
class Training {
 public:
  Training(const ReluNetwork& network, const Examples& data, const Trial& t)
      : n_(data.x.size(0)),
        size_(std::min(t[batch], n_)),
        optimizer_(network.parameters(), {.lr = t[lr], .momentum = momentum}),
        rows_(zeros({size_}, f32)),
        shares_(zeros({size_}, f32)),
        step_(capture([this, network, data] {
          const auto logits = network(index_select(data.x, 0, rows_));
          const auto terms = cross_entropy(logits, index_select(data.labels, 0, rows_), Reduction::None);
          const auto of_batch = (shares_ * terms).sum();
          optimizer_.zero_grad();
          of_batch.backward();
          optimizer_.step();
          total_.add_(of_batch.detach() * in_batch_);
        })) {}

  Training(const Training&) = delete;  // the step refers to this object
  Training& operator=(const Training&) = delete;

  // Returns the mean loss of the examples, each as its batch met it.
  double epoch(Generator& order) {
    const auto permutation = randperm(n_, order, f32);
    total_.zero_();
    for (std::int64_t begin = 0; begin < n_; begin += size_) {
      const std::int64_t some = std::min(size_, n_ - begin);
      const auto free = zeros({size_ - some}, f32);
      rows_.copy_(cat({permutation.narrow(0, begin, some), free}, 0));
      shares_.copy_(cat({full({some}, 1.0 / static_cast<double>(some), f32), free}, 0));
      in_batch_.fill_(static_cast<double>(some));
      step_();
    }
    return total_.item() / static_cast<double>(n_);
  }

 private:
  std::int64_t n_, size_;
  optim::SGD optimizer_;
  Tensor rows_, shares_;  // [size]: of the batch, and what each counts in its mean
  Tensor in_batch_ = zeros({}, f32), total_ = zeros({}, f32);
  CapturedStep step_;
};

// Records the stable rank and the epoch's mean loss.
void train(Trial& t, const ReluNetwork& network, const Examples& data, Generator& order) {
  Training training(network, data, t);
  const std::int64_t stride = std::max<std::int64_t>(t[epochs] / 20, 1);
  for (std::int64_t epoch = 1; epoch <= t[epochs]; ++epoch) {
    const double mean_loss = training.epoch(order);
    if (epoch == t[epochs]) t.record(loss, mean_loss);
    if (epoch % stride != 0 && epoch != t[epochs]) continue;
    t.record(loss_on_way, static_cast<double>(epoch), mean_loss);
    t.record(stable_rank_on_way, static_cast<double>(epoch), network.stable_rank());
  }
}

LayerStart start_of(const Params& p) {
  return {.scale = p[start_scale] == "he" ? LayerStart::Scale::He : LayerStart::Scale::Small,
          .identity = p[init] == "identity",
          .gain = p[gain]};
}

void trial(Trial& t) {
  const auto generator = t.generator(), starts = t.generator(start_stream), order = t.generator(order_stream);
  auto [train_on, test] = train_and_test(t[data_set], t[examples], *generator);
  train_on.labels = noisy_labels(train_on.labels, t[label_noise], *generator);
  const auto activations = t[convention] == "authors" ? Activations::AllButFirst : Activations::All;
  const ReluNetwork network({train_on.x.size(1), t[width], t[depth]}, start_of(t.params()), activations, *starts);
  const double before = network.stable_rank();
  train(t, network, train_on, *order);
  const double after = network.stable_rank();
  t.record(stable_rank, after);
  t.record(initial_stable_rank, before);
  t.record(stable_rank_ratio, after / before);
  t.record(accuracy, share_right(network, train_on));
  t.record(test_accuracy, share_right(network, test));
}

constexpr double low_loss = 0.1;  // ln 10 = 2.3 is that of a network that knows nothing

// The median over a group's trials, each of which has learned what it was shown: ranks of networks that have not tell
// how far training went.
Statistic of_trained(const Quantity& rank) {
  return of_trials("median " + rank.text(), [rank](const Sample& sample) {
    const double worst = std::ranges::max(sample.values(loss));
    if (worst >= low_loss)
      throw NotRun(fmt::format("a loss of {:.2g} is left with init = {}, depth = {}: ranks are compared below {:g}",
                               worst, sample[init], sample[depth], low_loss));
    return sample.median(rank);
  });
}

using RankCondition = Condition (*)(const Statistic& rank);

// True at every depth that both starts have been run at.
Condition gaussian_is_lower(const Statistic& rank) {
  return ratio(rank.at(init == "gaussian"), rank.at(init == "identity")) < 1.0;
}
Condition falls_from_gaussian(const Statistic& rank) { return decreases(rank.at(init == "gaussian"), depth); }
Condition rises_from_identity(const Statistic& rank) { return increases(rank.at(init == "identity"), depth); }

const Condition low_and_alike =
    largest(loss) < low_loss && abs(median(loss).at(init == "gaussian") - median(loss).at(init == "identity")) < 0.05;

// A claim about the ends that holds if it is true of the ends relative to the starts too: what is true of the ends
// alone was there before training.
Claim by_training(const std::string& claim, const std::string& says, RankCondition compare) {
  return {.claim = claim,
          .says = says,
          .holds = compare(of_trained(stable_rank)) && compare(of_trained(stable_rank_ratio)),
          .in_shape = compare(of_trained(stable_rank)),
          .why = "A layer that starts as a multiple of the identity has more of it before training: n against n / 4."};
}

// Whether it is the coupling or the size: in print the identity's entries are larger.
Claim at_equal_norms(const std::string& claim, RankCondition compare) {
  const auto ends = of_trained(stable_rank).at(start_scale == "he");
  return {.claim = claim + " where both starts have one Frobenius norm",
          .source = "beyond figure 30",
          .says = "not treated there",
          .holds = compare(ends) && compare(of_trained(stable_rank_ratio).at(start_scale == "he")),
          .in_shape = compare(ends),
          .why =
              "At width 512 the printed identity is 4.4 times as large as a square layer of the printed Gaussian "
              "start. Again it is asked of the ends, and of the ends relative to the starts."};
}

const Register networks{
    {.id = "completion/networks",
     .title = "Stable rank of ReLU networks by start",
     .question = "Does a start that couples the units of a network end in layers of lower rank than one that does not?",
     .observe =
         "Yes: on 800 images of Fashion-MNIST layers end at stable ranks of 8.0, 5.6 and 4.0 with two, three and five "
         "hidden layers from the Gaussian start, of 19, 26 and 35 from the identity, at losses below 0.01 and test "
         "accuracies of 77 to 80%. Much of it is the size of the start: at one Frobenius norm the ranks are 30, 28 "
         "and 25 against 41, 48 and 52, and there training takes more of it from the identity, which has about n at "
         "the outset, against n / 4.",
     .source = "paper 002, appendix C.1, figure 30",
     .parameters = {init, depth, start_scale, gain, label_noise, width, epochs, batch, lr, examples, data_set,
                    convention},
     .printed_at = start_scale == "small",
     .trials = {.quick = 3, .paper = 3},
     .seconds = {.quick = 5, .paper = 7000},
     .valid = [](const Params& p) { return p[init] == "gaussian" || p[depth] > 1; },
     .valid_rule = "a network with one hidden layer has no square one that might start as the identity",
     .trial = trial,
     .figures = {figure("",
                        "Fully connected ReLU networks from a Gaussian start, and from one whose square layers are "
                        "multiples of the identity: training loss, and the mean stable rank of all layers but the "
                        "last, by the number of hidden layers.")
                     .each(start_scale)
                     .panel("Training loss", plot(loss_on_way).by(init).log_y())
                     .panel("Stable rank during training", plot(stable_rank_on_way).by(init))
                     .panel("At the end", plot(depth, stable_rank).by(init))
                     .panel("Relative to the start", plot(depth, stable_rank_ratio).by(init))
                     .panel("Test accuracy", plot(depth, test_accuracy).by(init))},
     .claims = {
         {.claim = "Both starts reach a training loss that is low, and alike",
          .says = "both successfully achieve low training loss",
          .holds = low_and_alike,
          .in_shape = largest(loss) < low_loss,
          .why =
              "Ranks are compared among networks that have learned what they were shown: every trial's loss "
              "is below 0.1, and medians differ by less than 0.05 (limits of ours; 2.3 is the loss of a network that "
              "knows nothing). The paper's images are CIFAR-10 (--set data=FOLDER); of others the "
              "claims are judged as they were run."},
         by_training("A Gaussian start leads to layers of lower stable rank than an identity start", "noticeably lower",
                     gaussian_is_lower),
         by_training("From a Gaussian start the stable rank falls with depth", "decreases", falls_from_gaussian),
         by_training("From an identity start it rises with depth", "higher rank", rises_from_identity),
         at_equal_norms("A Gaussian start leads to lower stable rank", gaussian_is_lower),
         at_equal_norms("From a Gaussian start it falls with depth", falls_from_gaussian),
         at_equal_norms("From an identity start it rises with depth", rises_from_identity)}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
