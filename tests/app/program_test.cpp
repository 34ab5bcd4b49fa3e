// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/program/interrupt.hpp>
#include <sigmagrad/tests/app/ran.hpp>

namespace sigmagrad::app {
namespace {

using lab::interrupted;
using lab::note_interrupts;
using lab::run_program;

using testing::contains;
using testing::expect_one_line;
using testing::program;
using testing::Ran;
using testing::scratch;

TEST(Program, BadArgumentsAreOneLineWithTheNearestName) {
  expect_one_line({"rum", "test/sample"}, "unknown command 'rum'; did you mean 'run'?");
  expect_one_line({"--bogus"}, ": unknown option '--bogus'");
  expect_one_line({"--bogus", "list"}, ": unknown option '--bogus'");
  EXPECT_FALSE(contains(program({"--bogus"}).err, lab::program_name() + ": " + lab::program_name()));
  expect_one_line({"run", "test/smple"}, "unknown experiment 'test/smple'; did you mean 'test/sample'?");
  expect_one_line({"run", "test/sample", "--trails", "3"}, "unknown option '--trails'; did you mean '--trials'?");
  expect_one_line({"run", "test/sample", "--set", "dd=3"}, "unknown parameter 'dd'; did you mean 'd'?");
  expect_one_line({"run", "test/sample", "--preset", "papr"}, "did you mean 'paper'?");
  expect_one_line({"run", "test/sample", "--stream", "numpy"}, "has no stream 'numpy'");
  expect_one_line({"run", "test/sample", "--set", "d=x"}, "'x' is not an integer");
  expect_one_line({"run", "test/sample", "--set", "d=4,8"}, "for several values: --sweep d=4,8");
  expect_one_line({"run", "test/sample", "--trials", "0"}, "trials must be >= 1");
  expect_one_line({"run", "test/sample", "--trials", "some"}, "--trials");
  expect_one_line({"run", "test/sample", "--jobs", "-1"}, "--jobs must be >= 0");
  expect_one_line({"run", "test/sample", "--seed", "-1"},
                  "--seed: '-1' is not an integer from 0 to 18446744073709551615");
  expect_one_line({"run", "test/sample", "--seed", "18446744073709551616"}, "--seed: ");
  expect_one_line({"run", "test/sample", "--shard", "3/2"}, "--shard");
  expect_one_line({"run", "test/sample", "--out", "/proc/nowhere"}, "cannot be written");
  expect_one_line({"run", "test/sample", "--config", "/nowhere.toml"}, "cannot be read");
  expect_one_line({"run"}, "ids");
  expect_one_line({"report", scratch("none")}, "holds no results.db");
  expect_one_line({"export", scratch("none")}, "holds no results.db");
  expect_one_line({"merge", scratch("none"), "--into", scratch("into")}, "holds no results.db");
  expect_one_line({"merge", scratch("none")}, "--into");
  expect_one_line({"completion", "zsh"}, "did you mean 'bash'?");
}

TEST(Program, RunPrintsOneJsonObjectAndNothingElse) {
  const Ran ran =
      program({"run", "test/sample", "--json", "--sweep", "d=4,8", "--trials", "3", "--out", scratch("json")});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json["groups"].size(), 2U);
  EXPECT_EQ(json["groups"][1]["params"]["d"], 8);
  EXPECT_EQ(json["groups"][1]["trials"], 3);
  EXPECT_TRUE(contains(ran.err, "6/6 trials"));
}

TEST(Program, ResumesAndRefusesAnotherSeed) {
  const auto out = scratch("resume");
  EXPECT_EQ(program({"run", "test/sample", "--out", out}).code, 0);
  const Ran again = program({"run", "test/sample", "--out", out});
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.err, "");  // nothing was left to run
  EXPECT_TRUE(contains(again.out, "Medians"));
  EXPECT_TRUE(again.out.ends_with("Report: " + out + "/report.html\n"));
  expect_one_line({"run", "test/sample", "--seed", "7", "--out", out}, "seed: 42 -> 7");
  EXPECT_EQ(program({"run", "test/sample", "--seed", "7", "--out", out, "--fresh"}).code, 0);
  EXPECT_EQ(program({"report", out}).code, 0);
}

TEST(Program, ASweepGrowsInItsDirectory) {
  const auto out = scratch("grows"), whole = scratch("grows-whole");
  EXPECT_EQ(program({"run", "test/sample", "--sweep", "d=4,16", "--out", out}).code, 0);
  const Ran more = program({"run", "test/sample", "--sweep", "d=4,8,16", "--out", out, "--json"});
  EXPECT_TRUE(contains(more.err, "5/5 trials"));
  EXPECT_EQ(nlohmann::json::parse(more.out)["groups"].size(), 3U);
  EXPECT_EQ(program({"run", "test/sample", "--sweep", "d=4,8,16", "--out", whole}).code, 0);
  EXPECT_EQ(program({"export", out}).out, program({"export", whole}).out);
}

