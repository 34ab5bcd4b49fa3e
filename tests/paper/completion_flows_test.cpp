// SPDX-License-Identifier: BSD-3-Clause
// Paper 002's figures 1, 4, 10, 11 and 12 at its own sizes: bands of four standard errors about means measured by an
// independent program.
#include <algorithm>
#include <map>
#include <vector>

#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

using Json = nlohmann::json;

bool matches(const Json& params, const Json& wanted) {
  return std::ranges::all_of(wanted.items(), [&](const auto& item) { return params.at(item.key()) == item.value(); });
}

// One group's statistics of a metric.
const Json& statistics_of(const Json& result, const Json& params, const std::string& name) {
  return group_of(result, params).at("metrics").at(name);
}

void expect_all_hold(const Json& result) {
  for (const auto& group : result.at("groups")) {
    EXPECT_EQ(group.at("failed"), 0) << group.at("params").dump();
    EXPECT_EQ(group.at("metrics").at("converged").at("mean"), 1.0) << group.at("params").dump();
  }
  expect_claims_hold(result);
}

struct Band {
  double mean, error;
};

TEST(PaperSize, ConnectivityStaysWithinTheBands) {
  const auto result = run_json("completion/connectivity --preset paper");
  expect_all_hold(result);
  const std::vector<double> scales{1e-1, 1e-2, 1e-3, 1e-5, 1e-7};
  const std::map<std::pair<std::string, int>, std::vector<Band>> bands{
      {{"diagonal", 2}, {{1.370, .017}, {1.338, .017}, {1.336, .017}, {1.340, .018}, {1.344, .018}}},
      {{"diagonal", 3}, {{1.203, .013}, {1.085, .009}, {1.025, .005}, {1.002, .002}, {1.0001, 0}}},
      {{"diagonal", 4}, {{1.142, .012}, {1.046, .008}, {1.017, .005}, {1.0003, 0}, {1, 0}}},
      {{"diagonal", 5}, {{1.111, .012}, {1.034, .006}, {1.009, .003}, {1.0001, 0}, {1, 0}}},
      {{"column", 2}, {{1.296, .014}, {1.085, .008}, {1.014, .002}, {1.0003, 0}, {1, 0}}},
      {{"column", 3}, {{1.217, .015}, {1.056, .006}, {1.010, .002}, {1.0002, 0}, {1, 0}}},
      {{"column", 4}, {{1.153, .012}, {1.039, .006}, {1.007, .001}, {1.0001, 0}, {1, 0}}},
      {{"column", 5}, {{1.116, .011}, {1.037, .007}, {1.007, .002}, {1.0001, 0}, {1, 0}}}};
  for (const auto& [cell, row] : bands)
    for (std::size_t i = 0; i < scales.size(); ++i) {
      const Json params{{"pattern", cell.first}, {"depth", cell.second}, {"scale", scales[i]}};
      EXPECT_NEAR(statistics_of(result, params, "effective_rank").at("mean"), row[i].mean, 4.0 * row[i].error + 0.005)
          << params.dump();
    }
}

// Whether rows and columns with an entry form one component: the patterns' own disconnected ones, by name.
bool is_connected(const std::string& pattern) {
  const std::vector<std::string> disconnected{"100/010/000", "100/010/001", "110/001/000",
                                              "110/001/001", "110/100/001", "110/110/001"};
  return std::ranges::find(disconnected, pattern) == disconnected.end();
}

