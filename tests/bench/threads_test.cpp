// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <sigmagrad/bench/problems.hpp>

namespace sigmagrad::bench {
namespace {

constexpr int steps = 200;

using Parameters = std::vector<double>;

// A captured step belongs to the thread that made it, so each training is made where it runs.
Parameters trained(Way way, int d) {
  const auto completion = library(Completion(d), way), relu2 = library(Relu2(d), way);
  for (int i = 0; i < steps; ++i) {
    (*completion)();
    (*relu2)();
  }
  Parameters all = completion->parameters();
  const Parameters more = relu2->parameters();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

void expect_the_bits_of_one_after_the_other(Way way) {
  constexpr std::array<int, 2> sizes{7, 16};
  std::array<Parameters, 2> together;
  {
    std::atomic<int> waiting = 2;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 2; ++i)
      threads.emplace_back([&, i] {
        for (--waiting; waiting > 0;) std::this_thread::yield();
        together[i] = trained(way, sizes[i]);
      });
  }
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(together[i], trained(way, sizes[i])) << "d = " << sizes[i];
}

TEST(TwoTrainings, EagerAtOnceHaveTheBitsOfOneAfterTheOther) { expect_the_bits_of_one_after_the_other(Way::Eager); }
TEST(TwoTrainings, CapturedAtOnceHaveTheBitsOfOneAfterTheOther) {
  expect_the_bits_of_one_after_the_other(Way::Captured);
}

}  // namespace
}  // namespace sigmagrad::bench