TEST(Program, PrintsTheResolvedParametersFirst) {
  const Ran ran = program({"run", "test/sample", "--set", "d=16", "--trials", "1", "--out", scratch("resolved")});
  EXPECT_TRUE(
      ran.out.starts_with("test/sample  preset quick, seed 42, stream philox, 1 trial a group\n"
                          "  d=16 forever=false fails=false\n"));
}

TEST(Program, SaysOfDamagedRowsAndMendsThem) {
  const auto out = scratch("damaged");
  EXPECT_EQ(program({"run", "test/sample", "--out", out}).code, 0);
  const auto before = program({"export", out}).out;
  auto bytes = sigmagrad::detail::read_file(out + "/results.db");
  const auto at = bytes.find("{\"mean\":0.") + 10;
  bytes[at] = bytes[at] == '5' ? '4' : '5';
  std::ofstream(out + "/results.db") << bytes;
  for (const Ran& ran : {program({"export", out}), program({"report", out}),
                         program({"merge", out, "--into", scratch("damaged-into")})}) {
    EXPECT_EQ(ran.code, 1);
    EXPECT_TRUE(contains(ran.err, "damaged and left out: 1 row (trial ", "runs again what is lost"));
  }
  const Ran again = program({"run", "test/sample", "--out", out});
  EXPECT_EQ(again.code, 0);
  EXPECT_TRUE(contains(again.err, "was damaged: 1 row (trial ", "9 trials are sound and kept", "1/1 trials"));
  EXPECT_EQ(program({"export", out}).out, before);
}

TEST(Program, TwoRunsOfOneSecondHaveADirectoryEach) {
  const auto before = std::filesystem::current_path();
  const auto folder = scratch("default");
  std::filesystem::create_directories(folder);
  std::filesystem::current_path(folder);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(program({"run", "test/sample", "--trials", "1"}).code, 0);
  EXPECT_EQ(program({"run", "test/sample", "--dry-run"}).code, 0);
  std::filesystem::current_path(before);
  const auto runs = std::filesystem::directory_iterator(folder + "/runs");
  EXPECT_EQ(std::distance(begin(runs), end(runs)), 3);
}

TEST(Program, MergesShardsAndExportsThem) {
  const auto all = scratch("all"), first = scratch("first"), second = scratch("second"), merged = scratch("merged");
  EXPECT_EQ(program({"run", "test/sample", "--out", all}).code, 0);
  EXPECT_EQ(program({"run", "test/sample", "--shard", "1/2", "--out", first}).code, 0);
  EXPECT_EQ(program({"run", "test/sample", "--shard", "2/2", "--out", second}).code, 0);
  const Ran merge = program({"merge", second, first, "--into", merged});
  EXPECT_EQ(merge.code, 0) << merge.err;
  EXPECT_TRUE(contains(merge.out, "Medians", "Report: " + merged + "/report.html"));
  const Ran exported = program({"export", merged});
  EXPECT_TRUE(exported.out.starts_with("experiment,d,forever,fails,seed,stream,trial,status,error,mean\n"));
  EXPECT_EQ(exported.out, program({"export", all, "test/sample"}).out);
  EXPECT_EQ(program({"export", all, "--out", all + ".csv"}).out, "");
  EXPECT_EQ(sigmagrad::detail::read_file(all + ".csv"), exported.out);
}

