// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <sigmagrad/experiments/networks/training.hpp>
#include <sigmagrad/lab/model/judging.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/runs.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {
namespace {

using namespace experiments::networks;

std::int64_t parameters_of(const nn::Sequential& net) {
  std::int64_t n = 0;
  for (const auto& parameter : net.parameters()) n += parameter.numel();
  return n;
}

double one_step(const nn::Sequential& net) {
  optim::SGD optimizer(net.parameters(), {.lr = 0.01});
  const auto x = randn({2, 3, 32, 32}, f32);
  const auto loss = cross_entropy(net(x), {1, 3});
  loss.backward();
  optimizer.step();
  return cross_entropy(net(x), {1, 3}).item();
}

// Adds up the products of all convolutions and linear layers whenever the network meets images.
void count_products(const nn::Sequential& net, std::int64_t& sum) {
  const auto count = [&sum](const auto& layer) {
    const std::int64_t each = layer.weight.numel() / layer.weight.size(0);
    layer.register_forward_hook([&sum, each](const Tensor&, const Tensor& y) { sum += y.numel() * each; });
  };
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (const auto* convolution = net.layer<nn::Conv2d>(i)) count(*convolution);
    if (const auto* linear = net.layer<nn::Linear>(i)) count(*linear);
    if (const auto* inner = net.layer<nn::Sequential>(i)) count_products(*inner, sum);
    if (const auto* residual = net.layer<nn::Residual>(i)) {
      count_products(residual->branch(), sum);
      count_products(residual->shortcut(), sum);
    }
  }
}

struct Sizes {
  std::int64_t depth, parameters, products;  // products: multiply-adds an image
};

// One step of a network as wide as published meets two images twice.
void expect_sizes_and_a_step(const nn::Sequential& net, const Sizes& sizes) {
  EXPECT_EQ(parameters_of(net), sizes.parameters) << sizes.depth;
  std::int64_t products = 0;
  count_products(net, products);
  EXPECT_TRUE(std::isfinite(one_step(net))) << sizes.depth;
  EXPECT_EQ(products, 4 * sizes.products) << sizes.depth;
}

// Parameters are convolutions k k in out, two numbers a channel of a batch norm, and 10 classes: of ResNet-18 1,856 in
// the stem, 147,968, 525,568, 2,099,712 and 8,393,728 in the stages, 5,130 behind them. Products are k k in out at each
// place, which strides and pools decide: 1,769,472 in the stem at 32 x 32, 150,994,944 in the first stage, 134,217,728
// in each of the others, at 16 x 16, 8 x 8 and 4 x 4, and 5,120. Bottlenecks stride in their 3 x 3 convolutions.
TEST(Architectures, HaveTheParametersAndProductsPublishedAndTrain) {
  manual_seed(1);
  for (const Sizes& sizes : {Sizes{18, 11173962, 555422720}, Sizes{34, 21282122, 1159402496},
                             Sizes{50, 23520842, 1297829888}, Sizes{101, 42512970, 2509983744}})
    expect_sizes_and_a_step(resnet(sizes.depth, 64, {}), sizes);
  for (const Sizes& sizes : {Sizes{11, 9231114, 152769536}, Sizes{13, 9416010, 228267008},
                             Sizes{16, 14728266, 313201664}, Sizes{19, 20040522, 398136320}})
    expect_sizes_and_a_step(vgg(sizes.depth, 64, {}), sizes);
}

TEST(Architectures, StartAsTheAuthorsAndRefuseOtherDepths) {
  manual_seed(2);
  const auto stem = resnet(18, 64, {}).parameters()[0];  // N(0, 2 / (9 * 64))
  EXPECT_EQ(stem.shape(), (Shape{64, 3, 3, 3}));
  EXPECT_NEAR(std(stem).item(), std::sqrt(2.0 / (9 * 64)), 0.003);
  EXPECT_EQ(error_of([] { resnet(20, 64, {}); }), "resnet: there is no ResNet-20 here (18, 34, 50 or 101)");
  EXPECT_EQ(error_of([] { vgg(12, 64, {}); }), "vgg: there is no VGG-12 here (11, 13, 16 or 19)");
}

TEST(Architectures, TakeOtherChannelsClassesAndWidths) {
  const auto x = zeros({2, 1, 32, 32}, f32);
  EXPECT_EQ(resnet(50, 4, {1, 10})(x).shape(), (Shape{2, 10}));
  EXPECT_EQ(vgg(11, 4, {1, 100})(x).shape(), (Shape{2, 100}));
}

