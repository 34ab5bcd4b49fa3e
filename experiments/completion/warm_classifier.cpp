// SPDX-License-Identifier: BSD-3-Clause
// Does a classifier that has learned half of the examples end worse than one that meets all of them at once?
#include <vector>

#include <sigmagrad/experiments/completion/examples.hpp>
#include <sigmagrad/experiments/completion/phases.hpp>
#include <sigmagrad/experiments/completion/relu_network.hpp>
#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

const Int hidden{.name = "depth", .help = "hidden layers", .quick = {2}, .paper = {2, 4}, .minimum = 1};
const Int units{.name = "width", .help = "units of a hidden layer", .quick = {48}, .minimum = 2};
const Int examples{.name = "examples", .help = "to train on, of a mixture", .quick = {300}, .minimum = 20};
const Real share{
    .name = "share", .help = "of them that are seen before", .quick = {0.5}, .minimum = 0.05, .maximum = 1};
const Real label_noise{.name = "label_noise",
                       .help = "share of the labels that is drawn anew",
                       .quick = {0.0, 0.2},
                       .minimum = 0,
                       .maximum = 1};
const Int steps{.name = "steps",
                .help = "of gradient descent with momentum 0.9 on all examples seen, in each training",
                .quick = {200},
                .minimum = 1};
const Real lr{.name = "lr", .help = "learning rate, which comes down to 0", .quick = {0.05}, .minimum = 0};

const Quantity test_accuracy{.name = "test_accuracy", .label = "test accuracy", .bounds = {0, 1}};
const Quantity loss{.name = "loss", .label = "cross-entropy"};
const Quantity lost{.name = "lost", .label = "test accuracy, cold - warm"};

constexpr std::uint64_t start_stream = 1;

void train(const ReluNetwork& network, const Examples& seen, const Trial& t) {
  optim::SGD optimizer(network.parameters(), {.lr = t[lr], .momentum = 0.9});
  optim::CosineAnnealingLR schedule(optimizer, {.T_max = t[steps]});
  auto step = capture([&] {
    const auto of_all = cross_entropy(network(seen.x), seen.labels);
    optimizer.zero_grad();
    of_all.backward();
    optimizer.step();
  });
  for (std::int64_t k = 0; k < t[steps]; ++k) {
    step();
    schedule.step();
  }
}

double accuracy(const ReluNetwork& network, const Examples& data) {
  const NoGrad guard;
  return mean((argmax(network(data.x), -1) == data.labels.to(f64))).item();
}

// One training of a trial: what it ends at.
double run(Trial& t, const Phase& phase, const ReluNetwork& network, const Examples& seen, const Examples& test) {
  train(network, seen, t);
  const double right = accuracy(network, test);
  t.record(phase(test_accuracy), right);
  const NoGrad guard;
  t.record(phase(loss), cross_entropy(network(seen.x), seen.labels).item());
  return right;
}

void trial(Trial& t) {
  const auto generator = t.generator(), starts = t.generator(start_stream);
  auto data = train_and_test("mixture", t[examples], *generator);
  data.train.labels = noisy_labels(data.train.labels, t[label_noise], *generator);
  const auto half = static_cast<std::int64_t>(t[share] * static_cast<double>(t[examples]));
  const Examples part{data.train.x.narrow(0, 0, half), data.train.labels.narrow(0, 0, half)};
  const NetworkSize size{data.train.x.size(1), t[units], t[hidden]};
  const ReluNetwork warm(size, {}, Activations::All, *starts), cold(size, {}, Activations::All, *starts);
  run(t, before, warm, part, data.test);
  const double ended_warm = run(t, warm_start, warm, data.train, data.test);
  const double ended_cold = run(t, cold_start, cold, data.train, data.test);
  t.record(lost, ended_cold - ended_warm);
}

const Register warm_classifier{
    {.id = "completion/warm-classifier",
     .title = "Warm starts of a classifier",
     .question = "Does a classifier that has learned half of the examples end worse than one that meets all at once?",
     .observe = "Not on points of a mixture: with a fifth of the labels wrong both end within a percent of test "
                "accuracy of each "
                "other, and with right ones both make no error.",
     .source = "paper 002, appendix A.2, after Ash and Adams 2020",
     .parameters = {hidden, label_noise, share, examples, units, steps, lr},
     .trials = {.quick = 6, .paper = 20},
     .seconds = {.quick = 1, .paper = 5},
     .trial = trial,
     .figures = {figure(
                     "",
                     "ReLU classifiers of points of a mixture: trained on half of the examples, then on all (warm), or "
                     "on all from a new start (cold).")
                     .panel("Test accuracy", by_phase(label_noise, test_accuracy))
                     .panel("What a warm start loses", plot(label_noise, lost))},
     .claims = {
         {.claim = "Warm-started networks generalise worse",
          .says = "lower test accuracy",
          .holds = above(mean(lost), 0.0),
          .in_shape = mean(lost).at(label_noise == 0.2) > 0.0,
          .why = "On the mixture, at every depth, with labels all right and with a fifth drawn anew; in shape, with "
                 "these."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
