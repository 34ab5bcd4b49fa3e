// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/on_threads.hpp>

namespace sigmagrad {
namespace {

using engine::parallel_for;
using testing::error_of;
using testing::OnThreads;
using testing::same;

constexpr std::array numbers{1, 2, 3, 7};

// How often each of n places was met.
std::vector<int> visits(std::int64_t n, std::int64_t grain) {
  std::vector<int> seen(static_cast<std::size_t>(n));
  parallel_for(n, grain, [&](std::int64_t begin, std::int64_t end) {
    for (; begin < end; ++begin) ++seen[static_cast<std::size_t>(begin)];
  });
  return seen;
}

TEST(Team, MeetsEveryPlaceOnce) {
  for (const int n : numbers) {
    const OnThreads team(n, OnThreads::plain);
    EXPECT_EQ(num_threads(), n);
    for (const std::int64_t size : {0, 1, 2, 63, 64, 65, 1000, 4097})
      for (const std::int64_t grain : {1, 3, 64, 1000, 5000})
        ASSERT_EQ(visits(size, grain), std::vector<int>(static_cast<std::size_t>(size), 1)) << n << ' ' << size;
  }
}

TEST(Team, CutsOnlyWhatIsLarge) {
  const OnThreads team(3, OnThreads::plain);
  visits(1000, 1000);
  EXPECT_EQ(team.pieces(), 0u);
  visits(1001, 1000);
  EXPECT_EQ(team.pieces(), 2u);
  visits(1000000, 1000);
  EXPECT_EQ(team.pieces(), 14u);
}

TEST(Team, SharesThePieces) {
  const OnThreads team(2, OnThreads::plain);
  std::atomic<int> inside = 0;
  parallel_for(2, 1, [&](std::int64_t, std::int64_t) {  // each waits for the other
    for (++inside; inside < 2;) std::this_thread::yield();
  });
  EXPECT_EQ(inside, 2);
}

TEST(Team, GivesTheErrorOfTheFirstPiece) {
  for (const int n : numbers) {
    const OnThreads team(n, OnThreads::plain);
    const auto fails = [](std::int64_t begin, std::int64_t end) {
      for (; begin < end; ++begin)
        if (begin >= 40) engine::fail("place {}", begin);
    };
    for (int round = 0; round < 20; ++round) ASSERT_EQ(error_of([&] { parallel_for(100, 1, fails); }), "place 40");
    EXPECT_EQ(visits(100, 1), std::vector<int>(100, 1));
  }
}

TEST(Team, WorksAloneInsideAPiece) {
  const OnThreads team(3, OnThreads::plain);
  std::atomic<int> strangers = 0;
  parallel_for(8, 1, [&](std::int64_t, std::int64_t) {
    const auto self = std::this_thread::get_id();
    parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) {
      if (std::this_thread::get_id() != self || begin != 0 || end != 100) ++strangers;
    });
  });
  EXPECT_EQ(strangers, 0);
  EXPECT_EQ(num_threads(), 3);
  visits(8, 1);
  EXPECT_EQ(team.pieces(), 16u);
}

TEST(Team, ChangesItsNumber) {
  for (int round = 0; round < 5; ++round)
    for (const int n : numbers) {
      set_num_threads(n);
      ASSERT_EQ(num_threads(), n);
      ASSERT_EQ(visits(1000, 1), std::vector<int>(1000, 1));
    }
  set_num_threads(1);
  for (const int n : {0, -3}) {
    const std::string expected = "set_num_threads: n must be >= 1 (got " + std::to_string(n) + ")";
    EXPECT_EQ(error_of([&] { set_num_threads(n); }), expected);
  }
  EXPECT_EQ(num_threads(), 1);
}

TEST(Team, BelongsToItsThread) {
  const OnThreads mine(3);
  std::array<Tensor, 2> sums;
  std::array<std::thread, 2> users;
  for (std::size_t i = 0; i < users.size(); ++i)
    users[i] = std::thread([&, i] {  // ends with its team
      EXPECT_EQ(num_threads(), 1);
      set_num_threads(2 + static_cast<int>(i));
      Tensor x = full({100000}, 1.0 + static_cast<double>(i));
      for (int round = 0; round < 50; ++round) x = 0.5 * x + square(x);
      sums[i] = x.sum();
    });
  Tensor own = ones({1000});
  for (int round = 0; round < 50; ++round) own = 0.5 * own + square(own);
  for (auto& user : users) user.join();
  EXPECT_EQ(num_threads(), 3);
  for (std::size_t i = 0; i < users.size(); ++i) {
    Tensor x = full({100000}, 1.0 + static_cast<double>(i));
    for (int round = 0; round < 50; ++round) x = 0.5 * x + square(x);
    EXPECT_EQ(x.sum().item(), sums[i].item());
  }
}

TEST(Team, SleepsAndWakes) {
  const OnThreads team(2, OnThreads::plain);
  for (int round = 0; round < 20; ++round) {
    std::thread([] {}).join();  // takes longer than a helper looks for work
    ASSERT_EQ(visits(1000, 1), std::vector<int>(1000, 1));
  }
}

}  // namespace
}  // namespace sigmagrad