// In a process of its own, whose output has no place.
TEST(Program, OutputThatIsLostIsAnError) {
  const pid_t child = fork();
  if (child == 0) {
    std::ofstream full("/dev/full");
    std::cout.rdbuf(full.rdbuf());
    std::_Exit(run_program({"list"}));
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST(Program, FailedTrialsGiveOneAndAreListed) {
  const auto out = scratch("fail");
  const auto line =
      "failed: 2 trials: told to (d=16 forever=false fails=true trial 0; d=16 forever=false fails=true trial 1)";
  const Ran ran =
      program({"run", "test/sample", "--set", "fails=true", "--set", "d=16", "--trials", "2", "--out", out});
  EXPECT_EQ(ran.code, 1);
  EXPECT_TRUE(contains(ran.err, line, "with --retry-failed the same command runs them again"));
  EXPECT_TRUE(contains(program({"merge", out, "--into", scratch("fail-merged")}).err, line));
  EXPECT_TRUE(contains(program({"run", "--help"}).out, "--retry-failed", "a failed trial counts as done"));
}

TEST(Program, ReproduceRunsEveryExperiment) {
  const auto out = scratch("reproduce");
  const Ran ran = program({"reproduce", "--dry-run", "--trials", "1", "--out", out});
  EXPECT_EQ(ran.code, 0);
  for (const auto& entry : nlohmann::json::parse(program({"list", "--json"}).out))
    EXPECT_TRUE(contains(ran.out, entry["id"].get<std::string>()));
  EXPECT_FALSE(std::filesystem::exists(out));
  expect_one_line({"reproduce", "test/sample"}, "unexpected argument 'test/sample'");
  expect_one_line({"reproduce", "--preset", "papr"}, "did you mean 'paper'?");
}

TEST(Program, ReproduceHearsFirstThatThePageHasNoPlace) {
  const auto out = scratch("reproduce-no-page");
  expect_one_line({"reproduce", "--claims", "/nowhere/page.md", "--out", out}, "/nowhere/page.md: cannot be written");
  expect_one_line({"reproduce", "--claims", "/tmp", "--out", out}, "/tmp: cannot be written: it is a directory");
  expect_one_line({"reproduce", "--claims", "-", "--json", "--out", out}, "standard output is taken by --json");
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Program, ReproduceLeavesOutWhatTakesMoreThanAnHour) {
  const Ran ran = program({"reproduce", "--preset", "paper", "--dry-run", "--out", scratch("reproduce-paper")});
  for (const auto& entry : nlohmann::json::parse(program({"list", "--json"}).out)) {
    const auto id = entry["id"].get<std::string>();
    const bool takes_long = entry["seconds"]["paper"] > 3600;
    EXPECT_EQ(contains(ran.out, "\n" + id + ' ') || ran.out.starts_with(id + ' '), !takes_long) << id;
    EXPECT_EQ(contains(ran.err, "leaves out " + id + ','), takes_long) << id;
  }
}

TEST(Program, DryRunWritesNothing) {
  const auto out = scratch("dry");
  const Ran ran = program({"run", "test/sample", "--dry-run", "--trials", "7", "--jobs", "1", "--out", out});
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(contains(ran.out, "7 trials  d=16", "14 trials on 1 thread: about 0.28 s"));
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Program, ListsEveryExperiment) {
  EXPECT_TRUE(contains(program({"list"}).out, "test/sample", "A uniform draw", "d=16,64"));
  EXPECT_TRUE(contains(program({"list", "test/sample"}).out, "Where is the mean?", "number of draws"));
  expect_one_line({"list", "test/smple"}, "did you mean 'test/sample'?");
  const auto json = nlohmann::json::parse(program({"list", "--json"}).out);
  const auto sample = std::ranges::find(json, "test/sample", [](const auto& entry) { return entry["id"]; });
  ASSERT_NE(sample, json.end());
  EXPECT_EQ((*sample)["parameters"]["d"]["default"], (std::vector{16, 64}));
  EXPECT_EQ((*sample)["parameters"]["forever"]["default"], false);
  EXPECT_EQ((*sample)["seconds"]["paper"], 1);
}

TEST(Program, BenchMeasuresWhatIsAskedFor) {
  const auto json = nlohmann::json::parse(program({"bench", "--json", "--filter", "d2_L3", "--seconds", "0"}).out);
  ASSERT_EQ(json["workloads"].size(), 2u);
  EXPECT_EQ(json["workloads"][0]["name"], "completion_d2_L3");
  EXPECT_GT(json["workloads"][0]["captured_ratio"], 0);
  expect_one_line({"bench", "--filter", "d4_L3"}, "bench: no workload's name contains 'd4_L3'");
}

TEST(Program, HelpVersionAndCompletion) {
  const Ran help = program({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const auto* name : {"list", "run", "reproduce", "report", "merge", "export", "complete", "bench", "completion"})
    EXPECT_TRUE(contains(help.out, name));
  EXPECT_TRUE(program({"--version"}).out.starts_with("sigmagrad 0."));
  EXPECT_TRUE(contains(program({"completion", "bash"}).out, "test/sample", "--sweep", "complete -F", "--separator",
                       "auto comma semicolon tab space ::", "--row-names"));
}

TEST(Program, TheSecondInterruptEndsItAtOnce) {
  const pid_t child = fork();
  if (child == 0) {
    note_interrupts();
    std::raise(SIGINT);
    if (interrupted()) std::raise(SIGINT);
    std::_Exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

// In a process of its own, ended by a signal while trials run that would never end.
TEST(Program, AnInterruptKeepsWhatHadFinished) {
  const auto out = scratch("interrupt");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    std::_Exit(
        run_program({"run", "test/sample", "--set", "forever=true", "--set", "d=16", "--jobs", "2", "--out", out}));
  }
  close(ends[1]);
  std::string text;  // grows until the child has nothing more to say
  const auto read_on = [&] {
    char part[256];
    const auto length = read(ends[0], part, sizeof part);
    if (length > 0) text.append(part, static_cast<std::size_t>(length));
    return length > 0;
  };
  while (!contains(text, "1/5 trials") && read_on()) continue;
  kill(child, SIGINT);
  while (read_on()) continue;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_TRUE(contains(text, "Resume with: sigmagrad run test/sample --set forever=true --set d=16 --jobs 2"));
  EXPECT_TRUE(
      contains(program({"run", "test/sample", "--set", "forever=true", "--set", "d=16", "--dry-run", "--out", out}).out,
               "4 trials"));
}

}  // namespace
}  // namespace sigmagrad::app
