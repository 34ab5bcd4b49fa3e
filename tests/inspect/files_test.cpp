// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <atomic>
#include <fstream>
#include <new>

#include <gtest/gtest.h>
#include <unistd.h>

#include <sigmagrad/inspect/inspector.hpp>
#include <sigmagrad/inspect/model_files.hpp>
#include <sigmagrad/inspect/workers.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::inspection {
namespace {

using testing::Scratch;

std::vector<std::string> names(const FoundFiles& found, const std::filesystem::path& folder) {
  std::vector<std::string> result;
  for (const auto& file : found.files) result.push_back(file.lexically_relative(folder).string());
  return result;
}

TEST(NaturalLess, CountsInNumbers) {
  EXPECT_TRUE(natural_less("step_9", "step_10"));
  EXPECT_FALSE(natural_less("step_10", "step_9"));
  EXPECT_TRUE(natural_less("a", "a1"));
  EXPECT_TRUE(natural_less("a1b2", "a1b10"));
  EXPECT_TRUE(natural_less("a", "b"));
  EXPECT_FALSE(natural_less("x", "x"));
  EXPECT_NE(natural_less("a01", "a1"), natural_less("a1", "a01"));  // an order, whatever it is
  EXPECT_TRUE(natural_less("a9", "a123456789012345678901234567890"));
}

TEST(FindModelFiles, WalksThroughFoldersInOrder) {
  const Scratch folder;
  std::filesystem::create_directories(folder / "deep/er");
  for (const char* name : {"step_10.npy", "step_9.npy", "deep/er/a.npy"}) save_npy(ones({2, 2}), folder / name);
  folder.file("notes.txt", "none");
  const auto root = folder / "";
  const auto found = find_model_files({root.string()});
  EXPECT_EQ(names(found, root), (std::vector<std::string>{"deep/er/a.npy", "step_9.npy", "step_10.npy"}));
  EXPECT_TRUE(found.failures.empty());
}

TEST(FindModelFiles, SaysWhatIsNotThere) {
  const Scratch folder;
  std::filesystem::create_directories(folder / "empty");
  save_npy(ones({2, 2}), folder / "a.npy");
  const auto found =
      find_model_files({(folder / "none.npy").string(), (folder / "empty").string(), (folder / "a.npy").string()});
  EXPECT_EQ(found.files.size(), 1U);
  ASSERT_EQ(found.failures.size(), 2U);
  EXPECT_NE(found.failures[0].find("none.npy: there is no such file or folder"), std::string::npos);
  EXPECT_NE(found.failures[1].find("empty: the folder holds no file of tensors"), std::string::npos);
}

TEST(FindModelFiles, APathThatCannotBeLookedAtLeavesTheOthers) {
  const Scratch folder;
  std::filesystem::create_directories(folder / "closed");
  for (const char* name : {"a.npy", "closed/b.npy", "z.npy"}) save_npy(ones({2, 2}), folder / name);
  std::filesystem::create_symlink("loop.npy", folder / "loop.npy");
  std::filesystem::create_symlink("gone", folder / "gone.npy");
  std::filesystem::create_symlink("loop", folder / "loop");  // of no interest
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::none);
  const auto root = folder / "";
  const auto found = find_model_files({root.string()});
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_all);
  const bool may_read_all = geteuid() == 0;
  EXPECT_EQ(names(found, root), may_read_all ? (std::vector<std::string>{"a.npy", "closed/b.npy", "z.npy"})
                                             : (std::vector<std::string>{"a.npy", "z.npy"}));
  ASSERT_EQ(found.failures.size(), may_read_all ? 2U : 3U);
  EXPECT_NE(found.failures.front().find(may_read_all ? "gone.npy: " : "closed: cannot be read: "), std::string::npos);
  EXPECT_NE(found.failures.back().find("loop.npy: cannot be read: "), std::string::npos);
}

TEST(FindModelFiles, LeavesShardsToTheirIndex) {
  const Scratch folder;
  save({{"a", ones({2, 2})}}, folder / "model-00001-of-00002.safetensors");
  save({{"b", ones({3, 2})}}, folder / "model-00002-of-00002.safetensors");
  save({{"c", ones({3, 2})}}, folder / "other.safetensors");
  folder.file("model.safetensors.index.json", R"({"metadata": {}, "weight_map": {
      "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}})");
  const auto root = folder / "";
  EXPECT_EQ(names(find_model_files({root.string()}), root),
            (std::vector<std::string>{"model.safetensors.index.json", "other.safetensors"}));
}

TEST(RunLargestFirst, DoesEachPieceOnceAndTheLargestFirst) {
  for (const int jobs : {1, 2, 5}) {
    std::vector<std::atomic<int>> done(6);
    std::atomic<std::size_t> first = 99;
    int advanced = 0;
    run_largest_first({1, 5, 3, 5, 9, 0}, jobs, {.advance = [&] { ++advanced; }}, [&](std::size_t i) {
      std::size_t none = 99;
      if (jobs == 1) first.compare_exchange_strong(none, i);
      ++done[i];
    });
    for (const auto& count : done) EXPECT_EQ(count, 1);
    EXPECT_EQ(advanced, 6);
    EXPECT_EQ(first, jobs == 1 ? 4U : 99U);
  }
}

TEST(RunLargestFirst, BeginsNothingAfterAnInterrupt) {
  int done = 0;
  run_largest_first({1, 2, 3}, 1, {.interrupted = [&] { return done == 2; }}, [&](std::size_t) { ++done; });
  EXPECT_EQ(done, 2);
}