TEST(SyntheticImages, AreAtChanceForALinearModelAndEasyForAConvolution) {
  Generator generator(3);
  const auto train = synthetic_images(1000, generator), test = synthetic_images(1000, generator);
  const auto seen = normalize({0.5, 0.5, 0.5}, {0.2, 0.2, 0.2});
  manual_seed(4);
  const auto after = [&](const nn::Sequential& net) {
    net.to(f32);
    optim::Adam optimizer(net.parameters(), {.lr = 0.003});
    const auto x = seen(train.tensors()[0], {});
    for (int epoch = 0; epoch < 6; ++epoch)
      for (const auto& [images, labels] : DataLoader(x, train.tensors()[1], {.batch = 50, .shuffle = true})) {
        optimizer.zero_grad();
        cross_entropy(net(images), labels).backward();
        optimizer.step();
      }
    return accuracy(net, test, seen);
  };
  const double linear = after(nn::Sequential{nn::Flatten(), nn::Linear(3 * 32 * 32, 10)});
  const double convolution =
      after(nn::Sequential{nn::Conv2d(3, 32, 3, {.padding = 1}), nn::ReLU(), nn::AdaptiveAvgPool2d(1), nn::Flatten(),
                           nn::BatchNorm1d(32), nn::Linear(32, 10)});
  EXPECT_LT(linear, 0.15);
  EXPECT_GT(convolution, 0.7);
}

struct Trained {
  History history;
  nn::Sequential net;
};

Trained trained(const Images& images, const TrainingOptions& options) {
  default_generator().seed(7, 0, 1);
  auto net = vgg(11, 4, images.form);
  auto history = train(net, images, options);
  return {std::move(history), net};
}

void expect_same(const Trained& one, const Trained& other) {
  const auto all_same = [](const NamedTensors& state, const NamedTensors& others) {
    ASSERT_EQ(state.size(), others.size());
    for (const auto& [name, tensor] : state) EXPECT_TRUE(same(tensor, others[name])) << name;
  };
  all_same(one.history.state_dict(), other.history.state_dict());
  all_same(one.net.state_dict(), other.net.state_dict());
}

class Checkpointed : public ::testing::TestWithParam<std::string> {
 protected:
  Images images() {
    Generator generator(6);
    return load_images({.set = "synthetic", .samples = 300}, generator);
  }
};

TEST_P(Checkpointed, ATrainingThatWasStoppedEndsWithTheSameBits) {
  const Scratch scratch;
  const auto shown = images();
  const TrainingOptions usual{.optimizer = GetParam(), .epochs = 4};
  auto kept = usual;
  kept.checkpoint = scratch / "kept.safetensors";
  const auto whole = trained(shown, usual);
  auto failing = shown;
  int calls = 0;
  failing.normalize = [&](const Tensor& x, std::span<Generator> draws) {
    if (++calls > 12) throw Error("stopped");  // three batches to train, and two to test with, an epoch: in the third
    return shown.normalize(x, draws);
  };
  EXPECT_EQ(error_of([&] { trained(failing, kept); }), "stopped");
  ASSERT_TRUE(std::filesystem::exists(kept.checkpoint));
  calls = -100;
  expect_same(trained(failing, kept), whole);
  EXPECT_EQ(calls, -100 + 10);  // two epochs were left
}

TEST_P(Checkpointed, ThreadsOfATrialChangeNoBit) {
  const auto shown = images();
  const TrainingOptions options{.optimizer = GetParam(), .epochs = 1};
  const auto alone = trained(shown, options);
  set_num_threads(3);
  const auto together = trained(shown, options);
  set_num_threads(1);
  expect_same(together, alone);
}

TEST_P(Checkpointed, WhatDoesNotFitIsSetAside) {
  const Scratch scratch;
  const auto shown = images();
  const TrainingOptions options{.optimizer = GetParam(), .epochs = 1, .checkpoint = scratch / "kept.safetensors"};
  const auto whole = trained(shown, {.optimizer = GetParam(), .epochs = 1});
  scratch.file("kept.safetensors", "no checkpoint");
  ::testing::internal::CaptureStderr();
  expect_same(trained(shown, options), whole);
  const auto said = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(said.find("kept.safetensors") != std::string::npos) << said;
  EXPECT_TRUE(said.ends_with("; it is set aside as kept.safetensors.unfit, and this training starts anew\n")) << said;
  EXPECT_EQ(std::ranges::count(said, '\n'), 1);
  EXPECT_TRUE(std::filesystem::exists(scratch / "kept.safetensors.unfit"));
  EXPECT_EQ(trained(shown, options).history.table().size(0), 2);  // goes on from the end: nothing is left to do
}

