// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include <sigmagrad/experiments/networks/training.hpp>
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

// Convolutions k k in out, two numbers a channel of a batch norm, and 10 classes: of ResNet-18 1,856 in the stem,
// 147,968, 525,568, 2,099,712 and 8,393,728 in the stages, 5,130 behind them.
TEST(Architectures, HaveAsManyParametersAsPublishedAndTrain) {
  const std::map<std::int64_t, std::int64_t> residual{{18, 11173962}, {34, 21282122}, {50, 23520842}, {101, 42512970}},
      plain{{11, 9231114}, {13, 9416010}, {16, 14728266}, {19, 20040522}};
  manual_seed(1);
  for (const auto& [depth, count] : residual) {
    const auto net = resnet(depth, 64, {});
    EXPECT_EQ(parameters_of(net), count) << "ResNet-" << depth;
    EXPECT_TRUE(std::isfinite(one_step(net))) << "ResNet-" << depth;
  }
  for (const auto& [depth, count] : plain) {
    const auto net = vgg(depth, 64, {});
    EXPECT_EQ(parameters_of(net), count) << "VGG-" << depth;
    EXPECT_TRUE(std::isfinite(one_step(net))) << "VGG-" << depth;
  }
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

TEST(Images, NameTheFileThatIsNotThere) {
  Generator generator(5);
  const Scratch scratch;
  const auto error = [&](const std::string& set, const std::string& folder) {
    return error_of([&] { load_images({.set = set, .folder = folder}, generator); });
  };
  EXPECT_EQ(error("cifar10", "installed"),
            "networks: cifar10 is in no package; --set data=FOLDER says where its binary version is");
  for (const std::string set : {"cifar10", "cifar100", "fashion-mnist"})
    EXPECT_TRUE(error(set, (scratch / "nowhere").string()).find("nowhere") != std::string::npos) << set;
  std::filesystem::create_directories(scratch / "cifar-100-binary");
  scratch.file("cifar-100-binary/train.bin", std::string(3073, '\0'));
  EXPECT_TRUE(error("cifar100", (scratch / "").string()).find("train.bin") != std::string::npos);
  scratch.file("cifar-100-binary/train.bin", std::string(3074, '\x64'));
  EXPECT_TRUE(error("cifar100", (scratch / "").string()).find("train.bin") != std::string::npos);
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

INSTANTIATE_TEST_SUITE_P(Every, Checkpointed, ::testing::Values("sgd", "adam", "rmsprop"),
                         [](const auto& one) { return one.param; });

// Both effective ranks of a matrix with n equal singular values are n.
TEST(Ranks, AreMeansOverAllLayersButTheLast) {
  const auto shown = [] {
    Generator generator(8);
    return load_images({.set = "synthetic", .samples = 20}, generator);
  }();
  nn::Sequential net{nn::Conv2d(3, 4, 1),      nn::ReLU(),    nn::Conv2d(4, 6, 1),
                     nn::AdaptiveAvgPool2d(1), nn::Flatten(), nn::Linear(6, 10)};
  net.to(f32);
  const auto start = [](const Tensor& kernel) {
    const NoGrad guard;
    const auto out = kernel.size(0), in = kernel.size(1);
    auto weight = kernel;
    weight.copy_(cat({eye(in), zeros({out - in, in})}, 0).reshape(kernel.shape()).to(f32));
  };
  start(net.layer<nn::Conv2d>(0)->weight);
  start(net.layer<nn::Conv2d>(2)->weight);
  const auto history = train(net, shown, {.epochs = 1});
  for (const char* name : {"effective_rank", "effective_rank_squares", "effective_rank_rows"})
    EXPECT_NEAR(history[name].values.front(), (3 + 4) / 2.0, 1e-6) << name;
}

TEST(NetworksVgg, RecordsAndJudgesWhatWasRunAlone) {
  const auto result =
      run_json("networks/vgg --set images=synthetic --set samples=128 --set epochs=1 --set narrower=32 --trials 1");
  EXPECT_EQ(verdict_of(result, "VGG trained by SGD with momentum on CIFAR-100"), "not tested");
  const auto& reduced = claim_of(result, "As run: the mean effective rank of VGG falls with depth");
  EXPECT_EQ(reduced.at("verdict"), "not tested");
  EXPECT_NE(reduced.at("why").get<std::string>().find("ranks are compared from 5 trials on (got 1)"),
            std::string::npos);
  for (const int depth : {11, 13})
    for (const char* rank : {"effective_rank", "effective_rank_squares", "effective_rank_rows_squares"})
      EXPECT_GT(value_of(result, {{"depth", depth}}, rank), 1.0);
}

}  // namespace
}  // namespace sigmagrad::testing
