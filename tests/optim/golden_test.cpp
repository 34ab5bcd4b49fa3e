// SPDX-License-Identifier: BSD-3-Clause
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/matmul.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/optim/adam.hpp>
#include <sigmagrad/optim/sgd.hpp>
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
};

// In the data, and not in the library. A new optimiser moves from here to the table above.
const std::set<std::string> absent{"AdamW", "RMSprop", "Adagrad"};

std::vector<std::size_t> present_runs() {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < golden()["runs"].size(); ++i)
    if (optimizers.contains(golden()["runs"][i]["optimizer"])) result.push_back(i);
  return result;
}

TEST(OptimGoldenData, NothingIsLeftOut) {
  for (const auto& run : golden()["runs"]) {
    const std::string optimizer = run["optimizer"];
    EXPECT_NE(optimizers.contains(optimizer), absent.contains(optimizer)) << optimizer;
  }
}

class OptimGolden : public ::testing::TestWithParam<std::size_t> {
 protected:
  /// The weights after each of the steps the data has, by step.
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
  for (const auto& [step, w] : train(f32)) {
    EXPECT_EQ(w.dtype(), f32);
    EXPECT_TRUE(testing::close(w, golden_tensor(run["W"][std::to_string(step)]), 1e-5)) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, OptimGolden, ::testing::ValuesIn(present_runs()),
                         [](const ::testing::TestParamInfo<std::size_t>& test) {
                           const std::string optimizer = golden()["runs"][test.param]["optimizer"];
                           return std::to_string(test.param) + optimizer;
                         });

}  // namespace
}  // namespace sigmagrad::optim
