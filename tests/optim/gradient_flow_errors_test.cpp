// SPDX-License-Identifier: BSD-3-Clause
// Where a flow stops, what is refused, and what is left behind.
#include <cmath>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/optim/gradient_flow.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::optim {
namespace {

using testing::error_of;
using testing::same;

constexpr double infinity = std::numeric_limits<double>::infinity();
const auto ignore = [](double, std::int64_t) {};

// 0.5 |w|^2 from w = 1, 2.
struct Bowl {
  Tensor w = tensor({1, 2}, {2}).requires_grad_();
  Tensor loss() const { return 0.5 * square(w).sum(); }
  GradientFlow run(const GradientFlowOptions& options) {
    return gradient_flow([this] { return loss(); }, {w}, options);
  }
  std::string error(const GradientFlowOptions& options) {
    const auto message = error_of([&] { run(options); });
    EXPECT_TRUE(same(w.detach(), tensor({1, 2}, {2})));
    return message;
  }
};

TEST(FlowStops, AtTheTimeTheLossTheGradientAndTheSteps) {
  Bowl time, loss, gradient, steps;
  const auto at_time = time.run({.t_end = 0.7});
  EXPECT_EQ(at_time.reason[0], FlowStop::Time);
  EXPECT_EQ(at_time.t.item(), 0.7);
  const auto at_loss = loss.run({.loss_below = 1e-3});
  EXPECT_EQ(at_loss.reason[0], FlowStop::Loss);
  EXPECT_LT(loss.loss().item(), 1e-3);
  EXPECT_EQ(loss.loss().item(), at_loss.loss.item());
  const auto at_gradient = gradient.run({.grad_norm_below = 1e-4});
  EXPECT_EQ(at_gradient.reason[0], FlowStop::GradientNorm);
  EXPECT_LE(at_gradient.grad_norm.item(), 1e-4);
  const auto at_steps = steps.run({.max_steps = 3});
  EXPECT_EQ(at_steps.reason[0], FlowStop::Steps);
  EXPECT_EQ(at_steps.steps.item(), 3);
  EXPECT_EQ(name_of(FlowStop::GradientNorm), "gradient norm");
}

TEST(FlowStops, AtTheStartWhereTheGoalIsReached) {
  Bowl bowl;
  const auto flow = bowl.run({.loss_below = 10.0, .at = {0.0, 1.0}, .callback = ignore});
  EXPECT_EQ(flow.reason[0], FlowStop::Loss);
  EXPECT_EQ(flow.steps.item(), 0);
  EXPECT_EQ(flow.t.item(), 0.0);
  EXPECT_TRUE(same(bowl.w.detach(), tensor({1, 2}, {2})));
  const auto zero = zeros({2}).requires_grad_();
  const auto rest = gradient_flow([&] { return square(zero).sum(); }, {zero});
  EXPECT_EQ(rest.reason[0], FlowStop::GradientNorm);
}

TEST(FlowStops, WhereTheSolutionEnds) {
  // w' = -1 / (2 sqrt(w)) reaches 0, beyond which the loss is NaN, at t = 4/3; w' = 3 w^2 is infinite at t = 1/3.
  for (const auto method : {FlowMethod::Auto, FlowMethod::Stiff}) {
    const auto falling = ones({}).requires_grad_(), rising = ones({}).requires_grad_();
    const auto ended = gradient_flow([&] { return sqrt(falling); }, {falling}, {.method = method});
    EXPECT_TRUE(ended.reason[0] == FlowStop::NonFinite || ended.reason[0] == FlowStop::StepTooSmall);
    EXPECT_NEAR(ended.t.item(), 4.0 / 3, 1e-4);
    EXPECT_TRUE(std::isfinite(falling.item()));
    const auto grown = gradient_flow([&] { return -1.0 * rising * rising * rising; }, {rising}, {.method = method});
    EXPECT_TRUE(grown.reason[0] == FlowStop::NonFinite || grown.reason[0] == FlowStop::StepTooSmall);
    EXPECT_NEAR(grown.t.item(), 1.0 / 3, 1e-4);
    EXPECT_TRUE(std::isfinite(rising.item()));
  }
}

TEST(FlowStops, LeaveStoppedTrialsWhereTheyAre) {
  const auto w = tensor({0.15, 1.0}, {2}).requires_grad_();
  std::vector<double> first;
  const auto flow = gradient_flow([&] { return 0.5 * square(w); }, {w},
                                  {.t_end = 50.0, .loss_below = 1e-2, .at = {1.5}, .callback = [&](double, auto trial) {
                                     EXPECT_EQ(trial, 1);
                                     first.push_back(w.data<double>()[0]);
                                   }});
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0], w.data<double>()[0]);
  EXPECT_EQ(flow.reason[0], FlowStop::Loss);
  EXPECT_LT(flow.t.data<double>()[0], 1.0);
  EXPECT_GT(flow.t.data<double>()[1], 1.0);
}

