// SPDX-License-Identifier: BSD-3-Clause
// Loaders with threads and transforms.
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <stdexcept>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using Batches = std::vector<std::array<Tensor, 2>>;

// n images of 2 x 5 x 4, no two pixels alike, and their numbers.
TensorDataset<2> images(std::int64_t n, Dtype dtype = f64) {
  return TensorDataset((1.0 + arange(static_cast<double>(40 * n))).reshape({n, 2, 5, 4}).to(dtype),
                       arange(static_cast<double>(n)));
}

std::vector<Transform> augmentation() {
  return {random_crop({2, 1}), random_horizontal_flip(), normalize({0.5, 1.0}, {2.0, 4.0})};
}

Batches epoch_of(DataLoader<2>& loader) {
  Batches result;
  for (const auto& batch : loader) result.push_back(batch);
  return result;
}

void expect_same(const Batches& a, const Batches& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < 2; ++k) EXPECT_TRUE(same(a[i][k], b[i][k])) << i;
}

TEST(Workers, MakeTheBatchesOfTheThreadAlone) {
  for (const bool drop_last : {false, true}) {
    const auto loader = [&](int workers) {
      return DataLoader(images(23), {.batch = 4,
                                     .shuffle = true,
                                     .drop_last = drop_last,
                                     .seed = 3,
                                     .workers = workers,
                                     .transforms = augmentation()});
    };
    auto alone = loader(0);
    const Batches first = epoch_of(alone), second = epoch_of(alone);
    EXPECT_EQ(std::ssize(first), alone.size());
    for (const int workers : {1, 2, 5, 40}) {
      auto with = loader(workers);
      expect_same(epoch_of(with), first);
      expect_same(epoch_of(with), second);
    }
  }
}

TEST(Workers, WorkAheadOfTheLoopAndNoFurther) {
  std::atomic<int> made = 0;
  const auto count = [&](const Tensor& x, std::span<Generator>) {
    ++made;
    made.notify_all();
    return x;
  };
  DataLoader loader(images(40), {.workers = 2, .transforms = {count}});
  auto at = loader.begin();
  for (int seen = made; seen < 4; seen = made) made.wait(seen);  // nothing was asked for yet
  *at;
  for (int seen = made; seen < 5; seen = made) made.wait(seen);
  EXPECT_EQ(made, 5);
}

TEST(Workers, EndWithTheLoop) {
  DataLoader loader(images(200), {.batch = 2, .shuffle = true, .seed = 1, .workers = 3, .transforms = augmentation()});
  DataLoader other(images(200), {.batch = 2, .shuffle = true, .seed = 1, .transforms = augmentation()});
  for (int epoch = 0; epoch < 20; ++epoch) {
    int left = epoch;
    auto expected = other.begin();
    for (const auto& [x, y] : loader) {
      EXPECT_TRUE(same(x, (*expected)[0]));
      if (left-- == 0) break;
      ++expected;
    }
  }
  EXPECT_THROW(
      {
        for ([[maybe_unused]] const auto& batch : loader) throw std::runtime_error("of the loop");
      },
      std::runtime_error);
  loader.begin();  // an epoch that nobody looks at
}

TEST(Workers, GiveEachBatchAgainAndSkip) {
  DataLoader loader(images(60), {.batch = 2, .seed = 1, .workers = 2, .transforms = augmentation()});
  DataLoader alone(images(60), {.batch = 2, .seed = 1, .transforms = augmentation()});
  auto at = loader.begin();
  auto expected = alone.begin();
  EXPECT_TRUE(same((*at)[0], (*expected)[0]));
  EXPECT_TRUE(same((*at)[0], (*expected)[0]));
  const auto old = at;
  for (int i = 0; i < 21; ++i, ++at, ++expected) continue;
  EXPECT_TRUE(same((*at)[0], (*expected)[0]));
  EXPECT_TRUE(same((*old)[0], (*alone.begin())[0]) == false);  // alone has begun its next epoch
  EXPECT_TRUE(same((*old)[1], tensor({0, 1})));
}

TEST(Workers, OutliveTheLoader) {
  auto loader = std::make_unique<DataLoader<2>>(images(10), DataLoader<2>::Options{.batch = 3, .workers = 2});
  auto at = loader->begin();
  loader.reset();
  std::int64_t rows = 0;
  for (; at != std::default_sentinel; ++at) rows += (*at)[0].size(0);
  EXPECT_EQ(rows, 10);
}

