// SPDX-License-Identifier: BSD-3-Clause
// Fifty steps of a small network against PyTorch and the programs of papers: golden/optimizers.py.
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
  static const json data = testing::golden("optimizers.json");
  return data;
}

template <class T>
void read(const json& from, const char* name, T& to) {
  if (from.contains(name)) to = from[name].get<T>();
}
template <class T>
void read(const json& from, const char* name, std::optional<T>& to) {
  if (from.contains(name)) to = from[name].get<T>();
}

// What the data gives of an options struct or a group; the rest has the program's default, which is ours.
template <class O>
O options(const json& from) {
  O to;
#define SIGMAGRAD_READ(name, member) \
  if constexpr (requires { to.member; }) read(from, name, to.member)
  SIGMAGRAD_READ("lr", lr);
  SIGMAGRAD_READ("betas", betas);
  SIGMAGRAD_READ("eps", eps);
  SIGMAGRAD_READ("weight_decay", weight_decay);
  SIGMAGRAD_READ("amsgrad", amsgrad);
  SIGMAGRAD_READ("momentum", momentum);
  SIGMAGRAD_READ("dampening", dampening);
  SIGMAGRAD_READ("nesterov", nesterov);
  SIGMAGRAD_READ("alpha", alpha);
  SIGMAGRAD_READ("centered", centered);
  SIGMAGRAD_READ("lr_decay", lr_decay);
  SIGMAGRAD_READ("momentum_decay", momentum_decay);
  SIGMAGRAD_READ("decoupled_weight_decay", decoupled_weight_decay);
  SIGMAGRAD_READ("weight_decouple", decoupled_weight_decay);
  SIGMAGRAD_READ("rectify", rectify);
  SIGMAGRAD_READ("max_iter", max_iter);
  SIGMAGRAD_READ("max_eval", max_eval);
  SIGMAGRAD_READ("history_size", history_size);
  SIGMAGRAD_READ("line_search_fn", line_search);
  SIGMAGRAD_READ("rho", rho);
  SIGMAGRAD_READ("adaptive", adaptive);
  SIGMAGRAD_READ("k", k);
  SIGMAGRAD_READ("max_lr", max_lr);
  SIGMAGRAD_READ("total_steps", total_steps);
  SIGMAGRAD_READ("pct_start", pct_start);
  SIGMAGRAD_READ("anneal_strategy", anneal_strategy);
  SIGMAGRAD_READ("div_factor", div_factor);
  SIGMAGRAD_READ("final_div_factor", final_div_factor);
  SIGMAGRAD_READ("three_phase", three_phase);
  SIGMAGRAD_READ("T_0", T_0);
  SIGMAGRAD_READ("T_mult", T_mult);
  SIGMAGRAD_READ("eta_min", eta_min);
  SIGMAGRAD_READ("total_iters", total_iters);
  SIGMAGRAD_READ("power", power);
  SIGMAGRAD_READ("mode", mode);
  SIGMAGRAD_READ("factor", factor);
  SIGMAGRAD_READ("patience", patience);
  SIGMAGRAD_READ("threshold", threshold);
  SIGMAGRAD_READ("threshold_mode", threshold_mode);
  SIGMAGRAD_READ("cooldown", cooldown);
  SIGMAGRAD_READ("min_lr", min_lr);
#undef SIGMAGRAD_READ
  return to;
}

// With a group for each parameter if the run has groups.
template <class O>
std::unique_ptr<Optimizer> make(std::vector<Tensor> params, const json& run) {
  const auto common = options<typename O::Options>(run["options"]);
  if (!run.contains("groups")) return std::make_unique<O>(std::move(params), common);
  std::vector<typename O::GroupOptions> groups;
  for (std::size_t i = 0; i < params.size(); ++i) {
    groups.push_back(options<typename O::GroupOptions>(run["groups"][i]));
    groups.back().params = {params[i]};
  }
  return std::make_unique<O>(groups, common);
}

const std::map<std::string, std::unique_ptr<Optimizer> (*)(std::vector<Tensor>, const json&)> makers{
    {"SGD", make<SGD>},
    {"Adam", make<Adam>},
    {"AdamW", make<AdamW>},
    {"RMSprop", make<RMSprop>},
    {"NAdam", make<NAdam>},
    {"AdaBelief", make<AdaBelief>},
    {"Adagrad", make<Adagrad>},
    {"RAdam", make<RAdam>},
    {"LBFGS", [](std::vector<Tensor> params, const json& run) -> std::unique_ptr<Optimizer> {
       return std::make_unique<LBFGS>(std::move(params), options<LBFGSOptions>(run["options"]));
     }}};

