// SPDX-License-Identifier: BSD-3-Clause
#include <functional>
#include <map>
#include <memory>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad::optim {
namespace {

using nlohmann::json;
using testing::golden_tensor;

const json& golden() {
  static const json data = testing::golden("optim.json");
  return data;
}

using Make = std::unique_ptr<Optimizer> (*)(std::vector<Tensor>, const json&);

// The data leaves out what has PyTorch's default, which is ours: but for SGD's lr, which PyTorch demands.
const std::map<std::string, Make> optimizers{
    {"SGD",
     [](std::vector<Tensor> params, const json& o) -> std::unique_ptr<Optimizer> {
       const SGDOptions d;
       return std::make_unique<SGD>(std::move(params),
                                    SGDOptions{.lr = o.value("lr", d.lr),
                                               .momentum = o.value("momentum", d.momentum),
                                               .dampening = o.value("dampening", d.dampening),
                                               .weight_decay = o.value("weight_decay", d.weight_decay),
                                               .nesterov = o.value("nesterov", d.nesterov)});
     }},
    {"Adam",
     [](std::vector<Tensor> params, const json& o) -> std::unique_ptr<Optimizer> {
       const AdamOptions d;
       return std::make_unique<Adam>(std::move(params),
                                     AdamOptions{.lr = o.value("lr", d.lr),
                                                 .betas = o.value("betas", d.betas),
                                                 .eps = o.value("eps", d.eps),
                                                 .weight_decay = o.value("weight_decay", d.weight_decay),
                                                 .amsgrad = o.value("amsgrad", d.amsgrad)});
     }},
    {"AdamW",
     [](std::vector<Tensor> params, const json& o) -> std::unique_ptr<Optimizer> {
       const AdamWOptions d;
       return std::make_unique<AdamW>(std::move(params),
                                      AdamWOptions{.lr = o.value("lr", d.lr),
                                                   .betas = o.value("betas", d.betas),
                                                   .eps = o.value("eps", d.eps),
                                                   .weight_decay = o.value("weight_decay", d.weight_decay),
                                                   .amsgrad = o.value("amsgrad", d.amsgrad)});
     }},
    {"RMSprop",
     [](std::vector<Tensor> params, const json& o) -> std::unique_ptr<Optimizer> {
       const RMSpropOptions d;
       return std::make_unique<RMSprop>(std::move(params),
                                        RMSpropOptions{.lr = o.value("lr", d.lr),
                                                       .alpha = o.value("alpha", d.alpha),
                                                       .eps = o.value("eps", d.eps),
                                                       .weight_decay = o.value("weight_decay", d.weight_decay),
                                                       .momentum = o.value("momentum", d.momentum),
                                                       .centered = o.value("centered", d.centered)});
     }},
    {"Adagrad",
     [](std::vector<Tensor> params, const json& o) -> std::unique_ptr<Optimizer> {
       const AdagradOptions d;
       const double initial = o.value("initial_accumulator_value", d.initial_accumulator_value);
       return std::make_unique<Adagrad>(std::move(params),
                                        AdagradOptions{.lr = o.value("lr", d.lr),
                                                       .lr_decay = o.value("lr_decay", d.lr_decay),
                                                       .weight_decay = o.value("weight_decay", d.weight_decay),
                                                       .initial_accumulator_value = initial,
                                                       .eps = o.value("eps", d.eps)});
     }},
};

const std::map<std::string, Rate (*)(const json&)> schedules{
    {"StepLR", [](const json& o) { return StepLR::rate({.step_size = o["step_size"], .gamma = o["gamma"]}); }},
    {"MultiStepLR",
     [](const json& o) { return MultiStepLR::rate({.milestones = o["milestones"], .gamma = o["gamma"]}); }},
    {"ExponentialLR", [](const json& o) { return ExponentialLR::rate({.gamma = o["gamma"]}); }},
    {"CosineAnnealingLR",
     [](const json& o) { return CosineAnnealingLR::rate({.T_max = o["T_max"], .eta_min = o["eta_min"]}); }},
    {"LinearLR",
     [](const json& o) {
       return LinearLR::rate({.start_factor = o["start_factor"], .total_iters = o["total_iters"]});
     }},
};

TEST(ScheduleGolden, Rates) {
  const auto p = ones({1}).requires_grad_();
  for (const auto& run : golden()["schedules"]) {
    const std::string name = run["scheduler"];
    SGD optimizer({p}, {.lr = run["base_lr"]});
    Schedule schedule(optimizer, schedules.at(name)(run["options"]));
    for (std::size_t k = 0; k < run["lr"].size(); ++k) {
      const double expected = run["lr"][k];
      EXPECT_NEAR(optimizer.groups()[0].lr(), expected, 1e-10 * expected) << name << " at step " << k;
      schedule.step();
    }
  }
}

class OptimGolden : public ::testing::TestWithParam<std::size_t> {
 protected:
  // The weights after each of the steps the data has, by step.
  std::map<int, Tensor> train(Dtype dtype) const {
    const auto a = golden_tensor(golden()["A"]).to(dtype), b = golden_tensor(golden()["B"]).to(dtype);
    auto w = golden_tensor(golden()["W0"]).to(dtype).requires_grad_();
    const auto optimizer = optimizers.at(run["optimizer"])({w}, run["options"]);
    std::map<int, Tensor> result;
    for (int step = 1; step <= 50; ++step) {
      optimizer->zero_grad();
      mse_loss(matmul(a, w), b, Reduction::HalfSum).backward();
      optimizer->step();
      if (run["W"].contains(std::to_string(step))) result[step] = w.detach().clone();
    }
    return result;
  }

  const json& run = golden()["runs"][GetParam()];
};

TEST_P(OptimGolden, Steps) {
  const auto trajectory = train(f64);
  ASSERT_EQ(trajectory.size(), run["W"].size());
  for (const auto& [step, w] : trajectory)
    EXPECT_TRUE(testing::close(w, golden_tensor(run["W"][std::to_string(step)]), 1e-10)) << "step " << step;
}

TEST_P(OptimGolden, StepsInSinglePrecision) {
  // Near the minimum RMSprop divides a gradient that is rounding by its own size: with the short memory of alpha = 0.9
  // NumPy's single precision is off by 1e-2 at step 50, too.
  const bool noise = run["options"].value("alpha", 0.0) == 0.9;
  for (const auto& [step, w] : train(f32)) {
    EXPECT_EQ(w.dtype(), f32);
    if (noise && step > 10) continue;
    EXPECT_TRUE(testing::close(w, golden_tensor(run["W"][std::to_string(step)]), 1e-5)) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, OptimGolden, ::testing::Range<std::size_t>(0, golden()["runs"].size()),
                         [](const ::testing::TestParamInfo<std::size_t>& test) {
                           const std::string optimizer = golden()["runs"][test.param]["optimizer"];
                           return std::to_string(test.param) + optimizer;
                         });

}  // namespace
}  // namespace sigmagrad::optim