std::unique_ptr<optim::Optimizer> published(const std::string& name, const TensorList& parameters) {
  if (name == "sgd")
    return std::make_unique<optim::SGD>(
        parameters, optim::SGDOptions{.lr = 0.1, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true});
  if (name == "adam")
    return std::make_unique<optim::Adam>(parameters,
                                         optim::AdamOptions{.lr = 1e-3, .betas = {0.9, 0.99}, .weight_decay = 1e-5});
  return std::make_unique<optim::RMSprop>(parameters,
                                          optim::RMSpropOptions{.lr = 1e-3, .weight_decay = 1e-5, .momentum = 0.9});
}

// A loop by hand, without a capture: two epochs of three batches, over which the rate falls as 1 + cos(pi k / 6).
TEST_P(Checkpointed, TheStepsAreThoseOfThePaper) {
  const auto shown = images();
  const auto found = trained(shown, {.optimizer = GetParam(), .epochs = 2});
  default_generator().seed(7, 0, 1);
  const auto net = vgg(11, 4, shown.form);
  const auto optimizer = published(GetParam(), net.parameters());
  const double rate = optimizer->groups()[0].lr();
  DataLoader batches(
      shown.train,
      {.batch = 128, .shuffle = true, .transforms = {random_crop(4), random_horizontal_flip(), shown.normalize}});
  int step = 0;
  for (int epoch = 0; epoch < 2; ++epoch)
    for (const auto& [x, labels] : batches) {
      optimizer->groups()[0].set_lr(rate * (1.0 + std::cos(std::numbers::pi * step / 6)) / 2);
      optimizer->zero_grad();
      cross_entropy(net(x), labels).backward();
      optimizer->step();
      ++step;
    }
  ASSERT_EQ(step, 6);
  for (const auto& [name, tensor] : net.state_dict()) EXPECT_TRUE(same(tensor, found.net.state_dict()[name])) << name;
}

INSTANTIATE_TEST_SUITE_P(Every, Checkpointed, ::testing::Values("sgd", "adam", "rmsprop"),
                         [](const auto& one) { return one.param; });

// exp of the entropy of p = s^power / sum s^power.
double effective_rank(const std::vector<double>& values, double power) {
  double sum = 0.0, entropy = 0.0;
  for (const double s : values) sum += std::pow(s, power);
  for (const double s : values) entropy -= std::pow(s, power) / sum * std::log(std::pow(s, power) / sum);
  return std::exp(entropy);
}

// Every entry of the first kernel is at a place of its own among the 3 x 3. In either view of it no two rows then share
// a column: the singular values are the lengths of (3, 0, 1) and (4, 12, 2), or of (3, 4), (0, 12) and (1, 2).
TEST(Ranks, AreMeansOverAllLayersButTheLastOfBothViewsAndBothEntropies) {
  const auto shown = [] {
    Generator generator(8);
    return load_images({.set = "synthetic", .samples = 20}, generator);
  }();
  nn::Sequential net{nn::Conv2d(3, 2, 3, {.padding = 1}),
                     nn::ReLU(),
                     nn::Conv2d(2, 2, 1),
                     nn::AdaptiveAvgPool2d(1),
                     nn::Flatten(),
                     nn::Linear(2, 10)};
  net.to(f32);
  const std::vector<double> entries{3, 0, 1, 4, 12, 2};  // [out, in]
  std::vector<double> first(6 * 9);
  for (std::size_t i = 0; i < 6; ++i) first[9 * i + i] = entries[i];
  {
    const NoGrad guard;
    auto kernel = net.layer<nn::Conv2d>(0)->weight, pointwise = net.layer<nn::Conv2d>(2)->weight;
    kernel.copy_(tensor(first).reshape({2, 3, 3, 3}).to(f32));
    pointwise.copy_(tensor({1.0, 0.0, 0.0, 3.0}).reshape({2, 2, 1, 1}).to(f32));
  }
  const auto history = train(net, shown, {.epochs = 1});
  const std::vector<double> channels{5, 12, std::sqrt(5.0)}, rows{std::sqrt(10.0), std::sqrt(164.0)}, second{1, 3};
  const auto expect = [&](const char* name, const std::vector<double>& values, double power) {
    const double mean = (effective_rank(values, power) + effective_rank(second, power)) / 2;
    EXPECT_NEAR(history[name].values.front(), mean, 1e-5) << name;
  };
  expect("effective_rank", channels, 1);
  expect("effective_rank_squares", channels, 2);
  expect("effective_rank_rows", rows, 1);
  expect("effective_rank_rows_squares", rows, 2);
}

