// SPDX-License-Identifier: BSD-3-Clause
// The flow against closed forms, its orders of accuracy, what it conserves, and trials that run beside each other.
#include <cmath>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/optim/gradient_flow.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::optim {
namespace {

using testing::close;
using testing::same;

constexpr FlowMethod methods[] = {FlowMethod::Auto, FlowMethod::Explicit, FlowMethod::Stiff};

std::function<Tensor()> always(double step) {
  return [step] { return full({}, step); };
}

// 0.5 sum rates w^2, whose flow is w(t) = exp(-rates t) w(0).
struct Linear {
  Tensor rates = tensor({0.5, 2.0, 30.0, -0.1}, {4});
  Tensor w = tensor({1.0, -2.0, 0.5, 0.3}, {4}).requires_grad_();

  Tensor exact(double t) const { return exp(-t * rates) * tensor({1.0, -2.0, 0.5, 0.3}, {4}); }
  GradientFlow run(const GradientFlowOptions& options) {
    return gradient_flow([this] { return 0.5 * (rates * square(w)).sum(); }, {w}, options);
  }
};

TEST(GradientFlow, OfAQuadraticIsTheExponential) {
  for (const double rtol : {1e-4, 1e-6, 1e-8, 1e-10}) {
    Linear explicitly;
    const auto flow = explicitly.run({.t_end = 2.0, .rtol = rtol, .method = FlowMethod::Explicit});
    EXPECT_TRUE(close(explicitly.w, explicitly.exact(2.0), 20 * rtol)) << rtol;
    EXPECT_EQ(flow.t.item(), 2.0);
    EXPECT_EQ(flow.reason[0], FlowStop::Time);
  }
}

TEST(GradientFlow, TheStiffMethodStepsOverFastDecay) {
  Linear linear;
  linear.rates = tensor({0.5, 2.0, 1e6, -0.1}, {4});
  const auto flow = linear.run({.t_end = 2.0, .rtol = 1e-6, .method = FlowMethod::Stiff});
  EXPECT_TRUE(close(linear.w, linear.exact(2.0), 1e-5));
  EXPECT_LT(flow.steps.item(), 100);
  EXPECT_EQ(flow.steps.item(), flow.stiff_steps.item());
}

// 0.5 (a b - 2)^2 from a = b: p = a b follows p' = 2 p (2 - p).
struct TwoLayers {
  static constexpr double target = 2.0, start = 0.01;
  Tensor a = full({}, std::sqrt(start)).requires_grad_(), b = full({}, std::sqrt(start)).requires_grad_();

