// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include <sigmagrad/inspect/comparison.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::inspection {
namespace {

using testing::Scratch;

Watch no_watch(std::size_t) { return {}; }

// diag(9, 5, 2, 1) with its first two rows turned by `degrees`, times `factor`.
Tensor turned(double degrees, double factor = 1.0) {
  const double c = std::cos(degrees * std::numbers::pi / 180), s = std::sin(degrees * std::numbers::pi / 180);
  const auto rotation = tensor({c, 0, -s, 0, 0, 1, 0, 0, s, 0, c, 0, 0, 0, 0, 1}, {4, 4});
  return factor * matmul(rotation, tensor({9, 0, 0, 0, 0, 5, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1}, {4, 4}));
}

std::vector<FileChanges> compare_two(const Scratch& folder, const NamedTensors& from, const NamedTensors& to) {
  save(from, folder / "a.safetensors");
  save(to, folder / "b.safetensors");
  return compare_files({folder / "a.safetensors", folder / "b.safetensors"}, {}, no_watch);
}

TEST(Comparison, FindsTheAngleByWhichALeadingVectorWasTurned) {
  const Scratch folder;
  for (const double degrees : {1e-7, 0.5, 30.0, 89.5}) {
    const auto changes = compare_two(folder, {{"w", turned(0)}}, {{"w", turned(degrees)}});
    ASSERT_TRUE(changes.at(0).matrices.at(0).measured);
    const auto& change = *changes[0].matrices[0].measured;
    ASSERT_EQ(change.left_angles.size(), 2U);  // half of the four
    EXPECT_NEAR(change.left_angles[0], degrees, 1e-6 * degrees + 1e-13);
    EXPECT_NEAR(change.left_angles[1], 0.0, 1e-12);
    EXPECT_NEAR(change.right_angles[0], 0.0, 1e-12);
    EXPECT_NEAR(change.spectrum_distance, 0.0, 1e-13);
    EXPECT_NEAR(change.distance, linalg::norm(turned(degrees) - turned(0)).item(), 1e-15);
  }
}

TEST(Comparison, AFactorChangesTheSpectrumAndNoVector) {
  const Scratch folder;
  const auto change = *compare_two(folder, {{"w", turned(0)}}, {{"w", turned(0, 1.5)}}).at(0).matrices.at(0).measured;
  EXPECT_NEAR(change.errors.overall, 0.5, 1e-15);
  EXPECT_NEAR(change.errors.singular_value, 0.5, 1e-10);
  EXPECT_NEAR(change.errors.cond, 0.0, 1e-9);
  EXPECT_NEAR(change.spectrum_distance, change.distance, 1e-14);
  EXPECT_NEAR(change.left_angles[0] + change.right_angles[0], 0.0, 1e-12);
  EXPECT_NEAR(change.after.stable_rank, change.before.stable_rank, 1e-14);
  EXPECT_NEAR(change.before.effective_rank, linalg::effective_rank(turned(0)).item(), 1e-13);
  EXPECT_NEAR(change.before.cond, 9.0, 1e-14);
}

TEST(Comparison, NamesWhatHasNoPartnerAndWhyOthersAreNotCompared) {
  const Scratch folder;
  const auto changes = compare_two(folder,
                                   {{"w", ones({2, 2})},
                                    {"grown", ones({2, 3})},
                                    {"gone", ones({2, 2})},
                                    {"bias", ones({2})},
                                    {"bad", ones({2, 2})}},
                                   {{"new", ones({2, 2})},
                                    {"bad", ones({2, 2}) / 0.0},
                                    {"bias", ones({2})},
                                    {"grown", ones({3, 3})},
                                    {"w", ones({2, 2})}});
  const auto& pair = changes.at(0);
  EXPECT_EQ(pair.only_from, std::vector<std::string>{"gone"});
  EXPECT_EQ(pair.only_to, std::vector<std::string>{"new"});
  ASSERT_EQ(pair.matrices.size(), 4U);
  EXPECT_TRUE(pair.matrices[0].measured);
  EXPECT_EQ(pair.matrices[1].note, "2x3 has become 3x3");
  EXPECT_EQ(pair.matrices[2].note, "a vector");
  EXPECT_EQ(pair.matrices[3].note, "0 NaN and 4 infinite of 4 entries");
  EXPECT_EQ(pair.error, "");
}

TEST(Comparison, SmallAndSingularMatricesHaveTheirValues) {
  const Scratch folder;
  const auto changes = compare_two(folder, {{"row", ones({1, 5})}, {"one", ones({1, 1})}, {"zero", zeros({3, 2})}},
                                   {{"row", 2.0 * ones({1, 5})}, {"one", -ones({1, 1})}, {"zero", ones({3, 2})}});
  for (const auto& change : changes.at(0).matrices) EXPECT_TRUE(change.measured) << change.name << ": " << change.note;
  EXPECT_NEAR(changes[0].matrices[0].measured->distance, std::sqrt(5.0), 1e-14);
  EXPECT_NEAR(changes[0].matrices[1].measured->spectrum_distance, 0.0, 1e-15);
}

TEST(Comparison, AFileThatFailsLeavesTheOthers) {
  const Scratch folder;
  save({{"w", ones({2, 2})}}, folder / "a.safetensors");
  const std::vector<std::filesystem::path> paths{folder / "a.safetensors", folder.file("b.safetensors", "no"),
                                                 folder / "a.safetensors"};
  const auto changes = compare_files(paths, {}, no_watch);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_NE(changes[0].error.find("b.safetensors"), std::string::npos);
  EXPECT_TRUE(changes[1].matrices.at(0).measured);
  const auto none = compare_files({paths[1], paths[0]}, {}, no_watch);
  ASSERT_EQ(none.size(), 1U);
  EXPECT_NE(none[0].error.find("b.safetensors"), std::string::npos);
  EXPECT_THROW(compare_files({paths[0]}, {}, no_watch), Error);
}

}  // namespace
}  // namespace sigmagrad::inspection
