// SPDX-License-Identifier: BSD-3-Clause
#include <map>

#include <gtest/gtest.h>

#include <sigmagrad/io/detail/encoding.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using testing::Scratch;

// What a module does: entries of fixed names and shapes.
struct Model {
  Tensor weight, bias;
  explicit Model(double value) : weight(full({2, 3}, value).requires_grad_()), bias(full({}, value, f32)) {}
  NamedTensors state_dict() const { return {{"weight", weight}, {"inner.bias", bias}}; }
  void load_state_dict(const NamedTensors& state) { copy_values("Model", state_dict(), state); }
};

// What an optimiser does: state that comes with the first step.
struct Momentum {
  std::map<std::string, Tensor> state;
  bool accepts = true;
  NamedTensors state_dict() const { return {state.begin(), state.end()}; }
  void load_state_dict(const NamedTensors& from) {
    state.clear();
    for (const auto& [name, value] : from) {
      if (!accepts && value.item() != 5) throw Error("Momentum: refused half-way");
      state.emplace(name, value.clone());
    }
  }
};

// Whether a state is that of `expected`, to the last bit.
::testing::AssertionResult equal(const NamedTensors& state, const NamedTensors& expected) {
  if (state.size() != expected.size()) return ::testing::AssertionFailure() << state.size() << " entries";
  for (const auto& [name, value] : expected) {
    const auto a = detail::bytes_of(state[name]), b = detail::bytes_of(value);
    if (value.shape() != state[name].shape() || !std::equal(a.begin(), a.end(), b.begin(), b.end()))
      return ::testing::AssertionFailure() << name;
  }
  return ::testing::AssertionSuccess();
}

TEST(Checkpoint, GivesBackEveryPart) {
  const Scratch scratch;
  const Model saved(0.1);
  Momentum momentum{.state = {{"0.buffer", full({2}, -0.0)}, {"step", full({}, 3)}}};
  const Momentum kept = momentum;
  save_checkpoint(scratch / "run.ckpt", saved, momentum);
  Model model(7);
  Momentum other{.state = {{"1.buffer", full({}, 1)}}};
  load_checkpoint(scratch / "run.ckpt", model, other);
  EXPECT_TRUE(equal(model.state_dict(), saved.state_dict()));
  EXPECT_TRUE(equal(other.state_dict(), kept.state_dict()));
  EXPECT_TRUE(model.weight.requires_grad());
}

TEST(Checkpoint, IsASafetensorsFile) {
  const Scratch scratch;
  save_checkpoint(scratch / "run.ckpt", Model(1), Momentum());
  const auto tensors = load(scratch / "run.ckpt");
  std::vector<std::string> names;
  for (const auto& [name, value] : tensors) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"0.weight", "0.inner.bias", "generator.words"}));
  EXPECT_EQ(load_metadata(scratch / "run.ckpt"),
            (Metadata{{"format", "sigmagrad checkpoint"}, {"version", "1"}, {"parts", "2"}}));
}

TEST(Checkpoint, GeneratorsGoOnWhereTheyWere) {
  const Scratch scratch;
  Generator generator(~0ULL, 0x123456789ABCDEF0ULL, 3);
  NumpyGenerator numpy(42);
  manual_seed(5);
  randn({3});
  randn({3}, generator);
  randn({3}, numpy);
  save_checkpoint(scratch / "run.ckpt", generator, numpy);
  const auto a = randn({8}), b = randn({8}, generator), c = randn({8}, numpy);
  Generator other(1);
  NumpyGenerator other_numpy(1);
  manual_seed(6);
  load_checkpoint(scratch / "run.ckpt", other, other_numpy);
  EXPECT_EQ(other.state()[0], ~0ULL);
  EXPECT_TRUE(same(randn({8}), a));
  EXPECT_TRUE(same(randn({8}, other), b));
  EXPECT_TRUE(same(randn({8}, other_numpy), c));
}

TEST(Checkpoint, NoPartsAndEmptyParts) {
  const Scratch scratch;
  manual_seed(5);
  save_checkpoint(scratch / "none");
  save_checkpoint(scratch / "empty", Momentum(), Momentum());
  const auto expected = randn({4});
  load_checkpoint(scratch / "none");
  EXPECT_TRUE(same(randn({4}), expected));
  Momentum a{.state = {{"x", ones({1})}}}, b;
  load_checkpoint(scratch / "empty", a, b);
  EXPECT_TRUE(a.state.empty());
}

// Gradient descent with momentum on noisy data.
void train(Model& model, Momentum& momentum, int steps) {
  for (int i = 0; i < steps; ++i) {
    model.weight.zero_grad();
    square(matmul(randn({4, 2}), model.weight) - randn({4, 3})).mean().backward();
    const NoGrad guard;
    auto& buffer = momentum.state.try_emplace("buffer", zeros_like(model.weight)).first->second;
    buffer.mul_(0.9).add_(model.weight.grad());
    model.weight.sub_(0.1 * buffer);
  }
}

