// SPDX-License-Identifier: BSD-3-Clause
// Whole trainings of many models: the bits of a model, its stop, and what it must not do to the others.
#include <cmath>
#include <limits>
#include <memory>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::optim {
namespace {

using testing::error_of;
using testing::same;

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

struct Mlp : nn::Module {
  nn::Linear hidden, out;
  explicit Mlp(Dtype dtype)
      : hidden(register_module("hidden", nn::Linear(2, 16, {.dtype = dtype}))),
        out(register_module("out", nn::Linear(16, 1, {.dtype = dtype}))) {}
  Tensor operator()(const Tensor& x) const { return out(relu(hidden(x))); }
};

// Networks 2-16-1 that learn one function; model m starts from draws of its own.
detail::MakeModels networks(Dtype dtype = f64) {
  Generator generator(3);
  const auto x = randn({32, 2}, generator, dtype), y = sin(x.sum(1, true));
  return [=](std::int64_t first, std::int64_t n) {
    std::vector<Mlp> models;
    for (std::int64_t m = first; m < first + n; ++m) {
      default_generator().seed(1, static_cast<std::uint64_t>(m));
      models.emplace_back(dtype);
    }
    const Mlp many = nn::stack_models(models);
    const auto target = y.expand({n, 32, 1});
    return ModelBatch{many.parameters(), [=] { return mse_loss(many(x), target, Reduction::None).mean({-2, -1}); }};
  };
}

// (a_m w - 1)^2 from w = 0: with SGD at rate lr, w_k = (1 - (1 - 2 lr a^2)^k) / a.
detail::MakeModels lines(const std::vector<double>& slopes) {
  const auto all = tensor(slopes);
  return [=](std::int64_t first, std::int64_t n) {
    const auto a = all.narrow(0, first, n).clone(), w = zeros({n}).requires_grad_();
    return ModelBatch{{w}, [=] { return square(a * w - 1.0); }};
  };
}

::testing::AssertionResult same_models(const TrainedModels& all, const TrainedModels& some) {
  const std::int64_t n = some.losses.size(0);
  for (std::size_t k = 0; k < some.parameters.size(); ++k)
    if (const auto equal = same(all.parameters[k].narrow(0, 0, n), some.parameters[k]); !equal) return equal;
  if (const auto equal = same(all.steps.narrow(0, 0, n), some.steps); !equal) return equal;
  return same(all.losses.narrow(0, 0, n), some.losses);
}

TEST(TrainModels, HasTheBitsOfAModelWhateverIsBesideIt) {
  for (const Dtype dtype : {f64, f32}) {
    const TrainModelsOptions options{.steps = 30, .loss_below = 0.1};
    const auto trained = [&](std::int64_t count, std::int64_t chunk) {
      auto with_chunk = options;
      with_chunk.chunk = chunk;
      return train_models<Adam>(count, {.lr = 0.02, .weight_decay = 0.01}, with_chunk, networks(dtype));
    };
    const auto all = trained(60, 0);
    EXPECT_LT(min(all.steps).item(), 30) << "some stop";
    EXPECT_EQ(max(all.steps).item(), 30) << "some do not";
    for (const auto& [count, chunk] : {std::pair{1, 0}, {20, 7}, {60, 60}, {60, 1}})
      EXPECT_TRUE(same_models(all, trained(count, chunk))) << count << ' ' << chunk;
  }
}

TEST(TrainModels, MeetsTheSameBatchesInEveryChunk) {
  const auto trained = [](std::int64_t chunk) {
    Generator data(3);
    const auto x = randn({64, 2}, data), y = x.sum(1, true);
    return train_models<SGD>(10, {.lr = 0.1}, {.steps = 20, .chunk = chunk}, [&](std::int64_t first, std::int64_t n) {
      const auto w = (0.1 * arange(static_cast<double>(first), static_cast<double>(first + n))).reshape({n, 1, 1}) +
                     zeros({n, 2, 1});
      const auto leaf = w.detach().clone().requires_grad_();
      const auto generator = std::make_shared<Generator>(7);
      return ModelBatch{{leaf}, [=] {
                          const auto rows = randint(0, 64, {8}, *generator);
                          return square(matmul(x.index_select(0, rows), leaf) - y.index_select(0, rows)).mean({-2, -1});
                        }};
    });
  };
  EXPECT_TRUE(same_models(trained(10), trained(3)));
}

// w = (1 - (1 - 2 lr a^2)^k) / a after k steps; the last model diverges at once, and is back at 0.
TEST(TrainModels, ShowsTheModelsOnTheirWay) {
  std::vector<std::vector<std::int64_t>> seen;
  Tensor w;
  const auto make = [&](std::int64_t first, std::int64_t n) {
    const auto batch = lines({1.0, 0.5, 1e200})(first, n);
    w = batch.parameters.front();
    return batch;
  };
  const auto watch = [&](const ModelsAtStep& now) {
    for (std::size_t m = 0; m < now.running.size(); ++m) {
      const double a = now.first + static_cast<std::int64_t>(m) == 0 ? 1.0 : 0.5;
      const double expected = (1.0 - std::pow(1.0 - 0.2 * a * a, static_cast<double>(now.step))) / a;
      EXPECT_NEAR(w.to_vector()[m], now.running[m] ? expected : 0.0, 1e-12);
      seen.push_back({now.first + static_cast<std::int64_t>(m), now.step, now.running[m] ? 1 : 0});
    }
  };
  train_models<SGD>(3, {.lr = 0.1}, {.steps = 5, .chunk = 1, .watch = watch, .watch_every = 2}, make);
  const std::vector<std::vector<std::int64_t>> expected{{0, 0, 1}, {0, 2, 1}, {0, 4, 1}, {0, 5, 1}, {1, 0, 1},
                                                        {1, 2, 1}, {1, 4, 1}, {1, 5, 1}, {2, 0, 1}};
  EXPECT_EQ(seen, expected) << "the last diverges in its first step, and nothing is left to train";
  seen.clear();
  train_models<SGD>(3, {.lr = 0.1}, {.steps = 2, .chunk = 3, .watch = watch, .watch_every = 2}, make);
  EXPECT_EQ(seen.back(), (std::vector<std::int64_t>{2, 2, 0}));
}

TEST(TrainModels, IsTheLoopThatAUserWouldWrite) {
  const auto rates = tensor({1.0, 0.5, 2.0});
  const auto trained = train_models<SGD>(3, {.lr = 0.1, .momentum = 0.9, .lr_scale = rates},
                                         {.steps = 20, .schedule = ExponentialLR::rate({.gamma = 0.9})}, networks());
  const ModelBatch batch = networks()(0, 3);
  SGD optimizer(batch.parameters, {.lr = 0.1, .momentum = 0.9, .lr_scale = rates});
  ExponentialLR schedule(optimizer, {.gamma = 0.9});
  for (int k = 0; k < 20; ++k) {
    optimizer.zero_grad();
    batch.losses().sum().backward();
    optimizer.step();
    schedule.step();
  }
  for (std::size_t k = 0; k < batch.parameters.size(); ++k)
    EXPECT_TRUE(same(trained.parameters[k], batch.parameters[k].detach())) << k;
  EXPECT_TRUE(same(trained.losses, batch.losses().detach()));
  EXPECT_TRUE(same(trained.steps, full({3}, 20)));
}

TEST(TrainModels, StopsEachWhereItsLossIsBelow) {
  const std::vector<double> slopes{1.0, 0.5, 2.0, 0.01};
  const double lr = 0.1, below = 1e-3;
  const auto trained = train_models<SGD>(4, {.lr = lr}, {.steps = 100, .loss_below = below}, lines(slopes));
  for (std::size_t m = 0; m < slopes.size(); ++m) {
    const double shrink = 1.0 - 2.0 * lr * slopes[m] * slopes[m];
    int steps = 0;
    while (steps < 100 && !(std::pow(shrink, 2 * steps) < below)) ++steps;
    EXPECT_EQ(trained.steps.to_vector()[m], steps) << m;
    EXPECT_NEAR(trained.losses.to_vector()[m], std::pow(shrink, 2 * steps), 1e-12) << m;
    EXPECT_NEAR(trained.parameters[0].to_vector()[m], (1.0 - std::pow(shrink, steps)) / slopes[m], 1e-10) << m;
  }
}

TEST(TrainModels, StopsAtOnceWhatNeedsNoTraining) {
  const auto trained = train_models<SGD>(2, {.lr = 0.1}, {.steps = 5, .loss_below = 2.0}, lines({1.0, 2.0}));
  EXPECT_TRUE(same(trained.steps, zeros({2})));
  EXPECT_TRUE(same(trained.losses, ones({2})));
  EXPECT_TRUE(same(trained.parameters[0], zeros({2})));
}

// Adam refuses the gradient of a model on its own.
TEST(TrainModels, LeavesTheOthersAloneWhereOneDiverges) {
  const std::vector<double> slopes{1.0, 0.5, 2.0};
  const auto check = [&](const auto& train) {
    const TrainedModels all = train(std::vector<double>{1.0, 1e200, 0.5, nan, 2.0}), sound = train(slopes);
    const std::vector<double> kept{0, 2, 4};
    EXPECT_TRUE(same(all.losses.index_select(0, {0, 2, 4}), sound.losses));
    EXPECT_TRUE(same(all.parameters[0].index_select(0, {0, 2, 4}), sound.parameters[0]));
    EXPECT_TRUE(same(all.steps.index_select(0, {0, 2, 4}), sound.steps));
    EXPECT_EQ(all.losses.at({1}), infinity) << "its gradient is 1e200";
    EXPECT_TRUE(std::isnan(all.losses.at({3})));
    EXPECT_EQ(all.steps.at({3}), 0);
    EXPECT_EQ(all.parameters[0].at({3}), 0) << "as it was then";
  };
  const TrainModelsOptions options{.steps = 40};
  check([&](const std::vector<double>& a) {
    return train_models<Adam>(std::ssize(a), {.lr = 0.1, .weight_decay = 0.1}, options, lines(a));
  });
  check([&](const std::vector<double>& a) {
    return train_models<AdaBelief>(std::ssize(a), {.lr = 0.1}, options, lines(a));
  });
}

TEST(TrainModels, KeepsTheParametersOfAModelThatGrows) {
  const auto trained =
      train_models<SGD>(2, {.lr = 1.0, .lr_scale = tensor({1.0, 0.1})}, {.steps = 2000}, lines({10.0, 1.0}));
  EXPECT_GT(std::abs(trained.parameters[0].at({0})), 1e100);
  EXPECT_LT(trained.steps.at({0}), 200);
  EXPECT_NEAR(trained.parameters[0].at({1}), 1.0, 1e-12);
}

// An optimiser of the user's own, whose options know nothing of models.
struct SignSGD : Optimizer {
  struct Options {
    double lr = 0.1;
  };
  SignSGD(std::vector<Tensor> params, Options o) : Optimizer(std::move(params), o.lr) {}
  void update(Tensor& p, const Tensor& grad, State&, const Group& group) override { p.sub_(group.lr() * sign(grad)); }
};

TEST(TrainModels, TakesAnOptimizerOfOnesOwn) {
  const auto trained = train_models<SignSGD>(2, {.lr = 0.25}, {.steps = 3}, lines({1.0, 0.5}));
  EXPECT_TRUE(same(trained.parameters[0], full({2}, 0.75)));
}

// Layers that are made in the losses: of the parameters, or of copies that no gradient leaves.
TEST(TrainModels, TakesLayersThatAreMadeOfItsParameters) {
  const auto train = [](bool by_layer, bool copied) {
    return train_models<SGD>(3, {.lr = 0.1}, {.steps = 5}, [=](std::int64_t, std::int64_t n) {
      Generator generator(1);
      const auto w = randn({n, 2, 4}, generator).requires_grad_(), b = randn({n, 2}, generator).requires_grad_();
      const auto x = randn({n, 8, 4}, generator);
      return ModelBatch{{w, b}, [=] {
                          const auto y = by_layer ? nn::Linear(copied ? 1.0 * w : w, copied ? 1.0 * b : b)(x)
                                                  : matmul(x, w.t()) + b.unsqueeze(-2);
                          return square(y).mean({-2, -1});
                        }};
    });
  };
  const auto by_layer = train(true, false), by_hand = train(false, false);
  EXPECT_TRUE(same(by_layer.losses, by_hand.losses));
  EXPECT_TRUE(same(by_layer.parameters[0], by_hand.parameters[0]));
  EXPECT_EQ(error_of([&] { train(true, true); }),
            "train_models: the losses depend on none of the parameters (a layer copies a weight that is no leaf)");
}

TEST(TrainModels, RefusesWhatItCannotTrain) {
  const auto train = [](std::int64_t count, const TrainModelsOptions& options, const detail::MakeModels& make,
                        const SGDOptions& sgd = {}) {
    return error_of([&] { train_models<SGD>(count, sgd, options, make); });
  };
  const auto make = lines({1.0, 2.0});
  EXPECT_EQ(train(0, {.steps = 1}, make), "train_models: count must be >= 1 (got 0)");
  auto step = capture([&] { train_models<SGD>(2, {}, {.steps = 1}, make); });
  EXPECT_EQ(
      error_of([&] { step(); }),
      "train_models: not in the body of a captured step, which replays tensor operations only; its steps are captured "
      "by themselves");
  EXPECT_EQ(train(2, {}, make), "train_models: steps must be >= 1 (got 0)");
  EXPECT_EQ(train(2, {.steps = 1, .chunk = -1}, make), "train_models: chunk must be >= 0 (got -1)");
  EXPECT_EQ(train(2, {.steps = 1, .watch_every = 0}, make), "train_models: watch_every must be >= 1 (got 0)");
  EXPECT_EQ(train(2, {.steps = 1, .loss_below = nan}, make), "train_models: loss_below is NaN");
  EXPECT_EQ(train(2, {.steps = 1}, make, {.lr_scale = ones({3})}),
            "train_models: lr_scale must be [2], one factor for each model, got [3]");
  EXPECT_EQ(train(2, {.steps = 1}, {}), "train_models: the function that makes the models is empty");
  const auto w = zeros({3, 2}).requires_grad_(), v = zeros({2, 3}).requires_grad_();
  EXPECT_EQ(train(2, {.steps = 1},
                  [&](auto, auto) {
                    return ModelBatch{{w}, [=] { return w.sum(1); }};
                  }),
            "train_models: the parameters of 2 models must be [2, ...], got [3, 2]");
  EXPECT_EQ(train(2, {.steps = 1},
                  [&](auto, auto) {
                    return ModelBatch{{v}, [=] { return v.sum(); }};
                  }),
            "train_models: the losses of 2 models must be [2], got []");
  EXPECT_EQ(train(2, {.steps = 1},
                  [&](auto, auto) {
                    return ModelBatch{{v}, {}};
                  }),
            "train_models: the function that makes the models gave no losses");
  const auto uneven = [](std::int64_t first, std::int64_t n) {
    const auto u = zeros({n, 1 + first}).requires_grad_();
    return ModelBatch{{u}, [=] { return u.sum(1); }};
  };
  EXPECT_EQ(train(2, {.steps = 1, .chunk = 1}, uneven),
            "train_models: the parameters of all models must have the same shapes and dtypes");
}

}  // namespace
}  // namespace sigmagrad::optim