TEST(Workers, PassOnWhatTheyThrow) {
  const auto refuse = [](const Tensor& x, std::span<Generator>) {
    if (x.min().item() > 200.0) throw Error("a picture that is too bright");
    return x;
  };
  for (const int workers : {0, 2}) {
    DataLoader loader(images(10), {.batch = 2, .workers = workers, .transforms = {refuse}});
    std::int64_t rows = 0;
    EXPECT_EQ(error_of([&] {
                for (const auto& [x, y] : loader) rows += x.size(0);
              }),
              "a picture that is too bright");
    EXPECT_EQ(rows, 6) << "the batches before it were given";
    EXPECT_NE(error_of([&] { epoch_of(loader); }), "no error");
  }
}

TEST(Workers, Refusals) {
  EXPECT_EQ(error_of([] { DataLoader(images(3), {.workers = -1}); }), "DataLoader: workers must be >= 0 (got -1)");
  EXPECT_EQ(error_of([] { DataLoader(images(3), {.transforms = {Transform()}}); }), "DataLoader: a transform is empty");
  EXPECT_EQ(error_of([] { DataLoader(ones({3}).requires_grad_(), {.workers = 1}); }),
            "DataLoader: workers compute no gradients of the data; detach it");
  const auto first_row = [](const Tensor& x, std::span<Generator>) { return x.narrow(0, 0, 1); };
  DataLoader loader(images(4), {.batch = 2, .workers = 1, .transforms = {first_row}});
  EXPECT_EQ(error_of([&] { epoch_of(loader); }),
            "DataLoader: a transform must keep the 2 rows of a batch, and gave [1, 2, 5, 4]");
  for (const int workers : {0, 1}) {
    auto last = DataLoader(images(2), {.batch = 2, .workers = workers}).begin();
    *last;
    ++last;
    EXPECT_TRUE(last == std::default_sentinel);
    EXPECT_EQ(error_of([&] { *last; }), "DataLoader: the epoch has 1 batches, and all were given");
  }
  auto at = DataLoader(images(4), {.workers = 1}).begin();
  auto step = capture([&] { return (*at)[0]; });
  EXPECT_TRUE(error_of([&] { step(); }).starts_with("DataLoader: not in the body of a captured step"));
}

// Row by row, by the labels.
std::vector<Tensor> rows_of(const Batches& batches) {
  std::vector<Tensor> rows(100);
  for (const auto& [x, y] : batches)
    for (std::int64_t i = 0; i < x.size(0); ++i) rows[static_cast<std::size_t>(y.at({i}))] = x[i];
  return rows;
}

TEST(Transforms, OfARowDependOnSeedEpochAndRowAlone) {
  const auto loader = [](std::int64_t rows, std::int64_t batch, bool shuffle, std::uint64_t seed) {
    return DataLoader(images(rows), {.batch = batch, .shuffle = shuffle, .seed = seed, .transforms = augmentation()});
  };
  auto a = loader(30, 7, true, 5), b = loader(20, 30, false, 5), c = loader(30, 7, true, 6);
  const auto of_a = rows_of(epoch_of(a)), of_b = rows_of(epoch_of(b)), of_c = rows_of(epoch_of(c));
  const auto later = rows_of(epoch_of(a));
  int other_seed = 0, other_epoch = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_TRUE(same(of_a[i], of_b[i])) << i;
    other_seed += static_cast<int>(!same(of_a[i], of_c[i]));
    other_epoch += static_cast<int>(!same(of_a[i], later[i]));
  }
  EXPECT_GT(other_seed, 10);
  EXPECT_GT(other_epoch, 10);
}

TEST(Transforms, GoOnFromACheckpoint) {
  const testing::Scratch scratch;
  const auto make = [](std::uint64_t seed, int workers) {
    return DataLoader(images(20),
                      {.batch = 6, .shuffle = true, .seed = seed, .workers = workers, .transforms = augmentation()});
  };
  auto loader = make(8, 0);
  epoch_of(loader);
  save_checkpoint(scratch / "run.ckpt", loader);
  const Batches second = epoch_of(loader);
  auto other = make(99, 2);
  load_checkpoint(scratch / "run.ckpt", other);
  expect_same(epoch_of(other), second);
}