  static double exact(double t) { return target / (1.0 + (target / start - 1.0) * std::exp(-2.0 * target * t)); }
  Tensor loss() const { return 0.5 * square(a * b - target); }
  double product() const { return a.item() * b.item(); }
  GradientFlow run(const GradientFlowOptions& options) {
    return gradient_flow([this] { return loss(); }, {a, b}, options);
  }
};

TEST(GradientFlow, OfTwoScalarLayersIsTheLogisticFunction) {
  for (const auto method : methods)
    for (const double rtol : {1e-5, 1e-7, 1e-9}) {
      TwoLayers net;
      const auto flow = net.run({.t_end = 1.2, .rtol = rtol, .method = method});
      EXPECT_NEAR(net.product(), net.exact(1.2), 50 * rtol) << static_cast<int>(method);
      EXPECT_NEAR(flow.loss.item(), net.loss().item(), 1e-15);
      EXPECT_FALSE(net.a.grad().defined());
    }
}

TEST(GradientFlow, DormandPrinceHasOrderFive) {
  std::vector<double> errors;
  for (const double h : {0.05, 0.025, 0.0125}) {
    TwoLayers net;
    net.run({.t_end = 1.0, .rtol = 1e6, .initial_step = h, .max_step = always(h), .method = FlowMethod::Explicit});
    errors.push_back(std::abs(net.product() - net.exact(1.0)));
  }
  EXPECT_GT(std::log2(errors[0] / errors[1]), 4.5);
  EXPECT_GT(std::log2(errors[1] / errors[2]), 4.7);
}

TEST(GradientFlow, TheRosenbrockMethodHasOrderFour) {
  std::vector<double> errors;
  for (const int count : {20, 40, 80}) {
    TwoLayers net;
    for (int i = 0; i < count; ++i) {
      const auto flow =
          net.run({.t_end = 1.0 / count, .rtol = 1e6, .initial_step = 1.0 / count, .method = FlowMethod::Stiff});
      ASSERT_EQ(flow.steps.item(), 1);
    }
    errors.push_back(std::abs(net.product() - net.exact(1.0)));
  }
  EXPECT_GT(std::log2(errors[0] / errors[1]), 3.8);
  EXPECT_GT(std::log2(errors[1] / errors[2]), 3.8);
}

TEST(GradientFlow, ReportsBetweenStepsWhatARunToThatTimeEndsWith) {
  const std::vector<double> times{0.0, 0.31, 0.9, 0.9, 1.17, 1.5};
  for (const auto method : methods) {
    TwoLayers net;
    std::vector<double> seen;
    net.run({.t_end = 1.5,
             .rtol = 1e-9,
             .at = times,
             .callback =
                 [&](double t, std::int64_t trial) {
                   EXPECT_EQ(trial, 0);
                   EXPECT_EQ(t, times[seen.size()]);
                   seen.push_back(net.product());
                 },
             .method = method});
    ASSERT_EQ(seen.size(), times.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
      TwoLayers stopped;
      if (times[i] > 0.0) stopped.run({.t_end = times[i], .rtol = 1e-9, .method = method});
      EXPECT_NEAR(seen[i], stopped.product(), 1e-7) << times[i];
      EXPECT_NEAR(seen[i], TwoLayers::exact(times[i]), 1e-7) << times[i];
    }
  }
}

TEST(GradientFlow, TheInterpolantHasOrderFourWithinLongSteps) {
  std::vector<double> errors;
  for (const double h : {0.1, 0.05}) {
    TwoLayers net;
    double worst = 0.0;
    net.run(
        {.t_end = 1.0,
         .rtol = 1e6,
         .initial_step = h,
         .max_step = always(h),
         .at = {0.53, 0.61, 0.77, 0.94},
         .callback = [&](double t, std::int64_t) { worst = std::max(worst, std::abs(net.product() - net.exact(t))); },
         .method = FlowMethod::Explicit});
    errors.push_back(worst);
  }
  EXPECT_LT(errors[1], 1e-5);
  EXPECT_GT(std::log2(errors[0] / errors[1]), 3.5);
}

// Factorisations of diagonal targets of which only the diagonal is seen, from trials of different scale. A target of 0
// is approached by a power law in time, which is stiff.
struct Completion {
  Tensor first, second, target;

