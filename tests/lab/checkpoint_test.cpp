// SPDX-License-Identifier: BSD-3-Clause
// The files of trials that are not done.
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/program/drive.hpp>
#include <sigmagrad/lab/program/run.hpp>
#include <sigmagrad/lab/run/checkpoints.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

namespace fs = std::filesystem;
using sigmagrad::detail::write_file;
using testing::scratch_directory;

const Int stops{.name = "stops", .help = "0: none", .quick = {0}};
const Quantity went_on{.name = "went_on"};

// Leaves a file; with `stops` it fails then, and says whether there was one.
const Register keeping{{.id = "test/keeping",
                        .title = "Trials that keep a file",
                        .parameters = {stops},
                        .trials = {.quick = 2},
                        .trial = [](Trial& t) {
                          const auto file = t.checkpoint();
                          t.record(went_on, !file.empty() && fs::exists(file) ? 1 : 0);
                          if (!file.empty()) write_file(file, std::to_string(t.index()));
                          if (t[stops] == 1) throw Error("stopped");
                        }}};

fs::path file_of(const fs::path& out, std::int64_t value, std::uint64_t seed, std::int64_t index) {
  const TrialKey key{Params({{"stops", value}}), index, seed};
  return checkpoint_of(
      {&find_experiment("test/keeping"), key, 1, out.empty() ? nullptr : std::make_shared<const fs::path>(out)});
}

TEST(Checkpoint, HasANameOfItsOwnForEachTrial) {
  EXPECT_TRUE(file_of({}, 0, 42, 0).empty());
  std::set<fs::path> files;
  for (const std::int64_t value : {0, 1})
    for (const std::uint64_t seed : {42, 43})
      for (const std::int64_t index : {0, 1}) files.insert(file_of("/there", value, seed, index));
  EXPECT_EQ(files.size(), 8u);
  EXPECT_EQ(files.begin()->parent_path(), "/there/checkpoints/test-keeping");
}

TEST(Checkpoint, IsGoneOnceItsTrialIsStoredAndThereBefore) {
  const auto out = scratch_directory("keeping");
  const auto file = file_of(fs::absolute(out), 0, 42, 1);  // as a run that was killed leaves it
  fs::create_directories(file.parent_path());
  for (const auto* end : {"", ".7-0.new", ".unfit"}) write_file(fs::path(file.string() + end), "1");
  EXPECT_EQ(run("test/keeping", {.out = out}).groups().at(0).values(went_on), (std::vector<double>{0, 1}));
  EXPECT_FALSE(fs::exists(out / "checkpoints"));
  EXPECT_EQ(run("test/keeping").groups().at(0).values(went_on), (std::vector<double>{0, 0}));
}

// Another trial's file may be about to be written into the folder when the first trial is stored.
TEST(Checkpoint, FoldersStayWhileTrialsRunAndFilesOfFailedOnesAfterThem) {
  const auto out = scratch_directory("keeping-folders");
  const auto kept = file_of(fs::absolute(out), 0, 42, 0);
  fs::create_directories(kept.parent_path());
  write_file(kept, "1");
  Task task = tasks_of(plans({.ids = {"test/keeping"}}).front()).front();
  task.out = std::make_shared<const fs::path>(fs::absolute(out));
  drop_checkpoints(out, std::vector{Finished{.task = task, .error = "stopped"}});
  EXPECT_TRUE(fs::exists(kept));
  drop_checkpoints(out, std::vector{Finished{.task = task}});
  EXPECT_FALSE(fs::exists(kept));
  EXPECT_TRUE(fs::exists(kept.parent_path()));
  drop_empty_folders(out);
  EXPECT_FALSE(fs::exists(out / "checkpoints"));
}

TEST(Checkpoint, OfOtherTrialsStaysAndFreshDropsIt) {
  const auto out = scratch_directory("keeping-fresh");
  const auto folder = out / "checkpoints" / "test-keeping";
  fs::create_directories(folder);
  write_file(folder / "0123456789abcdef.safetensors", "of another trial");
  run("test/keeping", {.values = {{"stops", {std::int64_t{1}}}}, .out = out});
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 3);  // and those of two trials that failed
  drive({.plans = plans({.ids = {"test/keeping"}}), .out = out, .fresh = true, .progress = nullptr});
  EXPECT_FALSE(fs::exists(out / "checkpoints"));
}

}  // namespace
}  // namespace sigmagrad::lab
