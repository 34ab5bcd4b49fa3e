// SPDX-License-Identifier: BSD-3-Clause
// What is committed stays: whole, once, and the same as without the kill.
#include <algorithm>
#include <csignal>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/runs/process.hpp>

namespace sigmagrad::testing {
namespace {

using Rows = std::set<std::string>;

Words run_into(const std::filesystem::path& out, const Words& more = {}) {
  Words arguments{"run",   "test/single", "test/batched", "--trials",  "100",
                  "--set", "rounds=3000", "--out",        out.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return program(arguments);
}

Rows stored_rows(const std::filesystem::path& out) {
  const auto rows = exported_rows(out);
  EXPECT_EQ(Rows(rows.begin(), rows.end()).size(), rows.size()) << "a trial is there twice";
  return {rows.begin(), rows.end()};
}

TEST(Kill, TwentyTimesLeavesTheSameResults) {
  const Scratch scratch;
  const auto uninterrupted = scratch / "uninterrupted", killed = scratch / "killed";
  run_program(run_into(uninterrupted, {"--jobs", "2"}));
  const Rows expected = stored_rows(uninterrupted);
  ASSERT_EQ(expected.size(), 400u);
  std::mt19937 random(20);
  Rows before;
  std::set<std::size_t> sizes;
  for (int kills = 0; kills < 20;) {
    Process process(scratch, run_into(killed, {"--jobs", "1"}));
    // Every other time before the first commit, otherwise after it; then anywhere up to the next ones.
    wait_for_trials(process, killed, static_cast<std::int64_t>(before.size() + (kills % 2 ? 1 : 0)));
    for (auto polls = random() % 200; polls > 0; --polls) stored_trials(killed);
    ASSERT_TRUE(process.running()) << "the run has ended after " << kills << " kills; it needs more rounds";
    process.signal(SIGKILL);
    ASSERT_EQ(process.wait(), -SIGKILL);
    ++kills;
    if (stored_trials(killed) == 0) continue;  // perhaps before there is a database
    const Rows after = stored_rows(killed);
    EXPECT_TRUE(std::ranges::includes(after, before)) << "committed trials are lost";
    EXPECT_TRUE(std::ranges::includes(expected, after)) << "a row is not whole";
    sizes.insert(after.size());
    before = after;
  }
  RecordProperty("sizes", ::testing::PrintToString(sizes));
  std::cout << "trials stored after the kills: " << ::testing::PrintToString(sizes) << '\n';
  EXPECT_GE(sizes.size(), 8u);
  run_program(run_into(killed, {"--jobs", "2"}));
  EXPECT_EQ(exported_rows(killed), exported_rows(uninterrupted));
}

TEST(Kill, AFullDiskEndsTheRunAtOnceAndKeepsWhatWasCommitted) {
  const Scratch scratch;
  const auto out = scratch / "full";
  Words command{"/bin/bash", "-c", "trap '' XFSZ; ulimit -f 48; exec \"$@\"", "bash"};  // files of at most 48 kB
  for (const auto& word : run_into(out, {"--jobs", "1"})) command.push_back(word);
  Process process(scratch, command);
  EXPECT_EQ(process.wait(), 1);
  const auto rows = exported_rows(out).size();
  EXPECT_GT(rows, 0u);
  EXPECT_TRUE(contains(process.err(), "disk", "of 400 trials of this run " + std::to_string(rows) + " are kept in"));
  run_program(run_into(out));
  EXPECT_EQ(exported_rows(out).size(), 400u);
}

TEST(Kill, ASecondWriterIsToldAtOnce) {
  const Scratch scratch;
  const auto out = scratch / "shared";
  Process first(scratch, run_into(out, {"--jobs", "1"}));
  wait_for_trials(first, out, 1);
  Process second(scratch, run_into(out, {"--shard", "1/2"}));
  EXPECT_EQ(second.wait(), 2);
  EXPECT_TRUE(first.running());
  EXPECT_TRUE(contains(second.err(), "is writing to it; runs at the same time need an --out each"));
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait(), 130);
  EXPECT_TRUE(contains(first.err(), "interrupted; what had finished is kept. Resume with: sigmagrad run test/single"));
}

}  // namespace
}  // namespace sigmagrad::testing
