// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include <sigmagrad/inspect/change_output.hpp>
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

std::vector<FileChanges> compare_two(const Scratch& folder, const NamedTensors& from, const NamedTensors& to,
                                     const InspectorOptions& options = {}) {
  save(from, folder / "a.safetensors");
  save(to, folder / "b.safetensors");
  return compare_files({folder / "a.safetensors", folder / "b.safetensors"}, options, no_watch);
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

TEST(Comparison, RatiosAreThoseOfInspect) {
  const Scratch folder;
  Generator generator(1);
  const auto w = randn({6, 4}, generator, f32);
  const auto changes = compare_two(folder, {{"zero", zeros({3, 2})}, {"w", w}}, {{"zero", ones({3, 2})}, {"w", w}});
  const auto& zero = changes.at(0).matrices.at(0).measured->before;
  EXPECT_EQ(zero.cond, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(zero.stable_rank) && std::isnan(zero.effective_rank));
  const auto& after = changes[0].matrices.at(1).measured->after;
  const auto expected = inspect(w);
  EXPECT_EQ(after.rank_tolerance, expected.rank_tolerance);
  EXPECT_NEAR(after.cond, expected.cond, 1e-12 * expected.cond);
  EXPECT_NEAR(after.stable_rank, expected.stable_rank, 1e-14);
  EXPECT_NEAR(after.effective_rank, expected.effective_rank, 1e-13);
  EXPECT_NEAR(after.energy_top_1, expected.energy_top_1, 1e-14);
}

TEST(Comparison, NotesSayHowAKernelIsSeenAndThatNumbersAreCoarse) {
  const Scratch folder;
  const auto kernels = compare_two(folder, {{"k", ones({4, 3, 2})}}, {{"k", ones({4, 3, 2})}},
                                   {.matrix = {.kernel = linalg::KernelView::Channels}});
  EXPECT_TRUE(kernels.at(0).matrices.at(0).measured);
  EXPECT_EQ(kernels[0].matrices[0].note, "kernel as in x (out k k)");
  EXPECT_NE(changes_table_text(kernels, 0).find("\nCompared, kernel as in x (out k k): k [4x3x2]\n"),
            std::string::npos);
  const std::string header = R"({"w":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]}})";
  const auto coarse = folder.file("c.safetensors", std::string(1, static_cast<char>(header.size())) +
                                                       std::string(7, '\0') + header + "\x38\x30\x20\x38");
  save({{"w", ones({2, 2})}}, folder / "d.safetensors");
  for (const auto& paths : {std::vector{coarse, folder / "d.safetensors"}, {folder / "d.safetensors", coarse}}) {
    const auto changes = compare_files(paths, {}, no_watch);
    ASSERT_TRUE(changes.at(0).matrices.at(0).measured) << changes[0].error;
    EXPECT_EQ(changes[0].matrices[0].note, "8-bit floats: small singular values are their rounding");
  }
}

TEST(Comparison, AMatrixAboveTheLimitIsNotCompared) {
  const Scratch folder;
  const NamedTensors tensors{{"large", ones({7, 8})}, {"w", ones({6, 9})}, {"k", ones({7, 2, 3})}};
  const auto by = [&](linalg::KernelView view) {
    return compare_two(folder, tensors, tensors, {.matrix = {.full_up_to = 6, .kernel = view}}).at(0);
  };
  const auto rows = by(linalg::KernelView::Rows);
  EXPECT_EQ(rows.matrices.at(0).note, "more than 6 singular values, and --diff takes all with their vectors");
  EXPECT_FALSE(rows.matrices[0].measured);
  EXPECT_TRUE(rows.matrices.at(1).measured);
  EXPECT_TRUE(rows.matrices.at(2).measured);
  EXPECT_EQ(rows.error, "");
  EXPECT_TRUE(by(linalg::KernelView::Channels).matrices.at(2).measured);
}

TEST(Comparison, AFileWithoutTensorsIsAFailure) {
  const Scratch folder;
  const auto empty = folder.file("e.safetensors", std::string("\x02\0\0\0\0\0\0\0{}", 10));
  save({{"w", ones({2, 2})}}, folder / "a.safetensors");
  for (const auto& paths : {std::vector{empty, folder / "a.safetensors"}, {folder / "a.safetensors", empty}})
    EXPECT_NE(compare_files(paths, {}, no_watch).at(0).error.find("e.safetensors: holds no tensors"),
              std::string::npos);
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
