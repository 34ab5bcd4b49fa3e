// SPDX-License-Identifier: BSD-3-Clause
// Losses and layers against PyTorch's numbers (tests/golden/nn.py).
#include <functional>
#include <map>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad::nn {
namespace {

using nlohmann::json;

const json& golden() {
  static const json data = testing::golden("nn.json");
  return data;
}

Tensor unpacked(const json& value) {
  const auto sizes = value["shape"].get<std::vector<std::int64_t>>();
  return tensor(value["data"].get<std::vector<double>>(), Shape(std::span(sizes)));
}

NamedTensors state_of(const json& values) {
  NamedTensors state;
  for (const auto& [name, value] : values.items()) state.emplace_back(name, unpacked(value));
  return state;
}

Reduction reduction_of(const std::string& name) {
  return name == "mean" ? Reduction::Mean : name == "sum" ? Reduction::Sum : Reduction::None;
}

Tensor cross_entropy_of(const Tensor& x, const Tensor& y, const json& options, Reduction reduction) {
  if (options.empty()) return cross_entropy(x, y, reduction);
  return cross_entropy(x, y,
                       {.weight = options.contains("weight") ? unpacked(options["weight"]) : Tensor(),
                        .label_smoothing = options["label_smoothing"],
                        .reduction = reduction});
}

using Loss = Tensor (*)(const Tensor& x, const Tensor& y, const json& options, Reduction reduction);

const std::map<std::string, Loss> losses{
    {"mse_loss", [](const auto& x, const auto& y, const json&, Reduction r) { return mse_loss(x, y, r); }},
    {"l1_loss", [](const auto& x, const auto& y, const json&, Reduction r) { return l1_loss(x, y, r); }},
    {"smooth_l1_loss", [](const auto& x, const auto& y, const json& o,
                          Reduction r) { return smooth_l1_loss(x, y, o.value("beta", 1.0), r); }},
    {"huber_loss", [](const auto& x, const auto& y, const json& o,
                      Reduction r) { return huber_loss(x, y, o.value("delta", 1.0), r); }},
    {"bce_with_logits",
     [](const auto& x, const auto& y, const json&, Reduction r) { return bce_with_logits(x, y, r); }},
    {"kl_div", [](const auto& x, const auto& y, const json&, Reduction r) { return kl_div(x, y, r); }},
    {"nll_loss", [](const auto& x, const auto& y, const json&, Reduction r) { return nll_loss(x, y, r); }},
    {"cross_entropy", cross_entropy_of},
};

std::string name_of_run(const json& run) {
  return run["loss"].get<std::string>() + " " + run["options"].dump() + " of " + run["y"]["shape"].dump();
}

TEST(LossGolden, ValuesAndGradients) {
  for (const auto& run : golden()["losses"]) {
    const auto x = unpacked(run["x"]).requires_grad_();
    const auto y = unpacked(run["y"]).requires_grad_(run["gradients"].size() == 2);
    const auto leaves = y.requires_grad() ? std::vector{x, y} : std::vector{x};
    const auto value = losses.at(run["loss"])(x, y, run["options"], reduction_of(run["reduction"].get<std::string>()));
    const std::string context = name_of_run(run) + ", " + run["reduction"].get<std::string>();
    EXPECT_TRUE(testing::close(value.detach(), unpacked(run["value"]), 1e-12)) << context;
    const auto along = cos(arange(value.numel())).reshape(value.shape());
    const auto gradients = grad((along * value).sum(), leaves);
    for (std::size_t i = 0; i < leaves.size(); ++i)
      EXPECT_TRUE(testing::close(gradients[i], unpacked(run["gradients"][i]), 1e-12)) << context << ", gradient " << i;
  }
}

// Steps as the data has them, and compares loss and state wherever the data shows them.
template <class Model>
void expect_trajectory(const Model& model, const json& run, const std::function<Tensor()>& loss,
                       const std::string& context) {
  model.load_state_dict(state_of(run["start"]));
  optim::SGD optimizer(model.parameters(), {.lr = run["lr"]});
  std::size_t compared = 0;
  for (int step = 1; step <= 50; ++step) {
    optimizer.zero_grad();
    const auto value = loss();
    value.backward();
    optimizer.step();
    const auto shown = run["steps"].find(std::to_string(step));
    if (shown == run["steps"].end()) continue;
    ++compared;
    const double expected = (*shown)["loss"];
    EXPECT_NEAR(value.item(), expected, 1e-10 * std::abs(expected)) << context << " at step " << step;
    const auto state = model.state_dict();
    for (const auto& [name, tensor] : (*shown)["state"].items())
      EXPECT_TRUE(testing::close(state[name], unpacked(tensor), 1e-10)) << context << ": " << name << " at " << step;
  }
  EXPECT_EQ(compared, run["steps"].size());
}

TEST(LossGolden, Trajectories) {
  for (const auto& run : golden()["trained_losses"]) {
    const std::string loss = run["loss"];
    const auto x = unpacked(run["x"]), y = unpacked(run["y"]);
    const Linear model(5, 3);
    const auto value = [&] {
      const auto h = model(x);
      const bool logarithms = loss == "kl_div" || loss == "nll_loss";
      return losses.at(loss)(logarithms ? log_softmax(h, -1) : h, y, run["options"], Reduction::Mean);
    };
    expect_trajectory(model, run, value, name_of_run(run));
  }
}

const std::map<std::string, Sequential (*)()> models{
    {"layer_norm",
     [] {
       return Sequential{Linear(4, 6), LayerNorm(6), Tanh(), Linear(6, 2)};
     }},
    {"layer_norm_plain",
     [] {
       return Sequential{Linear(4, 6), LayerNorm(6, {.eps = 1e-3, .elementwise_affine = false}), Tanh(), Linear(6, 2)};
     }},
    {"layer_norm_axes",
     [] {
       return Sequential{LayerNorm({2, 4}), Flatten(), Linear(8, 2)};
     }},
    {"batch_norm",
     [] {
       return Sequential{Linear(4, 6), BatchNorm1d(6), Tanh(), Linear(6, 2)};
     }},
    {"batch_norm_options",
     [] {
       return Sequential{Linear(4, 6), BatchNorm1d(6, {.eps = 1e-2, .momentum = std::nullopt, .affine = false}), Tanh(),
                         Linear(6, 2)};
     }},
    {"batch_norm_length",
     [] {
       return Sequential{BatchNorm1d(2, {.momentum = 0.3}), Flatten(), Linear(8, 2)};
     }},
    {"many_linear",
     [] {
       return Sequential{Linear(ones({3, 6, 4}), ones({3, 6})), Tanh(), Linear(ones({3, 2, 6}), ones({3, 2}))};
     }},
    {"images",
     [] {
       return Sequential{Conv2d(2, 4, 3, {.padding = 1}),
                         BatchNorm2d(4),
                         Tanh(),
                         MaxPool2d(2),
                         Conv2d(4, 6, 3, {.stride = 2, .padding = 1, .groups = 2}),
                         Tanh(),
                         AdaptiveAvgPool2d(1),
                         Flatten(),
                         Linear(6, 3)};
     }},
    {"images_dilated",
     [] {
       return Sequential{Conv2d(2, 3, {3, 2}, {.padding = {1, 0}, .dilation = {2, 1}, .bias = false}), Tanh(),
                         AvgPool2d(3, {.stride = 2, .padding = 1, .count_include_pad = false}), Flatten(),
                         Linear(18, 2)};
     }},
    {"images_residual",
     [] {
       return Sequential{
           Residual(Sequential{Conv2d(2, 2, 3, {.padding = 1, .bias = false}), BatchNorm2d(2, {.momentum = {}})}),
           Residual(Sequential{Tanh(), Conv2d(2, 3, 3, {.stride = 2, .padding = 1})}, Conv2d(2, 3, 1, {.stride = 2})),
           AdaptiveAvgPool2d(1), Flatten(), Linear(3, 2)};
     }},
};

TEST(LayerGolden, Trajectories) {
  EXPECT_EQ(golden()["trained_layers"].size(), models.size());
  for (const auto& run : golden()["trained_layers"]) {
    const std::string name = run["model"];
    const auto model = models.at(name)();
    const auto x = unpacked(run["x"]), y = unpacked(run["y"]);
    expect_trajectory(
        model, run, [&] { return mse_loss(model(x), y); }, name);
    model.eval();
    EXPECT_TRUE(testing::close(model(x).detach(), unpacked(run["evaluated"]), 1e-10)) << name;
  }
}

TEST(LayerGolden, InSinglePrecision) {
  for (const auto& run : golden()["trained_layers"]) {
    const std::string name = run["model"];
    const auto model = models.at(name)();
    model.load_state_dict(state_of(run["steps"]["50"]["state"]));
    model.eval();
    model.to(f32);
    const auto y = model(unpacked(run["x"]).to(f32)).detach();
    EXPECT_EQ(y.dtype(), f32) << name;
    EXPECT_TRUE(testing::close(y, unpacked(run["evaluated"]), 1e-5)) << name;
  }
}

}  // namespace
}  // namespace sigmagrad::nn
