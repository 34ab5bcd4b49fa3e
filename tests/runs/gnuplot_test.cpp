// SPDX-License-Identifier: BSD-3-Clause
// A gnuplot that never answers costs a figure, not a run.
#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/runs/process.hpp>

namespace sigmagrad::testing {
namespace {

namespace fs = std::filesystem;

class SilentGnuplot : public ::testing::Test {
 protected:
  // Says that it is there, then reads what nobody writes.
  SilentGnuplot() {
    for (const auto* name : {"here", "never"}) mkfifo((scratch_ / name).c_str(), 0600);
    const auto program =
        scratch_.file("gnuplot", fmt::format("#!/bin/sh\nexec 3> {}\necho here >&3\nread line < {}\n",
                                             (scratch_ / "here").string(), (scratch_ / "never").string()));
    fs::permissions(program, fs::perms::owner_all);
  }
  Words environment(const std::string& seconds) const {
    return {fmt::format("PATH={}:{}", program_folder(), std::getenv("PATH")), "SIGMAGRAD_FIGURE_SECONDS=" + seconds};
  }
  std::string program_folder() const { return (scratch_ / "gnuplot").parent_path().string(); }
  Words run() const { return program({"run", "test/drawn", "--out", (scratch_ / "out").string()}); }
  // The trials are stored, whatever became of the figure.
  void expect_results() { EXPECT_EQ(exported_rows(scratch_ / "out").size(), 3u); }

  Scratch scratch_;
};

TEST_F(SilentGnuplot, IsKilledAndItsFigureLeftOut) {
  Process process(scratch_, run(), environment("0.05"));  // may end before gnuplot says anything: nobody listens
  EXPECT_EQ(process.wait(), 0);
  EXPECT_TRUE(contains(process.err(), "figure drawn: gnuplot had not ended after 0.05 s and was killed",
                       "SIGMAGRAD_FIGURE_SECONDS sets another limit"));
  EXPECT_TRUE(contains(detail::read_file(scratch_ / "out/report.html"), "gnuplot had not ended after 0.05 s"));
  expect_results();
}

TEST_F(SilentGnuplot, EndsWithAnInterruptOfTheRun) {
  Process process(scratch_, run(), environment("3600"));
  std::ifstream here(scratch_ / "here");
  std::string line;
  ASSERT_TRUE(std::getline(here, line));
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(), 130);
  EXPECT_TRUE(contains(process.err(), "interrupted; what had finished is kept. Resume with: sigmagrad run test/drawn"));
  EXPECT_FALSE(std::getline(here, line));  // once nobody holds the other end
  expect_results();
}

TEST_F(SilentGnuplot, NeverOutlivesTheProgram) {
  Process process(scratch_, run(), environment("3600"));
  std::ifstream here(scratch_ / "here");
  std::string line;
  ASSERT_TRUE(std::getline(here, line));
  process.signal(SIGKILL);
  process.wait();
  EXPECT_FALSE(std::getline(here, line));
  expect_results();
}

}  // namespace
}  // namespace sigmagrad::testing