TEST(PaperSize, PatternsStayWithinTheBands) {
  const auto result = run_json("completion/patterns --preset paper");
  expect_all_hold(result);
  ASSERT_EQ(result.at("groups").size(), 23u * 3 * 4);
  const std::map<std::pair<int, double>, std::pair<Band, Band>> bands{
      {{2, 1e-1}, {{1.608, .029}, {1.747, .047}}}, {{2, 1e-3}, {{1.170, .018}, {1.442, .040}}},
      {{2, 1e-5}, {{1.084, .014}, {1.430, .040}}}, {{2, 1e-7}, {{1.056, .013}, {1.429, .040}}},
      {{3, 1e-1}, {{1.558, .028}, {1.595, .042}}}, {{3, 1e-3}, {{1.087, .014}, {1.078, .017}}},
      {{3, 1e-5}, {{1.009, .004}, {1.002, .001}}}, {{3, 1e-7}, {{1.002, .002}, {1, 0}}},
      {{4, 1e-1}, {{1.480, .028}, {1.486, .041}}}, {{4, 1e-3}, {{1.058, .011}, {1.047, .011}}},
      {{4, 1e-5}, {{1.002, .001}, {1.001, 0}}},    {{4, 1e-7}, {{1, 0}, {1, 0}}}};
  for (const auto& [cell, both] : bands) {
    double sum[2] = {0, 0}, count[2] = {0, 0};
    for (const auto& group : result.at("groups")) {
      if (!matches(group.at("params"), {{"depth", cell.first}, {"scale", cell.second}})) continue;
      const int connected = is_connected(group.at("params").at("pattern")) ? 1 : 0;
      sum[connected] += group.at("metrics").at("effective_rank").at("mean").get<double>();
      count[connected] += 1;
    }
    EXPECT_EQ(count[0], 6) << cell.first;
    EXPECT_NEAR(sum[1] / count[1], both.first.mean, 4.0 * both.first.error + 0.005) << cell.first << ' ' << cell.second;
    EXPECT_NEAR(sum[0] / count[0], both.second.mean, 4.0 * both.second.error + 0.005)
        << cell.first << ' ' << cell.second;
  }
}

TEST(PaperSize, GaussianStartsStayWithinTheBands) {
  const auto result = run_json("completion/gaussian --preset paper");
  expect_all_hold(result);
  const auto gaussian = [&](int depth) -> const Json& {
    return statistics_of(result, {{"start", "gaussian"}, {"depth", depth}}, "effective_rank");
  };
  EXPECT_NEAR(gaussian(2).at("median"), 2.05, 0.07);
  EXPECT_NEAR(gaussian(2).at("mean"), 2.091, 0.05);
  EXPECT_NEAR(gaussian(3).at("mean"), 1.14, 0.04);
  EXPECT_NEAR(gaussian(4).at("mean"), 1.05, 0.02);
  EXPECT_NEAR(gaussian(5).at("mean"), 1.025, 0.015);
  const std::map<std::pair<int, double>, double> theorem{{{2, 2.0}, 1.531},   {{2, 10.0}, 2.882},  {{3, 10.0}, 1.097},
                                                         {{3, 100.0}, 2.712}, {{4, 100.0}, 1.519}, {{4, 1e3}, 2.947},
                                                         {{5, 100.0}, 1.182}, {{5, 1e3}, 2.678},   {{5, 1e4}, 2.997}};
  for (const auto& [cell, rank] : theorem) {
    const Json params{{"start", "identity"}, {"depth", cell.first}, {"m", cell.second}};
    EXPECT_NEAR(statistics_of(result, params, "effective_rank").at("median"), rank, 1e-3) << params.dump();
  }
}

TEST(PaperSize, NoisyDiagonalsStayWithinTheBands) {
  const auto result = run_json("completion/noisy --preset paper");
  expect_all_hold(result);
  const std::map<std::pair<int, double>, std::vector<Band>> bands{
      {{2, 1e-1}, {{4.284, 0}, {4.280, .002}, {4.188, .034}, {3.961, .112}}},
      {{2, 1e-7}, {{4.284, 0}, {4.280, .002}, {4.188, .034}, {3.961, .112}}},
      {{3, 1e-1}, {{3.096, 0}, {3.096, .001}, {3.080, .010}, {3.028, .025}}},
      {{3, 1e-3}, {{1.180, 0}, {1.179, .001}, {1.162, .010}, {1.125, .015}}},
      {{4, 1e-1}, {{2.085, 0}, {2.086, .001}, {2.085, .005}, {2.074, .010}}},
      {{4, 1e-3}, {{1.001, 0}, {1.001, 0}, {1.001, 0}, {1.001, 0}}},
      {{3, 1e-7}, {{1, 0}, {1, 0}, {1, 0}, {1, 0}}}};
  const std::vector<double> noises{0.0, 0.01, 0.05, 0.1};
  for (const auto& [cell, row] : bands)
    for (std::size_t i = 0; i < noises.size(); ++i) {
      const Json params{{"depth", cell.first}, {"scale", cell.second}, {"noise", noises[i]}, {"lr", 0.0}};
      EXPECT_NEAR(statistics_of(result, params, "stable_rank").at("mean"), row[i].mean, 4.0 * row[i].error + 0.001)
          << params.dump();
    }
}

