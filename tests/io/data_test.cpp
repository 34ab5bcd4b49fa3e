// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <numeric>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using testing::Scratch;

// n rows x = [i, i + 0.5] and labels y = i.
TensorDataset<2> numbered(std::int64_t n) {
  const auto y = arange(static_cast<double>(n));
  return TensorDataset(stack({y, y + 0.5}, 1), y);
}

// The labels in the order in which a loader gives them, and that x goes with them.
template <class Loader>
std::vector<double> order_of(Loader& loader) {
  std::vector<double> order;
  for (auto [x, y] : loader) {
    EXPECT_TRUE(same(x, stack({y, y + 0.5}, 1)));
    for (const double label : y.to_vector()) order.push_back(label);
  }
  return order;
}

std::vector<double> sorted(std::vector<double> values) {
  std::ranges::sort(values);
  return values;
}

TEST(TensorDataset, HoldsRowsOfEachTensor) {
  const auto data = numbered(5);
  EXPECT_EQ(data.size(), 5);
  auto [x, y] = data.rows(std::vector<std::int64_t>{3, 1});
  EXPECT_TRUE(same(y, tensor({3.0, 1.0})));
  EXPECT_TRUE(same(x, tensor({{3.0, 3.5}, {1.0, 1.5}})));
  EXPECT_EQ(TensorDataset(ones({2}), ones({2, 3}), ones({2})).tensors().size(), 3U);
  EXPECT_EQ(error_of([] {
              TensorDataset(ones({2, 3}), ones({3}));
            }),
            "TensorDataset: the tensors must have one number of rows, got [2, 3] and [3]");
  EXPECT_EQ(error_of([] { TensorDataset(ones({0, 3})); }), "TensorDataset: needs at least one row, got [0, 3]");
  EXPECT_EQ(error_of([] { TensorDataset(ones({})); }), "TensorDataset: a tensor [] has no rows");
}

TEST(DataLoader, GoesInOrderUnlessItShuffles) {
  const auto data = numbered(5);
  DataLoader loader(data, {.batch = 2});
  EXPECT_EQ(loader.size(), 3);
  EXPECT_EQ(order_of(loader), (std::vector<double>{0, 1, 2, 3, 4}));
  std::vector<std::int64_t> sizes;
  for (auto [x, y] : loader) sizes.push_back(x.size(0));
  EXPECT_EQ(sizes, (std::vector<std::int64_t>{2, 2, 1}));
  DataLoader whole(data, {.batch = 2, .drop_last = true});
  EXPECT_EQ(whole.size(), 2);
  EXPECT_EQ(order_of(whole), (std::vector<double>{0, 1, 2, 3}));
  for (auto [x] : DataLoader(arange(3))) EXPECT_EQ(x.shape(), Shape{1});
}

TEST(DataLoader, HasANewOrderEachTime) {
  const auto [x, y] = numbered(50).tensors();
  DataLoader loader(x, y, {.batch = 7, .shuffle = true});
  const auto first = order_of(loader), second = order_of(loader);
  EXPECT_NE(first, second);
  std::vector<double> all(50);
  std::iota(all.begin(), all.end(), 0.0);
  EXPECT_NE(first, all);
  EXPECT_EQ(sorted(first), all);
  EXPECT_EQ(sorted(second), all);
}

TEST(DataLoader, IsNotMovedByWhatElseIsDrawn) {
  const auto orders = [](std::uint64_t seed, bool draws, std::optional<std::uint64_t> own) {
    manual_seed(seed);
    if (draws) randn({3});
    DataLoader loader(numbered(20), {.batch = 6, .shuffle = true, .seed = own});
    const auto first = order_of(loader);
    if (draws) randn({3});
    return std::pair(first, order_of(loader));
  };
  const auto plain = orders(4, false, {});
  EXPECT_EQ(plain, orders(4, true, {}));
  EXPECT_NE(plain, orders(5, false, {}));
  EXPECT_EQ(plain, orders(5, true, 4)) << "the seed of manual_seed";
  manual_seed(4);
  const auto next = randn({3});
  manual_seed(4);
  DataLoader loader(numbered(20), {.shuffle = true});
  order_of(loader);
  EXPECT_TRUE(same(randn({3}), next)) << "nor does it move others";
}