class Program : public ::testing::TestWithParam<std::size_t> {
 protected:
  Tensor loss() const {
    const double decay = run["decay"];
    const auto error = matmul(tanh(matmul(X, params[0].t())), params[1].t()) - Y;
    return 0.5 * square(error).sum() + decay * (square(params[0]).sum() + square(params[1]).sum());
  }
  Tensor backward() {
    optimizer->zero_grad();
    auto result = loss();
    result.backward();
    return result;
  }
  // One step; the loss before it.
  double step() {
    const auto closure = [this] { return backward(); };
    if (auto* lbfgs = dynamic_cast<LBFGS*>(optimizer.get())) return lbfgs->step(closure).item();
    if (run.contains("SAM")) return SAM(*optimizer, options<SAMOptions>(run["SAM"])).step(closure).item();
    const double before = backward().item();
    optimizer->step();
    return before;
  }

  const json& run = golden()["runs"][GetParam()];
  const Tensor X = golden_tensor(golden()["X"]), Y = golden_tensor(golden()["Y"]);
  const std::vector<Tensor> params{golden_tensor(golden()["first"]).requires_grad_(),
                                   golden_tensor(golden()["second"]).requires_grad_()};
  const std::unique_ptr<Optimizer> optimizer = makers.at(run["optimizer"])(params, run);
};

TEST_P(Program, FiftySteps) {
  std::unique_ptr<Lookahead> lookahead;
  std::unique_ptr<Averages> averages;
  if (run.contains("Lookahead"))
    lookahead = std::make_unique<Lookahead>(*optimizer, options<LookaheadOptions>(run["Lookahead"]));
  if (run.value("average", "") == "EMA") averages = std::make_unique<EMA>(*optimizer, EMAOptions{.decay = 0.9});
  if (run.value("average", "") == "SWA") averages = std::make_unique<SWA>(*optimizer);
  for (std::size_t k = 0; k < run["loss"].size(); ++k) {
    const double expected = run["loss"][k];
    EXPECT_NEAR(step(), expected, 1e-10 * std::max(1.0, expected)) << "step " << k + 1;
    const auto after = run["after"].find(std::to_string(k + 1));
    if (after == run["after"].end()) continue;
    const auto& values = averages ? averages->values() : params;
    EXPECT_TRUE(testing::close(values[0].detach(), golden_tensor((*after)["first"]), 1e-10)) << "step " << k + 1;
    EXPECT_TRUE(testing::close(values[1].detach(), golden_tensor((*after)["second"]), 1e-10)) << "step " << k + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, Program, ::testing::Range<std::size_t>(0, golden()["runs"].size()),
                         [](const ::testing::TestParamInfo<std::size_t>& test) {
                           const std::string optimizer = golden()["runs"][test.param]["optimizer"];
                           return std::to_string(test.param) + optimizer;
                         });

const std::map<std::string, Rate (*)(const json&)> rates{
    {"OneCycleLR", [](const json& o) { return OneCycleLR::rate(options<OneCycleLROptions>(o)); }},
    {"PolynomialLR", [](const json& o) { return PolynomialLR::rate(options<PolynomialLROptions>(o)); }},
    {"CosineAnnealingWarmRestarts",
     [](const json& o) { return CosineAnnealingWarmRestarts::rate(options<CosineAnnealingWarmRestartsOptions>(o)); }},
};

TEST(ProgramSchedules, Rates) {
  for (const auto& run : golden()["schedules"]) {
    const std::string name = run["scheduler"];
    SGD optimizer({ones({1}).requires_grad_()}, {.lr = run["base_lr"]});
    std::function<void(std::size_t)> step;
    if (name == "ReduceLROnPlateau") {
      const auto plateau =
          std::make_shared<ReduceLROnPlateau>(optimizer, options<ReduceLROnPlateauOptions>(run["options"]));
      step = [plateau, &run](std::size_t k) { plateau->step(run["metrics"][k]); };
    } else {
      const auto schedule = std::make_shared<Schedule>(optimizer, rates.at(name)(run["options"]));
      step = [schedule](std::size_t) { schedule->step(); };
    }
    for (std::size_t k = 0; k < run["lr"].size(); ++k) {
      const double expected = run["lr"][k];
      EXPECT_NEAR(optimizer.groups()[0].lr(), expected, 1e-10 * expected) << run["options"] << name << " step " << k;
      step(k);
    }
  }
}

}  // namespace
}  // namespace sigmagrad::optim