std::vector<Generator> generators(std::int64_t n) {
  std::vector<Generator> draws;
  for (std::int64_t i = 0; i < n; ++i) draws.emplace_back(7, 0, static_cast<std::uint64_t>(i));
  return draws;
}

Tensor padded_by_zeros(const Tensor& x, std::int64_t height, std::int64_t width) {
  const auto above = zeros({x.size(0), height, x.size(2)}, x.dtype());
  const auto tall = cat({above, x, above}, 1);
  const auto beside = zeros({x.size(0), tall.size(1), width}, x.dtype());
  return cat({beside, tall, beside}, 2);
}

TEST(Transforms, CropsAreWindowsOfThePaddedImage) {
  for (const auto dtype : {f64, f32}) {
    const auto x = images(400, dtype).tensors()[0];
    auto draws = generators(400);
    const auto y = random_crop({2, 6})(x, draws);
    EXPECT_EQ(y.dtype(), dtype);
    std::map<std::pair<std::int64_t, std::int64_t>, int> met;
    for (std::int64_t i = 0; i < 400; ++i) {
      const auto padded = padded_by_zeros(x[i], 2, 6);
      bool found = false;
      for (std::int64_t down = 0; down <= 4 && !found; ++down)
        for (std::int64_t right = 0; right <= 12 && !found; ++right)
          if (same(y[i], padded.narrow(1, down, 5).narrow(2, right, 4))) {
            found = true;
            ++met[{down, right}];
          }
      EXPECT_TRUE(found) << i;
    }
    // Places that show no pixel of the image are not told apart: 5 x 7 show one.
    EXPECT_GE(met.size(), 35u);
  }
  const auto x = images(3).tensors()[0];
  auto draws = generators(3);
  EXPECT_TRUE(same(random_crop(0)(x, draws), x));
}

TEST(Transforms, FlipsMirrorSomeImages) {
  const auto x = images(400).tensors()[0];
  auto draws = generators(400);
  const auto y = random_horizontal_flip(0.25)(x, draws);
  int mirrored = 0;
  for (std::int64_t i = 0; i < 400; ++i) {
    const bool is_mirror = static_cast<bool>(same(y[i], flip(x[i], -1)));
    EXPECT_TRUE(is_mirror || same(y[i], x[i]));
    mirrored += static_cast<int>(is_mirror);
  }
  EXPECT_NEAR(mirrored, 100, 30);
  EXPECT_TRUE(same(random_horizontal_flip(0.0)(x, draws), x));
  EXPECT_TRUE(same(random_horizontal_flip(1.0)(x, draws), flip(x, -1)));
}

TEST(Transforms, NormalisationIsAChannelsOwn) {
  const auto x = images(3).tensors()[0];
  const auto y = normalize({1.0, 2.0}, {0.5, 4.0})(x, {});
  EXPECT_TRUE(same(y, (x - tensor({1.0, 2.0}, {2, 1, 1})) / tensor({0.5, 4.0}, {2, 1, 1})));
  EXPECT_EQ(normalize({1.0, 2.0}, {0.5, 4.0})(x.to(f32), {}).dtype(), f32);
}

TEST(Transforms, SayWhatIsWrong) {
  EXPECT_EQ(error_of([] { random_crop({1, -1}); }), "random_crop: padding must be >= 0 (got 1 x -1)");
  EXPECT_EQ(error_of([] { random_horizontal_flip(1.5); }), "random_horizontal_flip: p must be in [0, 1] (got 1.5)");
  EXPECT_EQ(error_of([] { normalize({}, {}); }),
            "normalize: needs as many numbers std as mean, at least one (got 0 and 0)");
  EXPECT_EQ(error_of([] { normalize({1.0}, {0.0}); }), "normalize: std must be > 0 (got 0)");
  EXPECT_EQ(error_of([] {
              normalize({1.0}, {1.0})(ones({2, 3, 4, 4}), {});
            }),
            "normalize: has numbers for 1 channels, the images are [2, 3, 4, 4]");
  auto draws = generators(2);
  EXPECT_EQ(error_of([&] {
              random_crop(1)(ones({2, 4}), draws);
            }),
            "random_crop: images must be [n, channels, height, width], got [2, 4]");
  EXPECT_EQ(error_of([&] {
              random_horizontal_flip()(ones({3, 1, 4, 4}), draws);
            }),
            "random_horizontal_flip: needs a generator for each of 3 images (got 2)");
}

}  // namespace
}  // namespace sigmagrad
