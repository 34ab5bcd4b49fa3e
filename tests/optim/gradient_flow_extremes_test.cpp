// SPDX-License-Identifier: BSD-3-Clause
// Flows by saddles, at the ends of their domain, and at the limits of the numbers.
#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/optim/gradient_flow.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::optim {
namespace {

using testing::error_of;
using testing::same;

constexpr FlowMethod methods[] = {FlowMethod::Auto, FlowMethod::Explicit, FlowMethod::Stiff};

// a is fast, and b leaves 0, where the loss has a saddle, at the rate 2 s.
struct BySaddle {
  double s;
  Tensor a = full({}, 0.5).requires_grad_(), b;

  BySaddle(double rate, double start) : s(rate), b(full({}, start).requires_grad_()) {}
  double exact(double start, double t) const {
    return start / std::sqrt(start * start / s + (1.0 - start * start / s) * std::exp(-4.0 * s * t));
  }
  GradientFlow run(const GradientFlowOptions& options) {
    return gradient_flow([this] { return 0.5 * square(a * a - 1.0) + 0.5 * square(b * b - s); }, {a, b}, options);
  }
};

TEST(FlowBySaddles, LeavesAlongAModeThatIsStillSmall) {
  for (const auto method : methods)
    for (const double s : {0.3, 0.1, 0.03})
      for (const double start : {1e-8, 1e-10, 1e-12, 1e-14, 1e-16, 1e-20, -1e-10, -1e-12, -1e-14}) {
        BySaddle flow(s, start);
        const double escape = std::log(std::sqrt(s) / std::abs(start)) / (2.0 * s);
        flow.run({.t_end = escape + 6.0 / s, .method = method});
        EXPECT_NEAR(flow.b.item(), std::copysign(std::sqrt(s), start), 1e-3)
            << static_cast<int>(method) << " s " << s << " from " << start;
      }
}

TEST(FlowBySaddles, LeavesThemInTime) {
  for (const double start : {1e-8, 1e-12, 1e-16}) {
    BySaddle flow(0.3, start);
    const double t = std::log(std::sqrt(0.3) / start) / 0.6;
    const auto end = flow.run({.t_end = t});
    EXPECT_NEAR(flow.b.item(), flow.exact(start, t), 0.01) << start;
    EXPECT_GT(end.stiff_steps.item(), 0.0);
  }
}

TEST(FlowBySaddles, DoesNotTakeThemForTheEnd) {
  BySaddle flow(0.3, 1e-16);
  const auto end = flow.run({.loss_below = 1e-6, .max_steps = 1000});
  EXPECT_EQ(end.reason[0], FlowStop::Loss);
  EXPECT_LT(end.steps.item(), 300.0);
}

TEST(FlowBySaddles, FlatDirectionsDoNotHoldTheStiffMethodBack) {
  const auto w = tensor({0.5, 0.25, 0.25}, {3}).requires_grad_(), drift = ones({}).requires_grad_();
  const auto flow = gradient_flow([&] { return square(w.sum() - 1.0) + 1e-14 * drift; }, {w, drift},
                                  {.t_end = 1e12, .max_steps = 1000, .method = FlowMethod::Stiff});
  EXPECT_EQ(flow.reason[0], FlowStop::Time);
  EXPECT_LT(flow.steps.item(), 300.0);
  EXPECT_NEAR(drift.item(), 0.99, 1e-12);
}

TEST(FlowDomains, ATrialThatLeavesItsOwnEndsAlone) {
  for (const auto method : methods) {
    const auto start = tensor({1.5, 1, 1, 1.5, 150, 50, 50, 150}, {2, 2, 2});
    const auto loss = [](const Tensor& w) { return sqrt(w).sum(-1).sum(-1) + 0.01 * linalg::norm(w, linalg::Nuclear); };
    const auto both = start.clone().requires_grad_(), second = start.narrow(0, 1, 1).clone().requires_grad_();
    const auto flow = gradient_flow([&] { return loss(both); }, {both}, {.t_end = 3.0, .method = method});
    const auto alone = gradient_flow([&] { return loss(second); }, {second}, {.t_end = 3.0, .method = method});
    EXPECT_EQ(flow.reason[0], FlowStop::NonFinite);
    EXPECT_EQ(flow.reason[1], FlowStop::Time);
    EXPECT_TRUE(same(both.narrow(0, 1, 1).detach(), second.detach()));
    EXPECT_EQ(alone.steps.item(), flow.steps.data<double>()[1]);
    EXPECT_GT(both.detach().data<double>()[1], 0.0);
  }
}

TEST(FlowDomains, AHessianThatIsNotFiniteEndsItsTrial) {
  const auto w = tensor({0, 1, 2, 1}, {2, 2}).requires_grad_();
  const auto flow =
      gradient_flow([&] { return pow(w, 1.5).sum(-1); }, {w}, {.t_end = 0.5, .method = FlowMethod::Stiff});
  EXPECT_EQ(flow.reason[0], FlowStop::NonFinite);
  EXPECT_EQ(flow.reason[1], FlowStop::Time);
  EXPECT_NEAR(w.data<double>()[3], std::pow(1.0 - 0.75 * 0.5, 2.0), 1e-6);
}

TEST(FlowDomains, MaxStepIsReadOfTrialsThatGoOn) {
  const auto w = tensor({0.0, 1.0}, {2}).requires_grad_();
  const auto flow =
      gradient_flow([&] { return square(w); }, {w}, {.t_end = 0.5, .max_step = [&] { return 0.1 * w / w; }});
  EXPECT_EQ(flow.reason[0], FlowStop::GradientNorm);
  EXPECT_EQ(flow.reason[1], FlowStop::Time);
  const auto v = ones({2}).requires_grad_();
  const auto bad = [] { return tensor({0.1, NAN}, {2}); };
  EXPECT_EQ(error_of([&] { gradient_flow([&] { return square(v); }, {v}, {.t_end = 0.5, .max_step = bad}); }),
            "gradient_flow: max_step returned nan, expected a step > 0");
}

TEST(FlowNumbers, TheGradientsNormNeitherUnderflowsNorOverflows) {
  for (const auto method : methods) {
    const auto small = full({2}, 3e-170).requires_grad_(), large = ones({2}).requires_grad_();
    const auto rising =
        gradient_flow([&] { return -0.5 * square(small).sum(); }, {small}, {.t_end = 1.0, .method = method});
    EXPECT_EQ(rising.reason[0], FlowStop::Time);
    EXPECT_NEAR(small.data<double>()[0] / 3e-170, std::exp(1.0), 1e-5);
    EXPECT_NEAR(rising.grad_norm.item() / 3e-170, std::sqrt(2.0) * std::exp(1.0), 1e-5);
    const auto steep = gradient_flow([&] { return 1e160 * large.sum(); }, {large}, {.t_end = 1e-162, .method = method});
    EXPECT_NEAR(large.data<double>()[0], 0.99, 1e-12);
    EXPECT_NEAR(steep.grad_norm.item() / 1e160, std::sqrt(2.0), 1e-12);
  }
}

TEST(FlowNumbers, NoStepIsZero) {
  for (const auto method : methods) {
    const auto w = full({2}, 1e-300).requires_grad_(), v = ones({2}).requires_grad_();
    const auto flow =
        gradient_flow([&] { return 1e30 * w.sum(); }, {w}, {.t_end = 1.0, .max_steps = 1000, .method = method});
    EXPECT_EQ(flow.reason[0], FlowStop::Time) << static_cast<int>(method);
    EXPECT_NEAR(w.data<double>()[1] / 1e30, -1.0, 1e-12);
    const auto shortest = gradient_flow([&] { return square(v).sum(); }, {v}, {.t_end = 1e-310, .method = method});
    EXPECT_LE(shortest.steps.item(), 1.0);
    EXPECT_EQ(shortest.reason[0], method == FlowMethod::Stiff ? FlowStop::StepTooSmall : FlowStop::Time);
    EXPECT_TRUE(same(v.detach(), ones({2})));
  }
}

TEST(FlowErrors, ALossWithoutTheParametersIsRefused) {
  const auto w = ones({2}).requires_grad_(), other = ones({2}).requires_grad_();
  const std::string expected = "gradient_flow: the loss does not depend on the parameters";
  EXPECT_EQ(error_of([&] { gradient_flow([] { return full({}, 3.0); }, {w}); }), expected);
  EXPECT_EQ(error_of([&] { gradient_flow([&] { return square(other).sum(); }, {w}); }), expected);
}

}  // namespace
}  // namespace sigmagrad::optim