struct MadeUp {
  std::string images = "cifar10";
  std::int64_t divisor = 1, epochs = 200, samples = 0;
  double rank_step = -5.0, change_step = -0.1;  // from one depth to the next
  double accuracy = 1.0;
};

// Five trials of VGG trained by SGD at each depth.
void add_groups(std::vector<lab::Group>& groups, const MadeUp& made) {
  double rank = 60.0, change = 0.9;
  for (const std::int64_t depth : {11, 13, 16, 19}) {
    lab::Group group(lab::Params({{"depth", depth},
                                  {"images", made.images},
                                  {"data", "somewhere"},
                                  {"optimizer", "sgd"},
                                  {"narrower", made.divisor},
                                  {"epochs", made.epochs},
                                  {"samples", made.samples}}));
    for (int trial = 0; trial < 5; ++trial)
      group.add(trial, {{"train_accuracy", made.accuracy},
                        {"effective_rank", rank + 0.1 * trial},
                        {"effective_rank_change", change + 0.001 * trial}});
    groups.push_back(group);
    rank += made.rank_step;
    change += made.change_step;
  }
}

lab::Verdict verdict_of_vgg(const std::vector<lab::Group>& groups, const std::string& ending) {
  for (const auto& claim : lab::judge(lab::Results(groups), lab::find_experiment("networks/vgg").claims))
    if (claim.claim.ends_with(ending)) return claim.verdict;
  throw std::out_of_range("no claim ends with " + ending);
}

TEST(NetworksVgg, ThePrintedClaimsAreJudgedEachOnItsOwnImages) {
  std::vector<lab::Group> groups;
  add_groups(groups, {});
  add_groups(groups, {.images = "cifar100", .rank_step = 5.0});
  EXPECT_EQ(verdict_of_vgg(groups, "VGG trained by SGD with momentum on CIFAR-10"), lab::Verdict::Holds);
  EXPECT_EQ(verdict_of_vgg(groups, "VGG trained by SGD with momentum on CIFAR-100"), lab::Verdict::DoesNotHold);
  EXPECT_EQ(verdict_of_vgg(groups, "VGG trained by Adam on CIFAR-10"), lab::Verdict::NotTested);
}

TEST(NetworksVgg, ThePrintedClaimsAskForThePrintedSizeAndForTraining) {
  const auto verdict = [](const MadeUp& made) {
    std::vector<lab::Group> groups;
    add_groups(groups, made);
    return verdict_of_vgg(groups, "VGG trained by SGD with momentum on CIFAR-10");
  };
  EXPECT_EQ(verdict({.change_step = 0.1}), lab::Verdict::HoldsInShape);  // the order was there before training
  for (const MadeUp& other : {MadeUp{.divisor = 2}, {.epochs = 199}, {.samples = 4000}, {.accuracy = 0.5}})
    EXPECT_EQ(verdict(other), lab::Verdict::NotTested);
}

TEST(NetworksVgg, RecordsAndJudgesWhatWasRunAlone) {
  const auto result =
      run_json("networks/vgg --set images=synthetic --set samples=128 --set epochs=1 --set narrower=32 --trials 1");
  EXPECT_EQ(verdict_of(result, "VGG trained by SGD with momentum on CIFAR-100"), "not tested");
  const auto& reduced =
      claim_of(result, "As run: the mean effective rank falls with depth: VGG trained by SGD with momentum");
  EXPECT_EQ(reduced.at("verdict"), "not tested");
  EXPECT_NE(reduced.at("why").get<std::string>().find("ranks are compared from 5 trials on (got 1)"),
            std::string::npos);
  for (const int depth : {11, 13})
    for (const char* rank : {"effective_rank", "effective_rank_squares", "effective_rank_rows_squares"})
      EXPECT_GT(value_of(result, {{"depth", depth}}, rank), 1.0);
}

}  // namespace
}  // namespace sigmagrad::testing