TEST(Checkpoint, AResumedRunHasTheBitsOfOneThatWasNotInterrupted) {
  const Scratch scratch;
  manual_seed(1);
  Model model(0.5);
  Momentum momentum;
  train(model, momentum, 7);
  save_checkpoint(scratch / "run.ckpt", model, momentum);
  train(model, momentum, 13);
  manual_seed(99);
  Model resumed(-3);
  Momentum resumed_momentum;
  load_checkpoint(scratch / "run.ckpt", resumed, resumed_momentum);
  train(resumed, resumed_momentum, 13);
  EXPECT_TRUE(equal(resumed.state_dict(), model.state_dict()));
  EXPECT_TRUE(equal(resumed_momentum.state_dict(), momentum.state_dict()));
  EXPECT_EQ(default_generator().state()[0], 1U);
}

TEST(Checkpoint, APartThatRefusesLeavesEveryPartAsItWas) {
  const Scratch scratch;
  const auto path = (scratch / "run.ckpt").string();
  manual_seed(3);
  save_checkpoint(path, Model(1), Momentum{.state = {{"a", full({}, 5)}, {"b", full({}, 6)}}}, Generator(8));
  Model model(7);
  Momentum momentum{.state = {{"kept", full({}, 5)}}, .accepts = false};
  Generator generator(9);
  manual_seed(4);
  EXPECT_EQ(error_of([&] { load_checkpoint(path, model, momentum, generator); }),
            path + ": part 1: Momentum: refused half-way");
  EXPECT_TRUE(equal(model.state_dict(), Model(7).state_dict()));
  EXPECT_TRUE(equal(momentum.state_dict(), {{"kept", full({}, 5)}}));
  EXPECT_EQ(generator.state(), Generator(9).state());
  EXPECT_EQ(default_generator().state(), Generator(4).state());
}

TEST(Checkpoint, SaysWhatDoesNotFit) {
  const Scratch scratch;
  const auto path = (scratch / "run.ckpt").string();
  Model model(1);
  Momentum momentum;
  Generator generator(1);
  NumpyGenerator numpy(1);
  save_checkpoint(path, model, momentum);
  EXPECT_EQ(error_of([&] { load_checkpoint(path, model); }), path + ": holds 2 parts, 1 are to be loaded");
  EXPECT_EQ(error_of([&] { load_checkpoint(path, momentum, model); }), path + ": part 1: Model: \"weight\" is missing");
  save_checkpoint(path, generator);
  EXPECT_NE(error_of([&] { load_checkpoint(path, numpy); }).find(path + ": part 0: "), std::string::npos);
  save_checkpoint(path, model);
  EXPECT_NE(error_of([&] { load_checkpoint(path, generator); }).find(path + ": part 0: NamedTensors: no entry"),
            std::string::npos);
}

TEST(Checkpoint, SaysWhatIsNoCheckpoint) {
  const Scratch scratch;
  const auto path = (scratch / "file").string();
  const auto words = detail::generator_state(Generator(1))["words"];
  const auto error = [&](const NamedTensors& tensors, const Metadata& metadata) {
    save(tensors, path, metadata);
    return error_of([&] { load_checkpoint(path); });
  };
  const Metadata good{{"format", "sigmagrad checkpoint"}, {"version", "1"}, {"parts", "0"}};
  EXPECT_EQ(error({}, {}), path + ": is no checkpoint: its metadata has no \"format\"");
  EXPECT_EQ(error({}, {{"format", "pt"}}),
            path + ": is no checkpoint: its format is \"pt\", expected \"sigmagrad checkpoint\"");
  EXPECT_EQ(error({}, {{"format", "sigmagrad checkpoint"}, {"version", "2"}, {"parts", "0"}}),
            path + ": checkpoint version 2 is unknown, expected 1");
  EXPECT_EQ(error({}, good), path + ": the generator: NamedTensors: no entry \"words\" among no entries");
  for (const std::string name : {"w", "0.w", "1.w", "x.w", ".w", "00.w", "-1.w"})
    EXPECT_EQ(error({{"generator.words", words}, {name, words}}, good),
              path + ": \"" + name + "\" belongs to none of the 0 parts");
  EXPECT_EQ(
      error({{"generator.words", words.to(f32)}}, good),
      path + ": the generator: Generator: expected words of the shape [n, 2] in f64 alone, got [4, 2] f32 among 1");
  EXPECT_EQ(error({{"generator.words", words + 0.5}}, good),
            path + ": the generator: Generator: half a word is 0.5, expected a whole number below 2^32");
  EXPECT_EQ(error({{"generator.words", words.narrow(0, 0, 3)}}, good),
            path + ": the generator: Generator: a state has 4 words (got 3)");
}

}  // namespace
}  // namespace sigmagrad
