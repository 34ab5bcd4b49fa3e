// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/inspect.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad::testing {
namespace {

void expect_law(const nlohmann::json& expected, const linalg::PowerLaw& law) {
  EXPECT_NEAR(law.alpha, expected["alpha"].get<double>(), 1e-10 * law.alpha);
  EXPECT_NEAR(law.xmin, expected["xmin"].get<double>(), 1e-10 * law.xmin);
  EXPECT_NEAR(law.distance, expected["D"].get<double>(), 1e-10);
  EXPECT_EQ(law.tail, expected["tail"].get<std::int64_t>());
}

TEST(InspectGolden, NumpysNumbersOfSmallMatrices) {
  const std::map<std::string, double MatrixSummary::*> numbers{
      {"s1", &MatrixSummary::s1},
      {"sn", &MatrixSummary::sn},
      {"cond", &MatrixSummary::cond},
      {"frobenius", &MatrixSummary::frobenius},
      {"nuclear", &MatrixSummary::nuclear},
      {"stable_rank", &MatrixSummary::stable_rank},
      {"effective_rank", &MatrixSummary::effective_rank},
      {"effective_rank_squares", &MatrixSummary::effective_rank_squares},
      {"rank_tolerance", &MatrixSummary::rank_tolerance},
      {"gap", &MatrixSummary::gap},
      {"energy_top_1", &MatrixSummary::energy_top_1},
      {"energy_top_10", &MatrixSummary::energy_top_10},
      {"energy_top_tenth", &MatrixSummary::energy_top_tenth},
      {"mp_sigma", &MatrixSummary::mp_sigma},
      {"mp_edge", &MatrixSummary::mp_edge}};
  const auto matrices = golden("inspected.json")["matrices"];
  EXPECT_EQ(matrices.size(), 8u);
  for (const auto& [name, expected] : matrices.items()) {
    SCOPED_TRACE(name);
    const Tensor w = golden_tensor(expected["matrix"]).to(expected["f32"].get<bool>() ? f32 : f64);
    const auto found = inspect(w, {.fit = true});
    for (const auto& [column, member] : numbers) {
      if (!expected.contains(column)) continue;
      const double reference = expected[column];
      // What depends on the least value of the graded matrix has fewer digits: its condition number is 1e8.
      const double tolerance = column == "sn" || column == "cond" ? 1e-7 : 1e-11;
      EXPECT_NEAR(found.*member, reference, tolerance * reference) << column;
    }
    EXPECT_EQ(found.numerical_rank, expected["numerical_rank"].get<std::int64_t>());
    EXPECT_EQ(found.spikes, expected["spikes"].get<std::int64_t>());
    EXPECT_TRUE(close(tensor(found.singular_values), golden_tensor(expected["singular_values"]), 1e-13));
    if (expected.contains("law") && name != "graded") expect_law(expected["law"], found.power_law.value());
  }
}

TEST(PowerLawGolden, TheBestOfAllTails) {
  const auto laws = golden("inspected.json")["laws"];
  EXPECT_EQ(laws.size(), 6u);
  for (const auto& [name, expected] : laws.items()) {
    SCOPED_TRACE(name);
    expect_law(expected["law"], linalg::fit_power_law(golden_tensor(expected["values"]), {.resamples = 0}));
  }
}

}  // namespace
}  // namespace sigmagrad::testing
