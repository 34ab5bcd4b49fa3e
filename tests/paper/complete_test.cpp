// SPDX-License-Identifier: BSD-3-Clause
#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {
namespace {

constexpr double noise = 0.1;

// A tenth of the entries of a 1,000 x 800 matrix of rank 4 and unit variance, with noise.
std::string sparse_sample() {
  constexpr std::int64_t rows = 1000, columns = 800, rank = 4;
  Generator generator(11);
  const auto full = matmul(randn({rows, rank}, generator), randn({rank, columns}, generator)) / 2.0 +
                    noise * randn({rows, columns}, generator);
  const auto mask = bernoulli(sigmagrad::full({rows, columns}, 0.1), generator);
  std::string text = "row,col,value\n";
  for (std::size_t i = 0; i < rows * columns; ++i)
    if (mask.data<double>()[i] > 0.0)
      text += fmt::format("{},{},{}\n", i / columns, i % columns, full.data<double>()[i]);
  return text;
}

TEST(PaperSize, CompleteReachesTheNoiseOfAMatrixOfLowRank) {
  const Scratch folder;
  const auto input = folder.file("sample.csv", sparse_sample()), report = folder / "report.json";
  const auto command = fmt::format("{} complete {} -o {} --json > {} 2> /dev/null", SIGMAGRAD_PROGRAM, input.string(),
                                   (folder / "full.npy").string(), report.string());
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto json = nlohmann::json::parse(sigmagrad::detail::read_file(report));
  EXPECT_EQ(json.at("connected"), true);
  double chosen = 0.0, soft_impute = 0.0, rank = 0.0;
  for (const auto& method : json.at("methods")) {
    if (method.at("name") == "soft-impute") soft_impute = method.at("heldout_rmse");
    if (!method.at("chosen")) continue;
    chosen = method.at("heldout_rmse");
    rank = method.at("effective_rank");
  }
  EXPECT_LT(chosen, 1.3 * noise);
  EXPECT_LE(chosen, soft_impute);
  EXPECT_NEAR(rank, 4.0, 0.5);
}

}  // namespace
}  // namespace sigmagrad::testing
