// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/runs.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {
namespace {

constexpr auto small =
    "completion/plasticity --set d=24 --set rank=2 --set observed=170 --set added=80 --set tolerance=1e-3 ";

double median(const nlohmann::json& group, const char* metric) {
  return group.at("metrics").at(metric).at("median").get<double>();
}

TEST(CompletionPlasticity, AWarmStartOfDepthTwoKeepsRankAndADeeperOneDoesNot) {
  const auto result = run_json(std::string(small) + "--trials 3 --set steps=0");
  const auto &two = result.at("groups").at(0), &three = result.at("groups").at(1);
  EXPECT_GT(median(two, "rank_gap"), 0.3);
  EXPECT_LT(std::abs(median(three, "rank_gap")), 0.3);
  EXPECT_LT(median(three, "pre_effective_rank"), median(two, "pre_effective_rank") - 1.0);
  for (const char* phase : {"pre_mse", "warm_mse", "cold_mse"}) EXPECT_LT(median(two, phase), 1e-3);
}

TEST(CompletionPlasticity, StopsAfterANumberOfSteps) {
  const auto result = run_json(std::string(small) + "--sweep depth=2 --set steps=25");
  for (const char* phase : {"pre_steps_to_stop", "warm_steps_to_stop", "cold_steps_to_stop"})
    EXPECT_EQ(median(result.at("groups").at(0), phase), 25.0);
}

TEST(CompletionPlasticity, AskingForMoreEntriesThanThereAreFailsTheTrial) {
  const Scratch scratch;
  const std::string command = std::string(SIGMAGRAD_PROGRAM) +
                              " run completion/plasticity --set d=4 --set depth=2 --set steps=1 --out " +
                              (scratch / "run").string() + " >/dev/null 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 1);
}

}  // namespace
}  // namespace sigmagrad::testing
