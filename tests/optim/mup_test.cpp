// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <map>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::optim {
namespace {

using testing::error_of;

struct Mlp : nn::Module {
  nn::Linear input, hidden, output;
  explicit Mlp(std::int64_t width)
      : input(register_module("input", nn::Linear(7, width))),
        hidden(register_module("hidden", nn::Linear(width, width))),
        output(register_module("output", nn::Linear(width, 3))) {}
};

std::map<std::string, double> rates(const nn::Module& model, const std::vector<GroupOptions>& groups) {
  std::map<std::string, double> result;
  for (const auto& [name, value] : model.named_parameters())
    for (const auto& group : groups)
      for (const auto& parameter : group.params)
        if (parameter.is(value)) result[name] = *group.lr;
  return result;
}

TEST(Mup, RatesOfAnMlp) {
  const Mlp model(64), base(16);
  const auto table = [&](MupOptions options) {
    options.lr = 0.5;
    const auto groups = mup_groups(model.named_parameters(), base.named_parameters(), options);
    const auto r = rates(model, groups);
    return std::vector<double>{r.at("input.weight"), r.at("input.bias"),    r.at("hidden.weight"),
                               r.at("hidden.bias"),  r.at("output.weight"), r.at("output.bias")};
  };
  using Rates = std::vector<double>;
  EXPECT_EQ(table({}), (Rates{0.5, 0.5, 0.125, 0.5, 0.5, 0.5}));
  EXPECT_EQ(table({.output_multiplier = false}), (Rates{0.5, 0.5, 0.125, 0.5, 0.125, 0.5}));
  EXPECT_EQ(table({.rule = MupRule::SGD}), (Rates{2, 2, 0.5, 2, 2, 0.5}));
  EXPECT_EQ(table({.rule = MupRule::SGD, .output_multiplier = false}), (Rates{2, 2, 0.5, 2, 0.125, 0.5}));
}

TEST(Mup, OneGroupARate) {
  const Mlp model(64), base(16);
  const auto groups = mup_groups(model.named_parameters(), base.named_parameters(), {.lr = 0.5});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].params.size(), 5u);
  EXPECT_TRUE(groups[1].params[0].is(model.hidden.weight));
  Adam optimizer(groups);
  EXPECT_EQ(optimizer.groups()[1].lr(), 0.125);
}

TEST(Mup, AtBaseWidthNothingIsScaled) {
  const Mlp model(16), base(16);
  for (const auto rule : {MupRule::Adam, MupRule::SGD})
    EXPECT_EQ(mup_groups(model.named_parameters(), base.named_parameters(), {.rule = rule}).size(), 1u);
}

TEST(Mup, RectangularHiddenLayersOfModelsInABatch) {
  const NamedTensors model{{"w", ones({5, 40, 30}).requires_grad_()}}, base{{"w", ones({5, 10, 15})}};
  EXPECT_EQ(mup_groups(model, base, {.lr = 1.0})[0].lr, 0.5);
  EXPECT_EQ(mup_groups(model, base, {.lr = 1.0, .rule = MupRule::SGD})[0].lr, 2.0);
}

// The largest change of the hidden units and of the outputs by some steps of Adam, at width n.
std::vector<double> changes(std::int64_t n, bool mup) {
  constexpr std::int64_t base = 16;
  Generator generator(1);
  const auto weight = [&](std::int64_t out, std::int64_t in, double variance) {
    return (std::sqrt(variance) * randn({out, in}, generator)).requires_grad_();
  };
  const auto width = static_cast<double>(n), multiplier = mup ? static_cast<double>(base) / width : 1.0;
  const NamedTensors params{{"input", weight(n, 8, 1.0 / 8)},
                            {"hidden", weight(n, n, 1.0 / width)},
                            {"output", weight(2, n, mup ? 1.0 / static_cast<double>(base) : 1.0 / width)}};
  const NamedTensors shapes{{"input", ones({base, 8})}, {"hidden", ones({base, base})}, {"output", ones({2, base})}};
  std::vector<Tensor> all;
  for (const auto& [name, value] : params) all.push_back(value);
  const auto optimizer = mup ? std::make_unique<Adam>(mup_groups(params, shapes, {.lr = 0.002}))
                             : std::make_unique<Adam>(all, AdamOptions{.lr = 0.002});
  const auto x = randn({10, 8}, generator), y = randn({10, 2}, generator);
  const auto hidden = [&] { return matmul(tanh(matmul(x, all[0].t())), all[1].t()); };
  const auto output = [&] { return multiplier * matmul(tanh(hidden()), all[2].t()); };
  const auto hidden_before = hidden().detach(), output_before = output().detach();
  for (int i = 0; i < 3; ++i) {
    optimizer->zero_grad();
    mse_loss(output(), y).backward();
    optimizer->step();
  }
  const auto size = [](const Tensor& change) { return sqrt(mean(square(change.detach()))).item(); };
  return {size(hidden() - hidden_before), size(output() - output_before)};
}

TEST(Mup, UpdatesDoNotGrowWithTheWidth) {
  const auto narrow = changes(32, true), wide = changes(512, true);
  const auto standard_narrow = changes(32, false), standard_wide = changes(512, false);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_LT(wide[i], 1.5 * narrow[i]);
    EXPECT_GT(standard_wide[i], 2.5 * standard_narrow[i]);
  }
  EXPECT_GT(wide[0], 0.5 * narrow[0]);  // the hidden layer goes on learning
}

TEST(Mup, RefusesOtherModels) {
  const NamedTensors base{{"w", ones({2, 3, 4})}}, w{{"w", ones({2, 6, 8}).requires_grad_()}};
  const auto message = [&](const NamedTensors& params, double lr = 1.0) {
    return error_of([&] { mup_groups(params, base, {.lr = lr}); });
  };
  EXPECT_EQ(message(w, -1), "mup_groups: lr must be >= 0 (got -1)");
  EXPECT_EQ(message({}), "mup_groups: \"w\" is a parameter at base width only");
  EXPECT_EQ(message({w[std::size_t{0}], {"b", ones({2})}}), "mup_groups: \"b\" is not a parameter at base width");
  const std::string leading = " and at base width [2, 3, 4]: only the last two axes may grow";
  EXPECT_EQ(message({{"w", ones({3, 3, 4})}}), "mup_groups: \"w\" has the shape [3, 3, 4]" + leading);
  EXPECT_EQ(message({{"w", ones({3, 4})}}), "mup_groups: \"w\" has the shape [3, 4]" + leading);
}

}  // namespace
}  // namespace sigmagrad::optim