TEST(PaperSize, UnequalDiagonalsEndAtTheirKnownRanks) {
  const auto result = run_json("completion/unequal --preset paper");
  expect_all_hold(result);
  const std::vector<double> scales{1e-1, 1e-3, 1e-5, 1e-7};
  const auto expect = [&](const Json& m, int depth, const std::vector<double>& ranks) {
    for (std::size_t i = 0; i < scales.size(); ++i) {
      const Json params{{"m", m}, {"depth", depth}, {"scale", scales[i]}, {"lr", 0.0}};
      EXPECT_NEAR(statistics_of(result, params, "stable_rank").at("mean"), ranks[i], 1e-3) << params.dump();
    }
  };
  expect(2.0, 2, std::vector<double>(4, 1.0035));
  expect(10.0, 2, std::vector<double>(4, 1.4685));
  expect(10.0, 3, {1.0230, 1, 1, 1});
  expect(10.0, 4, {1.0029, 1, 1, 1});
  expect(100.0, 2, std::vector<double>(4, 1.8699));
  expect(100.0, 3, {1.7870, 1.0100, 1, 1});
  expect(100.0, 4, {1.5273, 1, 1, 1});
  for (const int depth : {2, 3, 4}) expect("inf", depth, std::vector<double>(4, 1.875));
}

std::string verdict_of(const Json& result, const std::string& claim) {
  for (const auto& one : result.at("claims"))
    if (one.at("claim").get<std::string>().starts_with(claim)) return one.at("verdict");
  return "no such claim";
}

TEST(PaperSize, OptimisersStayWithinTheBands) {
  const auto result = run_json("completion/optimizers --preset paper");
  for (const std::string optimizer : {"flow", "gd", "sgd", "momentum", "adam", "rmsprop", "adagrad"})
    for (const double scale : {1e-1, 1e-3, 1e-5, 1e-7}) {
      const auto rank = [&](int depth) -> double {
        return statistics_of(result, {{"optimizer", optimizer}, {"depth", depth}, {"scale", scale}}, "stable_rank")
            .at("mean");
      };
      EXPECT_GT(rank(2), 1.25) << optimizer << ' ' << scale;
      EXPECT_LT(rank(2), 1.75) << optimizer << ' ' << scale;
      if (scale > 1e-4) continue;
      const double most = optimizer == "adam" ? 1.15 : scale > 1e-6 ? 1.12 : 1.05;
      EXPECT_LT(rank(3), most) << optimizer << ' ' << scale;
      EXPECT_LT(rank(4), most) << optimizer << ' ' << scale;
    }
  EXPECT_EQ(verdict_of(result, "RMSProp, default rate"), "does not hold");
  EXPECT_EQ(verdict_of(result, "Muon"), "does not hold");
  // Ten trials leave the others open: at scale 0.1 draws of the start differ by more than three and four factors do.
  for (const std::string name : {"Small steps of gradient descent", "Gradient descent:", "SGD",
                                 "Gradient descent with momentum", "Adam", "RMSProp, rate 1e-3", "Adagrad"})
    EXPECT_EQ(verdict_of(result, name), "undecided") << name;
}

}  // namespace
}  // namespace sigmagrad::testing