TEST(FlowErrors, OptionsAreChecked) {
  Bowl bowl;
  EXPECT_EQ(bowl.error({.t_end = 0.0}), "gradient_flow: t_end must be > 0 (got 0)");
  EXPECT_EQ(bowl.error({.t_end = NAN}), "gradient_flow: t_end must be > 0 (got nan)");
  EXPECT_EQ(bowl.error({.rtol = -1.0}), "gradient_flow: rtol must be >= 0 (got -1)");
  EXPECT_EQ(bowl.error({.atol = infinity}), "gradient_flow: atol must be >= 0 (got inf)");
  EXPECT_EQ(bowl.error({.rtol = 0.0}), "gradient_flow: rtol or atol must be > 0");
  EXPECT_EQ(bowl.error({.loss_below = NAN}), "gradient_flow: loss_below must be a number (got nan)");
  EXPECT_EQ(bowl.error({.grad_norm_below = -1.0}), "gradient_flow: grad_norm_below must be >= 0 (got -1)");
  EXPECT_EQ(bowl.error({.max_steps = 0}), "gradient_flow: max_steps must be >= 1 (got 0)");
  EXPECT_EQ(bowl.error({.initial_step = -0.1}), "gradient_flow: initial_step must be >= 0 (got -0.1)");
  EXPECT_EQ(bowl.error({.t_end = 1.0, .at = {0.5, 2.0}, .callback = ignore}),
            "gradient_flow: at[1] must be in [0, t_end] (got 2 and t_end 1)");
  EXPECT_EQ(bowl.error({.at = {0.5, 0.25}, .callback = ignore}),
            "gradient_flow: at must be ascending (got 0.5 before 0.25)");
  EXPECT_EQ(bowl.error({.at = {0.5}}), "gradient_flow: at has 1 times, but there is no callback");
  EXPECT_EQ(bowl.error({.callback = ignore}), "gradient_flow: there is a callback, but at has no times for it");
  EXPECT_EQ(bowl.error({.max_step = [] { return zeros({}); }}),
            "gradient_flow: max_step returned 0, expected a step > 0");
  EXPECT_EQ(bowl.error({.max_step = [] { return ones({3}); }}),
            "gradient_flow: max_step returned [3] f64, expected a scalar of f64");
}

TEST(FlowErrors, ParametersAndLossesAreChecked) {
  Bowl bowl;
  const auto loss = [&] { return bowl.loss(); };
  const auto of = [&](const std::vector<Tensor>& parameters) {
    return error_of([&] { gradient_flow(loss, parameters); });
  };
  const auto by = [&](const std::function<Tensor()>& f) { return error_of([&] { gradient_flow(f, {bowl.w}); }); };
  EXPECT_EQ(of({}), "gradient_flow: needs at least one parameter");
  EXPECT_EQ(of({Tensor()}), "gradient_flow: parameter 0 is undefined");
  EXPECT_EQ(of({bowl.w, ones({3})}), "gradient_flow: parameter 1 of shape [3] is not a leaf that requires grad");
  EXPECT_EQ(of({2.0 * bowl.w}), "gradient_flow: parameter 0 of shape [2] is not a leaf that requires grad");
  EXPECT_EQ(of({ones({2}, f32).requires_grad_()}), "gradient_flow: parameter 0 is f32, expected f64");
  EXPECT_EQ(of({zeros({2, 0}).requires_grad_()}), "gradient_flow: parameter 0 of shape [2, 0] has no entries");
  EXPECT_EQ(of({bowl.w, bowl.w}), "gradient_flow: parameter 1 of shape [2] is given twice");
  EXPECT_EQ(by(nullptr), "gradient_flow: the loss is an empty function");
  EXPECT_EQ(by([] { return Tensor(); }), "gradient_flow: the loss is undefined");
  EXPECT_EQ(by([&] { return bowl.w.reshape({2, 1}); }), "gradient_flow: the loss must be a scalar or [T], got [2, 1]");
  EXPECT_EQ(by([&] {
              return bowl.w.expand({3, 2}).sum(-1);
            }),
            "gradient_flow: the loss is [3]: parameter 0 of shape [2] must have a leading axis of 3 trials");
  EXPECT_EQ(by([&] { return log(bowl.w - 1.0); }),
            "gradient_flow: the start is not finite: loss -inf, gradient's norm inf of trial 0");
  EXPECT_TRUE(same(bowl.w.detach(), tensor({1, 2}, {2})));
}

TEST(FlowErrors, ACapturedStepHasNoFlowInIt) {
  Bowl bowl;
  auto step = capture([&] { bowl.run({.t_end = 1.0}); });
  EXPECT_EQ(error_of(step),
            "gradient_flow: not in the body of a captured step, which replays tensor operations only; the number of "
            "steps depends on values");
}

TEST(FlowErrors, OfTheCallerLeaveTheLastAcceptedStep) {
  const GradientFlowOptions steps{
      .rtol = 1e6, .initial_step = 0.25, .max_step = [] { return full({}, 0.25); }, .method = FlowMethod::Explicit};
  Bowl expected, reporting, reading;
  auto two = steps;
  two.t_end = 0.5;
  expected.run(two);

  auto throwing = steps;
  throwing.at = {0.6};
  throwing.callback = [](double, std::int64_t) { throw Error("enough"); };
  EXPECT_EQ(error_of([&] { reporting.run(throwing); }), "enough");
  EXPECT_TRUE(same(reporting.w.detach(), expected.w.detach()));

  int calls = 0;
  const auto loss = [&] {
    if (!(reading.loss().item() > 0.0) || ++calls > 18) throw Error("no more");  // the third step has begun
    return reading.loss();
  };
  EXPECT_EQ(error_of([&] { gradient_flow(loss, {reading.w}, steps); }), "no more");
  EXPECT_TRUE(same(reading.w.detach(), expected.w.detach()));
}

}  // namespace
}  // namespace sigmagrad::optim
