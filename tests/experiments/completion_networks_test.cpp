// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <fstream>

#include <sigmagrad/experiments/completion/examples.hpp>
#include <sigmagrad/experiments/completion/relu_network.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/runs.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {
namespace {

using namespace experiments::completion;

TEST(ReluNetwork, HasAWeightMatrixMoreThanHiddenLayers) {
  Generator generator(1);
  const LayerStart start{.scale = LayerStart::Scale::Small, .identity = true};
  const ReluNetwork network({8, 8, 2}, start, Activations::All, generator);
  ASSERT_EQ(network.layers().size(), 3u);  // the first and the last are not the identity, square or not
  EXPECT_TRUE(allclose(network.layers()[1].weight, eye(8).to(f32), 0.0, 0.0));
  EXPECT_NE(network.layers()[0].weight.at({0, 1}), 0.0);
  EXPECT_EQ(network.layers()[2].weight.shape(), (Shape{10, 8}));
}

TEST(ReluNetwork, LeavesTheAuthorsFirstLayerLinear) {
  for (const auto activations : {Activations::All, Activations::AllButFirst}) {
    Generator generator(2);
    const ReluNetwork network({6, 5, 3}, {}, activations, generator);
    const auto& layers = network.layers();
    const auto x = randn({4, 6}, generator, f32);
    auto y = layers[0](x);
    if (activations == Activations::All) y = relu(y);
    y = layers[3](relu(layers[2](relu(layers[1](y)))));
    EXPECT_TRUE(allclose(network(x), y, 0.0, 0.0));
  }
}

TEST(ReluNetwork, StartsAsTheAuthorsAtTheirWidthAndWithOneNormByHe) {
  const LayerStart small{.scale = LayerStart::Scale::Small}, he;
  EXPECT_DOUBLE_EQ(small.std(3072, 512), 0.01);
  EXPECT_DOUBLE_EQ(small.std(96, 128), 0.02);
  EXPECT_DOUBLE_EQ(small.diagonal(), 1.0);
  EXPECT_NEAR(64 * 64 * he.std(64, 64) * he.std(64, 64), 64 * he.diagonal() * he.diagonal(), 1e-9);
}

TEST(CompletionExamples, AreNormalised) {
  Generator generator(3);
  const auto data = train_and_test("mixture", 50, generator);
  EXPECT_EQ(data.train.x.size(0), 50);
  EXPECT_EQ(data.test.x.size(0), 50);
  const auto all = cat({data.train.x, data.test.x}, 0);
  EXPECT_NEAR(all.mean().item(), 0.0, 1e-5);
  EXPECT_NEAR(all.std().item(), 1.0, 1e-4);
}

constexpr auto small_run = "completion/networks --set data=mixture --set scale=he --set width=32 --set batch=50 ";

TEST(CompletionNetworks, AnIdentityStartKeepsMoreRankAndHadMoreOfIt) {
  const auto result = run_json(std::string(small_run) + "--set epochs=20 --set examples=500 --sweep depth=2,3");
  ASSERT_EQ(result.at("groups").size(), 4u);
  const auto rank = [&](int depth, const char* init, const char* name) {
    return value_of(result, {{"init", init}, {"depth", depth}}, name);
  };
  for (const int depth : {2, 3}) {
    EXPECT_LT(rank(depth, "gaussian", "stable_rank"), rank(depth, "identity", "stable_rank"));
    EXPECT_LT(rank(depth, "gaussian", "initial_stable_rank"), rank(depth, "identity", "initial_stable_rank"));
  }
  EXPECT_EQ(verdict_of(result, "A Gaussian start leads to lower stable rank where"), "holds in shape");
  EXPECT_EQ(verdict_of(result, "A Gaussian start leads to layers"), "not tested");  // of the printed scale
}

TEST(CompletionNetworks, RanksOfNetworksThatHaveNotLearnedAreNotCompared) {
  const auto result = run_json(std::string(small_run) + "--set epochs=1 --set examples=100 --set depth=2");
  const auto& claim = claim_of(result, "A Gaussian start leads to lower stable rank where");
  EXPECT_EQ(claim.at("verdict"), "not tested");
  EXPECT_NE(claim.at("why").get<std::string>().find("ranks are compared below 0.1"), std::string::npos);
}

// With a rate of 0 the network stays as it is: the mean over all examples does not depend on the batches.
TEST(CompletionNetworks, TheLastBatchCountsThoughItIsSmaller) {
  double loss[2];
  for (const bool whole : {false, true})
    loss[whole ? 1 : 0] = value_of(
        run_json(std::string("completion/networks --set data=mixture --set init=gaussian --set depth=1 --set "
                             "scale=he --set lr=0 --set epochs=1 --set width=8 --set examples=20 --set batch=") +
                 (whole ? "20" : "7")),
        {}, "loss");
  EXPECT_NEAR(loss[0], loss[1], 1e-6);
}

TEST(CompletionNetworks, OneHiddenLayerHasNoIdentityStart) {
  const auto result = run_json(std::string(small_run) + "--set epochs=1 --set examples=50 --sweep depth=1,2");
  EXPECT_EQ(result.at("groups").size(), 3u);
}

void put_cifar(const std::filesystem::path& path, int part) {
  std::ofstream file(path, std::ios::binary);
  for (int image = 0; image < 4; ++image) {
    file.put(static_cast<char>((part + image) % 10));
    for (int pixel = 0; pixel < 3072; ++pixel) file.put(static_cast<char>((part * pixel + image) % 251));
  }
}

// Five files of four images, as the data set's own of 10 000: a byte for the label, 3072 for the image.
TEST(CompletionNetworks, TakesAFolderOfCifar10) {
  const Scratch scratch;
  for (int part = 1; part <= 5; ++part) put_cifar(scratch / ("data_batch_" + std::to_string(part) + ".bin"), part);
  put_cifar(scratch / "test_batch.bin", 6);
  const auto folder = (scratch / "").string();
  const auto result = run_json("completion/networks --set width=8 --set epochs=2 --set batch=10 --set data=" + folder);
  EXPECT_EQ(result.at("groups").size(), 6u);
  for (const auto& group : result.at("groups")) {
    EXPECT_EQ(group.at("failed"), 0);
    EXPECT_EQ(group.at("params").at("data"), folder);
  }
  EXPECT_NE(verdict_of(result, "Both starts reach a training loss"), "not tested");
}

// The big-endian header of `axes`, then a byte for each entry.
void put_idx(const std::filesystem::path& path, std::initializer_list<int> axes, int entries) {
  std::ofstream file(path, std::ios::binary);
  for (const int byte : {0, 0, 8, static_cast<int>(axes.size())}) file.put(static_cast<char>(byte));
  for (const int axis : axes)
    for (const int byte : {0, 0, 0, axis}) file.put(static_cast<char>(byte));
  for (int i = 0; i < entries; ++i) file.put(static_cast<char>(i % 10));
}

TEST(CompletionNetworks, TakesAFolderOfMnistsForm) {
  const Scratch scratch;
  for (const char* part : {"train", "t10k"}) {
    put_idx(scratch / (std::string(part) + "-images-idx3-ubyte"), {10, 3, 5}, 150);
    put_idx(scratch / (std::string(part) + "-labels-idx1-ubyte"), {10}, 10);
  }
  const auto result = run_json(
      "completion/networks --set width=8 --set epochs=1 --set depth=2 --set init=gaussian "
      "--set convention=authors --set scale=small --set data=" +
      (scratch / "").string());
  EXPECT_EQ(result.at("groups").at(0).at("failed"), 0);
  EXPECT_LE(value_of(result, {}, "test_accuracy"), 1.0);
}

}  // namespace
}  // namespace sigmagrad::testing