// As many matrices as there are jobs are in memory, and no more.
TEST(RunLargestFirst, RunsAsManyAtOnceAsThereAreJobs) {
  std::atomic<int> now = 0, most = 0;
  run_largest_first(std::vector<double>(50, 1.0), 3, {}, [&](std::size_t) {
    most = std::max<int>(most, ++now);
    const auto s = linalg::svdvals(ones({30, 30}));
    --now;
  });
  EXPECT_LE(most, 3);
}

TEST(Inspector, PatternsAreThoseOfAShell) {
  EXPECT_TRUE(is_wanted("encoder.layer.0.weight", {}));
  EXPECT_TRUE(is_wanted("encoder.layer.0.weight", {"decoder.*", "*.weight"}));
  EXPECT_TRUE(is_wanted("layer.1", {"layer.[0-3]"}));
  EXPECT_FALSE(is_wanted("layer.weight2", {"*.weight"}));
}

TEST(Inspector, WhatAnInterruptLeftSaysSo) {
  const Scratch folder;
  save({{"w", ones({2, 2})}, {"b", ones({2})}}, folder / "a.safetensors");
  const auto files = inspect_files({folder / "a.safetensors"}, {}, [](std::size_t matrices) {
    EXPECT_EQ(matrices, 1U);
    return Watch{.interrupted = [] { return true; }};
  });
  EXPECT_EQ(files.at(0).rows.at(0).note, "interrupted");
  EXPECT_FALSE(files[0].rows[0].summary);
  EXPECT_EQ(files[0].rows[1].note, "a vector");
}

TEST(Inspector, NotesSayHowAKernelIsSeenAndThatNumbersAreCoarse) {
  EXPECT_EQ(note_of({.shape = {4, 3}, .dtype = "F32"}, {}), "");
  EXPECT_EQ(note_of({.shape = {4, 3, 2}, .dtype = "F32"}, {}), "kernel as out x (in k k)");
  EXPECT_EQ(note_of({.shape = {4, 3, 2}, .dtype = "F8_E4M3"}, {.kernel = linalg::KernelView::Channels}),
            "kernel as in x (out k k); 8-bit floats: small singular values are their rounding");
}

TEST(Inspector, AConvolutionsNoteHasTheSideThatWasTaken) {
  const InspectOptions exact{.kernel = linalg::KernelView::Exact, .input_side = 4};
  EXPECT_EQ(note_of({.shape = {2, 2, 3, 3}, .dtype = "F32"}, exact),
            "convolution of inputs of side 4 that wrap around, stride 1, one group");
  EXPECT_EQ(note_of({.shape = {9, 9, 3, 7}, .dtype = "F32"}, exact),
            "convolution of inputs of side 7 that wrap around, stride 1, one group");
  EXPECT_EQ(note_of({.shape = {9, 9}, .dtype = "F32"}, exact), "");
}

TEST(Inspector, LeadingValuesAloneAreMarked) {
  const Scratch folder;
  Generator generator(1);
  save({{"large", randn({9, 8}, generator)}, {"small", randn({5, 9}, generator)}, {"kernel", ones({7, 3, 3})}},
       folder / "a.safetensors");
  InspectorOptions options{.matrix = {.fit = true, .full_up_to = 6, .leading = 2}};
  const auto notes = [&] {
    const auto files = inspect_files({folder / "a.safetensors"}, options, [](std::size_t) { return Watch(); });
    std::vector<std::string> result;
    for (const auto& row : files.at(0).rows) result.push_back(row.note);
    return result;
  };
  EXPECT_EQ(notes(), (std::vector<std::string>{"2 leading values (Lanczos), no fit", "",
                                               "kernel as out x (in k k); 2 leading values (Lanczos), no fit"}));
  options.matrix.fit = false;
  EXPECT_EQ(notes().front(), "2 leading values (Lanczos)");
}

TEST(Inspector, TheCostIsThatOfTheMatrixThatIsDecomposed) {
  const TensorRow kernel{.name = "k", .shape = {64, 2, 3, 3}, .dtype = "F32"};
  const double entries = 64 * 2 * 9;
  EXPECT_EQ(cost_of(kernel, {}), entries * 18);
  EXPECT_EQ(cost_of(kernel, {.kernel = linalg::KernelView::Channels}), entries * 2);
  EXPECT_EQ(cost_of(kernel, {.kernel = linalg::KernelView::Exact}), 256 * (2.0 * 64 * 2 * 2 + entries));
  EXPECT_EQ(cost_of({.shape = {6, 4}}, {.kernel = linalg::KernelView::Exact}), 6 * 4 * 4);
}

TEST(Inspector, AFailureNamesFileAndTensor) {
  const Scratch folder;
  save({{"w", ones({2, 2})}}, folder / "a.safetensors");
  const auto file = open_tensors(folder / "a.safetensors");
  const auto path = (folder / "a.safetensors").string();
  EXPECT_EQ(failure_text(file, 0, std::bad_alloc()), path + ": \"w\": std::bad_alloc");
  EXPECT_EQ(failure_text(file, 0, Error("svd: no")), path + ": \"w\": svd: no");
  EXPECT_EQ(failure_text(file, 0, Error(path + ": \"w\" is cut off")), path + ": \"w\" is cut off");
}

TEST(Inspector, AFileWithoutTensorsIsAFailure) {
  const Scratch folder;
  const std::string header("\x02\0\0\0\0\0\0\0{}", 10), graph("\x08\x07\x3a\x00", 4);
  const auto files = inspect_files({folder.file("a.safetensors", header), folder.file("b.onnx", graph)}, {},
                                   [](std::size_t) { return Watch(); });
  EXPECT_EQ(files.at(0).error, (folder / "a.safetensors").string() + ": holds no tensors");
  EXPECT_EQ(files.at(1).error, (folder / "b.onnx").string() + ": holds no initialisers");
}

}  // namespace
}  // namespace sigmagrad::inspection