  Completion(const Tensor& scales, const Tensor& diagonals) {
    Generator generator(8);
    const auto draw = randn({3, 3}, generator);
    const auto start = scales.unsqueeze(-1).unsqueeze(-1) * draw;
    first = start.clone().requires_grad_();
    second = start.t().clone().requires_grad_();
    target = diagonals;
  }
  Tensor loss() const {
    const auto diagonal = (eye(3) * matmul(second, first)).sum(-1);
    return 0.5 * square(diagonal - target).sum(-1);
  }
  GradientFlow run(const GradientFlowOptions& options) {
    return gradient_flow([this] { return loss(); }, {first, second}, options);
  }
};

void expect_same_alone(const GradientFlowOptions& base, bool own_steps) {
  const auto options = [&](const Completion& model) {
    auto result = base;
    if (own_steps) result.max_step = [&model] { return factorization_max_step({model.first, model.second}); };
    return result;
  };
  const auto scales = tensor({0.3, 0.01, 1.0, 0.1, 0.5}, {5});
  const auto diagonals = tensor({1, 2, 3, 1, 0.5, 0, 0.1, 0.2, 0, 1, 1, 1, 2, 1.5, 1e-3}, {5, 3});
  Completion together(scales, diagonals);
  const auto flow = together.run(options(together));
  std::vector<double> steps = flow.steps.to_vector();
  std::sort(steps.begin(), steps.end());
  EXPECT_LT(steps.front(), steps.back());
  for (std::int64_t i = 0; i < 5; ++i) {
    Completion alone(scales.narrow(0, i, 1), diagonals.narrow(0, i, 1));
    const auto one = alone.run(options(alone));
    EXPECT_TRUE(same(alone.first, together.first.narrow(0, i, 1).detach())) << i;
    EXPECT_TRUE(same(alone.second, together.second.narrow(0, i, 1).detach())) << i;
    EXPECT_TRUE(same(one.t, flow.t.narrow(0, i, 1))) << i;
    EXPECT_TRUE(same(one.loss, flow.loss.narrow(0, i, 1))) << i;
    EXPECT_TRUE(same(one.steps, flow.steps.narrow(0, i, 1))) << i;
    EXPECT_TRUE(same(one.stiff_steps, flow.stiff_steps.narrow(0, i, 1))) << i;
    EXPECT_EQ(one.reason[0], flow.reason[static_cast<std::size_t>(i)]) << i;
  }
}

TEST(GradientFlow, ATrialDoesNotDependOnItsNeighbours) {
  for (const auto method : methods)
    expect_same_alone({.rtol = 1e-6, .loss_below = 1e-8, .max_steps = 1000, .method = method}, false);
  expect_same_alone({.rtol = 1e-6, .loss_below = 1e-8}, true);
  expect_same_alone({.t_end = 3.0, .rtol = 1e-6, .loss_below = 1e-8}, true);
}

TEST(GradientFlow, AScalarLossGoesLikeOneTrial) {
  const auto scales = tensor({0.3}, {1}), diagonals = tensor({1, 0, 3}, {1, 3});
  Completion one(scales, diagonals), scalar(scales, diagonals);
  const auto a = one.run({.loss_below = 1e-8});
  const auto b =
      gradient_flow([&] { return scalar.loss().sum(); }, {scalar.first, scalar.second}, {.loss_below = 1e-8});
  EXPECT_TRUE(same(one.first, scalar.first));
  EXPECT_EQ(a.t.shape(), Shape({1}));
  EXPECT_EQ(b.t.shape(), Shape());
  EXPECT_EQ(a.steps.item(), b.steps.item());
}

TEST(GradientFlow, AutoLeavesTheLimitOfStability) {
  Completion model(tensor({0.3}, {1}), tensor({1, 0, 3}, {1, 3})), slow(tensor({0.3}, {1}), tensor({1, 0, 3}, {1, 3}));
  const auto flow = model.run({.loss_below = 1e-9});
  EXPECT_GT(flow.stiff_steps.item(), 0.0);
  EXPECT_LT(flow.steps.item(), 300.0);
  const auto explicitly = slow.run({.loss_below = 1e-9, .max_steps = 3000, .method = FlowMethod::Explicit});
  EXPECT_EQ(explicitly.reason[0], FlowStop::Steps);
  EXPECT_EQ(explicitly.steps.item(), 3000.0);
  EXPECT_EQ(explicitly.stiff_steps.item(), 0.0);
}

TEST(GradientFlow, ALossThatReadsOnTheHostRunsAnewAndGivesTheSameBits) {
  Completion captured(tensor({0.3}, {1}), tensor({1, 2, 3}, {1, 3})),
      read(tensor({0.3}, {1}), tensor({1, 2, 3}, {1, 3}));
  captured.run({.loss_below = 1e-8});
  int calls = 0;
  const auto flow = gradient_flow(
      [&] {
        ++calls;
        EXPECT_GE(read.loss().item(), 0.0);
        return read.loss();
      },
      {read.first, read.second}, {.loss_below = 1e-8});
  EXPECT_TRUE(same(read.first, captured.first));
  EXPECT_GE(calls, flow.evaluations);
}

TEST(GradientFlow, ConservesTheDifferenceOfSquaresAndLosesEnergy) {
  Generator generator(4);
  const auto W1 = (0.5 * randn({4, 3}, generator)).requires_grad_();
  const auto W2 = (0.5 * randn({2, 4}, generator)).requires_grad_();
  const auto target = randn({2, 3}, generator);
  const auto loss = [&] { return 0.5 * square(matmul(W2, W1) - target).sum(); };
  const auto difference = [&] { return (matmul(W2.t(), W2) - matmul(W1, W1.t())).detach(); };
  const auto before = difference();
  double last = loss().item();
  std::vector<double> times;
  for (int i = 1; i <= 40; ++i) times.push_back(0.25 * i);
  gradient_flow(loss, {W1, W2}, {.t_end = 10.0, .rtol = 1e-10, .at = times, .callback = [&](double, std::int64_t) {
                                   EXPECT_TRUE(close(difference(), before, 1e-8));
                                   const double now = loss().item();
                                   EXPECT_LT(now, last);
                                   last = now;
                                 }});
  EXPECT_TRUE(close(difference(), before, 1e-9));
}

// Arora et al. 2019, theorem 3: s_r' = -L s_r^(2 - 2/L) u_r' G v_r for balanced factors, G the loss's gradient in P.
TEST(GradientFlow, SingularValuesOfABalancedProductFollowTheirOwnFlow) {
  Generator generator(6);
  const auto start = linalg::svd(randn({3, 3}, generator));
  const auto root = pow(start.S, 1.0 / 3);
  const std::vector<Tensor> factors{(root.unsqueeze(-1) * start.Vt).requires_grad_(), (root * eye(3)).requires_grad_(),
                                    (start.U * root).requires_grad_()};
  const auto mask = tensor({1, 1, 0, 1, 1, 0, 0, 1, 1}, {3, 3}), target = randn({3, 3}, generator);
  const auto product = [&] { return matmul(factors[2], matmul(factors[1], factors[0])); };
  constexpr double t = 0.2, delta = 1e-3;
  std::vector<Tensor> values;
  Tensor expected;
  gradient_flow([&] { return 0.5 * (mask * square(product() - target)).sum(); }, factors,
                {.t_end = 1.0, .rtol = 1e-11, .at = {t - delta, t, t + delta}, .callback = [&](double, std::int64_t) {
                   const auto P = product().detach();
                   const auto [U, S, Vt] = linalg::svd(P);
                   values.push_back(S);
                   if (values.size() != 2) return;
                   const auto G = mask * (P - target);
                   expected = -3.0 * pow(S, 4.0 / 3) * (eye(3) * matmul(U.t(), matmul(G, Vt.t()))).sum(-1);
                 }});
  EXPECT_TRUE(close((values[2] - values[0]) / (2 * delta), expected, 1e-5));
}

TEST(FactorizationMaxStep, IsTwoOverTheDepthTimesTheProduct) {
  const auto a = tensor({1, 2, 0, 1, 2, 0, 0, 2}, {2, 2, 2}), b = tensor({1, 0, 1, 1, 1, 0, 0, 0}, {2, 2, 2});
  const auto norms = linalg::norm(matmul(b, a));
  EXPECT_TRUE(close(factorization_max_step({a, b}), 1.0 / norms, 1e-14));
  EXPECT_TRUE(close(factorization_max_step({a, b, eye(2)}), (2.0 / 3) / pow(norms, 4.0 / 3), 1e-14));
  EXPECT_EQ(factorization_max_step({a}).data<double>()[1], 2.0);
  EXPECT_EQ(factorization_max_step({zeros({2, 2}), eye(2)}).item(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(testing::error_of([] { factorization_max_step({}); }), "factorization_max_step: needs at least one factor");
}

}  // namespace
}  // namespace sigmagrad::optim
