// SPDX-License-Identifier: BSD-3-Clause
// What the body of a captured step may not do, and what an Error leaves behind.
#include <sstream>
#include <thread>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/tests/autograd/capture_training.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::Training;

TEST(Capture, AReplayThatAnErrorEndsLeavesTheGradientsOfTheBody) {
  Training t;
  Tensor index = zeros({1});
  auto step = capture([&] {
    t.zero_grad();
    t.gradients();
    return gather(t.target.reshape({16}), 0, index);
  });
  step();
  t.zero_grad();
  index.fill_(16.0);
  EXPECT_EQ(error_of(step), "gather: index 16 is out of range for an axis of 16");
  EXPECT_TRUE(t.a.grad().defined());
}

TEST(Capture, HostAccessIsRefused) {
  Training t;
  const auto refused = [&](const char* name, const char* advice, auto f) {
    EXPECT_EQ(
        error_of(capture(f)),
        std::string(name) + ": not in the body of a captured step, which replays tensor operations only; " + advice);
  };
  const char* result = "return the tensor from the body, and read output()";
  refused("item", result, [&] { t.step().item(); });
  refused("data", result, [&] { t.a.data<double>(); });
  refused("mutable_data", "write before the call, or use copy_", [&] { t.target.mutable_data<double>(); });
  refused("operator<<", "return the tensor from the body, and print output()", [&] { std::ostringstream() << t.a; });
  refused("Generator", "seed it before the call", [&] { t.generator.seed(1); });
  EXPECT_EQ(t.step().numel(), 1);
  EXPECT_NO_THROW(t.step().item());
}

TEST(Capture, AGeneratorOfTheBodysOwnIsRefused) {
  EXPECT_EQ(
      error_of(capture([] {
        Generator generator(1);
        return randn({2}, generator);
      })),
      "capture: a Generator was made and destroyed in the body, so a replay could not draw from it; make it outside");
}

TEST(Capture, ATensorThatIsGoneIsRefused) {
  Tensor x = ones({2, 3});
  auto step = capture([&] { return sum(x); });
  step();
  x = ones({5});
  EXPECT_EQ(error_of(step),
            "capture: a tensor [2, 3] that the body used is gone; keep it, and copy new values into it with copy_");
}

TEST(Capture, AnotherThreadIsRefused) {
  Tensor x = ones({2});
  auto step = capture([&] { return sum(x); });
  step();
  std::string message;
  std::thread([&] { message = error_of(step); }).join();
  EXPECT_EQ(message, "capture: a captured step runs on the thread that made its first call");
}

TEST(Capture, AnErrorInTheBodyLeavesNoRecording) {
  Tensor x = ones({2}), index = zeros({1});
  auto step = capture([&] { return gather(x, 0, index); });
  index.fill_(2.0);
  EXPECT_EQ(error_of(step), "gather: index 2 is out of range for an axis of 2");
  EXPECT_EQ(x.data<double>()[0], 1.0);
  index.fill_(1.0);
  EXPECT_EQ(step().item(), 1.0);
  index.fill_(3.0);
  EXPECT_EQ(error_of(step), "gather: index 3 is out of range for an axis of 2");
  index.fill_(0.0);
  EXPECT_EQ(step().item(), 1.0);
}

}  // namespace
}  // namespace sigmagrad