TEST(DataLoader, TakesAGenerator) {
  NumpyGenerator numpy(3), same_numbers(3);
  DataLoader loader(numbered(9), {.batch = 4, .shuffle = true, .generator = &numpy});
  for (int epoch = 0; epoch < 2; ++epoch) {
    std::vector<std::int64_t> expected(9);
    same_numbers.permutation(expected);
    EXPECT_EQ(order_of(loader), std::vector<double>(expected.begin(), expected.end()));
  }
}

TEST(DataLoader, GoesOnFromACheckpoint) {
  const Scratch scratch;
  DataLoader loader(numbered(20), {.batch = 6, .shuffle = true});
  order_of(loader);
  save_checkpoint(scratch / "run.ckpt", loader);
  const auto second = order_of(loader);
  DataLoader other(numbered(20), {.batch = 6, .shuffle = true, .seed = 99});  // the checkpoint holds the key
  load_checkpoint(scratch / "run.ckpt", other);
  EXPECT_EQ(order_of(other), second);
  EXPECT_EQ(error_of([&] {
              other.load_state_dict({{"epoch", full({}, 0.5)}, {"key", zeros({4})}});
            }),
            "DataLoader: \"epoch\" must be a whole number >= 0 (got 0.5)");
  EXPECT_EQ(error_of([&] {
              other.load_state_dict({{"epoch", zeros({})}, {"key", full({4}, -1.0)}});
            }),
            "DataLoader: \"key\" must hold whole numbers below 2^32 (got -1)");
}

TEST(DataLoader, RefusesWhatGivesNoBatch) {
  const auto data = numbered(5);
  EXPECT_EQ(error_of([&] { DataLoader(data, {.batch = 0}); }), "DataLoader: batch must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { DataLoader(data, {.batch = 6, .drop_last = true}); }),
            "DataLoader: drop_last leaves no batch of 6 from 5 rows");
  EXPECT_EQ(error_of([] { DataLoader(ones({2}), ones({3}), {.batch = 2}); }),
            "TensorDataset: the tensors must have one number of rows, got [2] and [3]");
  Generator generator(1);
  EXPECT_EQ(error_of([&] { DataLoader(data, {.seed = 1, .generator = &generator}); }),
            "DataLoader: takes a seed or a generator (got both)");
  auto step = capture([&] {
    for (auto [x, y] : DataLoader(data)) return x.sum();
    return Tensor();
  });
  EXPECT_EQ(
      error_of([&] { step(); }),
      "DataLoader: not in the body of a captured step, which replays tensor operations only; copy each batch into "
      "tensors that the step reads");
}

TEST(RandomSplit, GivesEveryRowToOnePart) {
  const auto data = numbered(10);
  auto [train, test] = random_split(data, {7, 3});
  EXPECT_EQ(train.size(), 7);
  EXPECT_EQ(test.size(), 3);
  const auto [x, y] = train.tensors();
  EXPECT_TRUE(same(x, stack({y, y + 0.5}, 1)));
  auto rows = y.to_vector();
  for (const double row : test.tensors()[1].to_vector()) rows.push_back(row);
  EXPECT_NE(rows, data.tensors()[1].to_vector());
  EXPECT_EQ(sorted(rows), data.tensors()[1].to_vector());
}

TEST(RandomSplit, TakesFractionsAndAGenerator) {
  const auto data = numbered(10);
  Generator a(1), b(1);
  const auto [first, rest] = random_split(data, {0.7, 0.3}, a);
  const auto [same_first, same_rest] = random_split(data, {7, 3}, b);
  EXPECT_TRUE(same(first.tensors()[1], same_first.tensors()[1]));
  const auto thirds = random_split(data, {1.0 / 3, 1.0 / 3, 1.0 / 3});
  EXPECT_EQ(thirds[0].size(), 4);
  EXPECT_EQ(thirds[1].size() + thirds[2].size(), 6);
  EXPECT_EQ(error_of([&] { random_split(data, {7, 2}); }), "random_split: the parts have 9 rows, the data set 10");
  EXPECT_EQ(error_of([&] { random_split(data, {10, 0}); }), "random_split: a part must have at least one row (got 0)");
  EXPECT_EQ(error_of([&] { random_split(data, {0.5, 0.4}); }), "random_split: the fractions must sum to 1 (got 0.9)");
  EXPECT_EQ(error_of([&] { random_split(data, {1.5, -0.5}); }), "random_split: a fraction must be > 0 (got -0.5)");
}

}  // namespace
}  // namespace sigmagrad
