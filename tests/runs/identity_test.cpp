// SPDX-License-Identifier: BSD-3-Clause
// Results are equal byte for byte, however the trials are shared out.
#include <algorithm>
#include <csignal>

#include <gtest/gtest.h>

#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/runs/process.hpp>

namespace sigmagrad::testing {
namespace {

constexpr auto no_mpi = "built without MPI (Debian: libopenmpi-dev, openmpi-bin)";

Words run_into(const std::filesystem::path& out, const Words& more) {
  Words arguments{"run", "test/batched", "test/single", "--out", out.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::string exported(const std::filesystem::path& directory) {
  const Scratch scratch;
  Process process(scratch, program({"export", directory.string()}));
  EXPECT_EQ(process.wait(), 0) << process.err();
  return process.out();
}

class Identity : public ::testing::Test {
 protected:
  std::filesystem::path finished(const std::string& name, const Words& more) {
    run_program(program(run_into(scratch_ / name, more)));
    return scratch_ / name;
  }
  Scratch scratch_;
};

TEST_F(Identity, OfJobs) {
  const auto one = exported(finished("one", {"--jobs", "1"}));
  EXPECT_TRUE(contains(one, "\ntest/batched,3,10,42,philox,0,ok,,", "failed,\"the 8th, of \"\"two\"\"\",,,\n"));
  EXPECT_EQ(one, exported(finished("two", {"--jobs", "2"})));
  EXPECT_EQ(one, exported(finished("five", {"--jobs", "5"})));
}

// What a thread computed before leaves memory behind, and large matrices leave more of it than small ones.
TEST_F(Identity, OfSizesInAnyOrder) {
  const auto rows = [&](const std::string& name, const char* sizes, const char* jobs) {
    run_program(
        program({"run", "spectral/corrections", "--set", "correction=spectral", "--set", "sample=paper", "--set",
                 "steps=40", "--sweep", sizes, "--trials", "2", "--jobs", jobs, "--out", (scratch_ / name).string()}),
        0);
    auto found = exported_rows(scratch_ / name);  // in the order of the sizes
    std::sort(found.begin(), found.end());
    return found;
  };
  const auto ascending = rows("ascending", "d=32,64,150", "1");
  EXPECT_EQ(ascending.size(), 6u);
  EXPECT_EQ(ascending, rows("descending", "d=150,64,32", "1"));
  EXPECT_EQ(ascending, rows("together", "d=64,150,32", "2"));
}

TEST_F(Identity, OfMergedShards) {
  const auto all = finished("all", {});
  Words merge{"merge"};
  for (const int shard : {2, 3, 1}) {
    const auto out = scratch_ / ("shard" + std::to_string(shard));
    run_program(program(run_into(out, {"--shard", std::to_string(shard) + "/3"})), shard == 2);  // its 8th trial fails
    merge.push_back(out.string());
  }
  merge.insert(merge.end(), {"--into", (scratch_ / "merged").string()});
  run_program(program(merge), 0);
  EXPECT_EQ(exported(scratch_ / "merged"), exported(all));
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "merged/report.html"));
}

TEST_F(Identity, OfProcesses) {
  const auto command = program_under_mpirun(3, run_into(scratch_ / "mpi", {}));
  if (command.empty()) GTEST_SKIP() << no_mpi;
  run_program(command);
  EXPECT_EQ(exported(scratch_ / "mpi"), exported(finished("all", {})));
}

// mpirun ends the processes that are left; the first of them stores what there is.
TEST_F(Identity, AfterAProcessHasDied) {
  const auto command = program_under_mpirun(3, run_into(scratch_ / "mpi", {}));
  if (command.empty()) GTEST_SKIP() << no_mpi;
  Process process(scratch_, command, {"SIGMAGRAD_TEST_FATAL_RANK=2"});
  EXPECT_NE(process.wait(), 0);
  EXPECT_TRUE(contains(process.err(), "interrupted; what had finished is kept. Resume with: sigmagrad run"));
  EXPECT_GT(stored_trials(scratch_ / "mpi"), 0);
  EXPECT_LT(stored_trials(scratch_ / "mpi"), 160);
  run_program(command);
  EXPECT_EQ(exported(scratch_ / "mpi"), exported(finished("all", {})));
}

TEST_F(Identity, AfterTheFirstProcessHasDied) {
  const auto command = program_under_mpirun(3, run_into(scratch_ / "mpi", {}));
  if (command.empty()) GTEST_SKIP() << no_mpi;
  Process process(scratch_, command, {"SIGMAGRAD_TEST_FATAL_RANK=0"});
  EXPECT_NE(process.wait(), 0);
  EXPECT_LT(stored_trials(scratch_ / "mpi"), 160);
  run_program(command);
  EXPECT_EQ(exported(scratch_ / "mpi"), exported(finished("all", {})));
}

TEST_F(Identity, AfterAnInterrupt) {
  const auto command = program_under_mpirun(3, run_into(scratch_ / "mpi", {}));
  if (command.empty()) GTEST_SKIP() << no_mpi;
  Process process(scratch_, command, {"SIGMAGRAD_TEST_FATAL_RANK=none"});
  wait_for_trials(process, scratch_ / "mpi", 1);
  process.signal(SIGINT);
  EXPECT_NE(process.wait(), 0);
  EXPECT_TRUE(contains(process.err(), "Resume with: sigmagrad run"));
  run_program(command);
  EXPECT_EQ(exported(scratch_ / "mpi"), exported(finished("all", {})));
}

TEST_F(Identity, BadArgumentsAreToldOnceByAllProcesses) {
  const std::vector<std::pair<Words, std::string>> cases{{{"--set", "nothing=1"}, "unknown parameter 'nothing'"},
                                                         {{"--set", "nothing"}, "'nothing': expected key=value"},
                                                         {{"--seed", "x"}, "--seed: 'x' is not an integer"}};
  for (const auto& [arguments, message] : cases) {
    const auto command = program_under_mpirun(3, run_into(scratch_ / "mpi", arguments));
    if (command.empty()) GTEST_SKIP() << no_mpi;
    Process process(scratch_, command);
    EXPECT_EQ(process.wait(), 2);
    const auto text = process.err();
    ASSERT_NE(text.find(message), text.npos) << text;
    EXPECT_EQ(text.find(message, text.find(message) + 1), text.npos) << text;
  }
}

}  // namespace
}  // namespace sigmagrad::testing
