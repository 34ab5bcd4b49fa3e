// SPDX-License-Identifier: BSD-3-Clause
#include <fstream>

#include <sigmagrad/tests/support/runs.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {
namespace {

TEST(CompletionNetworks, AnIdentityStartKeepsMoreRankAndHadMoreOfIt) {
  const auto result = run_json("completion/networks --set epochs=3 --set width=32 --sweep depth=3,4");
  ASSERT_EQ(result.at("groups").size(), 4u);
  const auto rank = [&](std::size_t group, const char* metric) {
    return result.at("groups").at(group).at("metrics").at(metric).at("median").get<double>();
  };
  for (const std::size_t depth : {0u, 1u}) {
    EXPECT_LT(rank(depth, "stable_rank"), rank(depth + 2, "stable_rank"));
    EXPECT_LT(rank(depth, "initial_stable_rank"), 20.0);
    EXPECT_GT(rank(depth + 2, "initial_stable_rank"), 20.0);  // the square layers have 32
  }
  EXPECT_EQ(result.at("claims").at(0).at("verdict"), "holds in shape");
}

TEST(CompletionNetworks, TheAuthorsStartIsTheIdentityItself) {
  const auto result = run_json(
      "completion/networks --set epochs=1 --set width=16 --set depth=3 --set init=identity "
      "--set convention=authors");
  const auto& metrics = result.at("groups").at(0).at("metrics");
  EXPECT_GT(metrics.at("loss").at("mean"), 1.0);  // entries of std 0.01: hardly anything is learned in one epoch
  EXPECT_EQ(result.at("claims").at(0).at("verdict"), "not tested");
}

// Five files of four images, as the data set's own of 10 000: a byte for the label, 3072 for the image.
TEST(CompletionNetworks, TakesAFolderOfCifar10) {
  const Scratch scratch;
  for (int part = 1; part <= 5; ++part) {
    std::ofstream file(scratch / ("data_batch_" + std::to_string(part) + ".bin"), std::ios::binary);
    for (int image = 0; image < 4; ++image) {
      file.put(static_cast<char>((part + image) % 10));
      for (int pixel = 0; pixel < 3072; ++pixel) file.put(static_cast<char>((part * pixel + image) % 251));
    }
  }
  const auto folder = (scratch / "").string();
  const auto result = run_json(
      "completion/networks --set depth=2 --set init=gaussian --set width=8 --set epochs=2 --set batch=10 --set data=" +
      folder);
  EXPECT_EQ(result.at("groups").at(0).at("failed"), 0);
  EXPECT_EQ(result.at("groups").at(0).at("params").at("data"), folder);
}

}  // namespace
}  // namespace sigmagrad::testing
