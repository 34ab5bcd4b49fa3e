// SPDX-License-Identifier: BSD-3-Clause
// Trials that go on from where they were killed.
#include <chrono>
#include <csignal>

#include <gtest/gtest.h>

#include <sigmagrad/tests/runs/process.hpp>

namespace sigmagrad::testing {
namespace {

namespace fs = std::filesystem;

Words train_into(const fs::path& out) {
  return program({"run", "networks/vgg", "--set", "images=synthetic", "--set", "samples=128", "--set", "narrower=32",
                  "--set", "epochs=12", "--set", "depth=11", "--trials", "2", "--jobs", "1", "--out", out.string()});
}

// Waits for the file of the trial that runs.
fs::path checkpoint_in(const fs::path& out, Process& process) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  const auto folder = out / "checkpoints" / "networks-vgg";
  while (process.running() && std::chrono::steady_clock::now() < deadline) {
    std::error_code error;
    for (const auto& file : fs::directory_iterator(folder, error))
      if (file.path().extension() == ".safetensors") return file.path();
  }
  return {};
}

TEST(Checkpoint, AKilledTrainingGoesOnToTheSameBits) {
  const Scratch scratch;
  const auto uninterrupted = scratch / "uninterrupted", killed = scratch / "killed";
  run_program(train_into(uninterrupted), 0);
  Process process(scratch, train_into(killed));
  const auto file = checkpoint_in(killed, process);
  ASSERT_TRUE(process.running()) << "the run has ended before it was killed; it needs more epochs";
  process.signal(SIGKILL);
  ASSERT_EQ(process.wait(), -SIGKILL);
  ASSERT_TRUE(fs::exists(file)) << file;
  Process again(scratch, train_into(killed));
  EXPECT_EQ(again.wait(), 0);
  EXPECT_NE(again.err().find(file.filename().string() + ": a training goes on after epoch "), std::string::npos)
      << again.err();
  EXPECT_FALSE(fs::exists(killed / "checkpoints"));
  EXPECT_EQ(exported_rows(killed), exported_rows(uninterrupted));
}

}  // namespace
}  // namespace sigmagrad::testing
