// SPDX-License-Identifier: BSD-3-Clause
// The algebra of penalties, sums over models, and clipped gradients.
#include <cmath>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/nn/activations.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/parametrize.hpp>
#include <sigmagrad/nn/penalties.hpp>
#include <sigmagrad/nn/sequential.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

Tensor flatness(const Tensor& w) {
  const auto s = log(linalg::svdvals(w));
  return square(s - mean(s)).sum();
}

class Penalties : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(12); }
};
using ClippedPenalty = Penalties;

TEST_F(Penalties, AreAnyFunctionOfAWeight) {
  const auto w = randn({4, 3});
  EXPECT_TRUE(same(Penalty(flatness)(w), flatness(w)));
  const Penalty each([](const Tensor& x) { return linalg::norm(x, linalg::Max); });  // one number a matrix
  const auto batch = randn({5, 4, 3});
  EXPECT_TRUE(same(each(batch), linalg::norm(batch, linalg::Max).sum()));
}

TEST_F(Penalties, AddUpAndScale) {
  const auto w = randn({4, 3});
  const auto a = nuclear_penalty(), b = Penalty(flatness);
  EXPECT_TRUE(close((1e-3 * a + b * 1e-2)(w), 1e-3 * a(w) + 1e-2 * b(w), 1e-15));
  EXPECT_TRUE(close((2.0 * (a + b) + a)(w), 3.0 * a(w) + 2.0 * b(w), 1e-15));
}

TEST_F(Penalties, SubtractDivideAndNegate) {
  const auto w = randn({4, 3});
  const auto a = nuclear_penalty(), b = frobenius_penalty();
  EXPECT_TRUE(close((a - b)(w), a(w) - b(w), 1e-15));
  EXPECT_TRUE(close((-a)(w), -a(w), 1e-15));
  EXPECT_TRUE(same((b / 3.0)(w), b(w) / 3.0));
  EXPECT_TRUE(close((b / 4.0).prox(w, 2.0), b.prox(w, 0.5), 1e-15));
  EXPECT_FALSE((a - b).has_prox());
  EXPECT_EQ(error_of([&] { (-a).prox(w, 1.0); }), "Penalty: prox needs a factor >= 0 (got -1)");
}

TEST_F(Penalties, AreOnTheWeightsWhoseNamesFit) {
  struct Net : Module {
    Sequential hidden;
    Linear out;
    Net()
        : hidden(register_module("hidden", Sequential{Linear(3, 4), ReLU(), Linear(4, 4)})),
          out(register_module("out", Linear(4, 2))) {}
  };
  const Net net;
  const auto a = nuclear_penalty(), b = frobenius_penalty();
  const auto &first = net.hidden.layer<Linear>(0)->weight, &second = net.hidden.layer<Linear>(2)->weight;
  EXPECT_TRUE(close(a.on("hidden.*")(net), a(first) + a(second), 1e-15));
  EXPECT_TRUE(same(a.on("hidden.2.weight")(net), a(second)));
  EXPECT_TRUE(close(a.on("hidden.?.weight")(net), a(first) + a(second), 1e-15));
  EXPECT_TRUE(close((0.5 * (a.on("hidden.*") - b.on("out*")).on("*.w*t"))(net),
                    0.5 * (a(first) + a(second) - b(net.out.weight)), 1e-14));
  EXPECT_TRUE(close((a.on("out.weight") + b)(net), a(net.out.weight) + b(net), 1e-14));
  const auto safe = clipped(3.0 * b.on("out.*"), 0.25);
  safe(net).backward();
  EXPECT_FALSE(first.grad().defined());
  EXPECT_NEAR(linalg::norm(net.out.weight.grad()).item(), 0.25, 1e-14);
  EXPECT_TRUE(same(a.on("hidden.*")(first), a(first)));  // a weight without a name counts
  EXPECT_TRUE(a.on("hidden.*").has_prox());
  EXPECT_EQ(error_of([&] { (a + b.on("head.*"))(net); }),
            "Penalty: \"head.*\" fits no weight of the model, which has \"hidden.0.weight\", \"hidden.2.weight\", "
            "\"out.weight\"");
  EXPECT_NE(error_of([&] { a.on("*.bias")(net); }), "no error");
}

TEST_F(Penalties, OfAModelSumItsMatricesAndLeaveVectorsAlone) {
  struct Net : Module {
    Linear layer;
    Tensor batch;
    Net() : layer(register_module("layer", Linear(3, 4))), batch(register_parameter("batch", randn({2, 3, 3}))) {}
  };
  const Net net;
  const auto penalty = nuclear_penalty() + orthogonality_penalty();
  const auto value = penalty(net);
  const auto expected = penalty(net.layer.weight) + penalty(net.batch.select(0, 0)) + penalty(net.batch.select(0, 1));
  EXPECT_TRUE(close(value, expected, 1e-14));
  value.backward();
  EXPECT_TRUE(net.layer.weight.grad().defined() && net.batch.grad().defined());
  EXPECT_FALSE(net.layer.bias.grad().defined());
}

TEST_F(Penalties, OfAParametrisedModelSeeTheWeightsItComputesWith) {
  const auto layer = parametrize(Linear(3, 4), Multipliers{});
  const auto value = frobenius_penalty()(Sequential{layer, ReLU()});
  EXPECT_TRUE(same(value, frobenius_penalty()(layer.weight())));
  value.backward();
  for (const auto& [name, parameter] : layer.named_parameters())
    EXPECT_EQ(parameter.grad().defined(), name != "bias") << name;
}

TEST_F(Penalties, OfAModelWithoutMatricesAreZero) {
  EXPECT_TRUE(same(nuclear_penalty()(Sequential{ReLU()}), zeros({})));
  struct Offset : Module {
    Offset() { register_parameter("offset", ones({3}, f32)); }
  };
  EXPECT_TRUE(same(nuclear_penalty()(Offset()), zeros({}, f32)));
}

TEST_F(Penalties, JoinALoss) {
  const Sequential net{Linear(3, 4), Tanh(), Linear(4, 2)};
  const auto x = randn({5, 3});
  const auto data = [&] { return square(net(x)).mean(); };
  const auto penalty = 0.1 * frobenius_penalty();
  (data() + penalty(net)).backward();
  const auto together = net.parameters()[0].grad().clone();
  const auto [alone] = grad(data(), {net.parameters()[0]});
  EXPECT_TRUE(close(together, (alone + 0.2 * net.parameters()[0]).detach(), 1e-14));
}

TEST_F(Penalties, InACapturedStepFollowAScalarByReference) {
  auto w = randn({3, 3}).requires_grad_();
  double factor = 1.0;
  const auto penalty = nuclear_penalty() * Scalar::reference(factor);
  auto step = capture([&] {
    w.zero_grad();
    const auto value = penalty(w);
    value.backward();
    return std::vector<Tensor>{value, penalty.prox(w.detach(), 0.5)};
  });
  for (const double next : {1.0, 0.2, 0.7}) {
    factor = next;
    step();
    EXPECT_TRUE(close(step.output(0), (next * nuclear_penalty()(w)).detach(), 1e-15));
    EXPECT_TRUE(close(w.grad(), grad(next * nuclear_penalty()(w), {w})[0], 1e-14));
    EXPECT_TRUE(close(step.output(1), nuclear_penalty().prox(w.detach(), 0.5 * next), 1e-15));
  }
}

TEST_F(Penalties, OrthogonalityIsZeroForOrthonormalRowsOrColumns) {
  const auto [U, S, Vt] = linalg::svd(randn({3, 5}));
  EXPECT_NEAR(orthogonality_penalty()(Vt).item(), 0.0, 1e-28);
  EXPECT_NEAR(orthogonality_penalty()(Vt.t()).item(), 0.0, 1e-28);
}

// The norms of the gradient at each matrix.
Tensor gradient_norms(const Penalty& penalty, const Tensor& w) {
  const auto x = w.detach().requires_grad_();
  return linalg::norm(grad(penalty(x), {x})[0]);
}

TEST_F(ClippedPenalty, ScalesLargeGradientsAndLeavesValuesAndSmallOnes) {
  const auto w = randn({6, 4, 3}).requires_grad_();
  const auto penalty = log_cond_penalty(1.5, 1.0, 1e-10);
  const double bound = 0.5 * (min(gradient_norms(penalty, w)).item() + max(gradient_norms(penalty, w)).item());
  const auto safe = clipped(penalty, bound);
  EXPECT_TRUE(same(safe(w), penalty(w)));
  EXPECT_TRUE(same(safe(w.detach()), penalty(w.detach())));
  const auto before = gradient_norms(penalty, w), after = gradient_norms(safe, w);
  EXPECT_TRUE(close(after, minimum(before, full({6}, bound)), 1e-14));
  const auto [plain] = grad(penalty(w), {w});
  const auto [scaled] = grad(safe(w), {w});
  EXPECT_TRUE(close(scaled, plain * (after / before).reshape({6, 1, 1}), 1e-13));
}

TEST_F(ClippedPenalty, AFactorInsideIsClippedAndOneOutsideScales) {
  const auto w = 5.0 * randn({4, 3});
  EXPECT_NEAR(gradient_norms(frobenius_penalty(), w).item(), 2.0 * linalg::norm(w).item(), 1e-12);
  EXPECT_NEAR(gradient_norms(3.0 * clipped(frobenius_penalty(), 1.0), w).item(), 3.0, 1e-14);
  EXPECT_NEAR(gradient_norms(clipped(3.0 * frobenius_penalty(), 1.0), w).item(), 1.0, 1e-14);
  EXPECT_NEAR(gradient_norms(clipped(1e-4 * frobenius_penalty(), 1.0), w).item(), 2e-4 * linalg::norm(w).item(), 1e-14);
}

TEST_F(ClippedPenalty, TheClippedGradientCanBeDifferentiated) {
  const auto w = randn({2, 4, 3});
  for (const double bound : {0.3, 1e3}) {
    const auto safe = clipped(log_cond_penalty(1.2) + 0.1 * orthogonality_penalty(), bound);
    testing::gradcheck([&](const Tensor& x) { return grad(safe(x), {x}, {.create_graph = true})[0]; }, {w});
    testing::gradcheck([&](const Tensor& x) { return grad(safe(tanh(x)), {x}, {.create_graph = true})[0]; }, {w});
  }
}

TEST_F(ClippedPenalty, JoinsTheGradientOfTheData) {
  const auto w = randn({3, 3}).requires_grad_();
  const auto safe = clipped(orthogonality_penalty(), 0.1);
  (square(w).sum() + safe(2.0 * w)).backward();
  const auto x = (2.0 * w).detach().requires_grad_();
  const auto [own] = grad(safe(x), {x});
  EXPECT_TRUE(close(w.grad(), (2.0 * w + 2.0 * own).detach(), 1e-14));
}

TEST_F(ClippedPenalty, InACapturedStep) {
  Tensor w = randn({2, 3, 3}).requires_grad_();
  const auto penalty = clipped(0.5 * log_cond_penalty(2.0, 1.0), 0.2);
  auto step = capture([&] {
    w.zero_grad();
    const auto value = penalty(w);
    value.backward();
    return value;
  });
  for (int i = 0; i < 3; ++i) {
    step();
    EXPECT_TRUE(same(step.output(), penalty(w).detach()));
    EXPECT_TRUE(same(w.grad(), grad(penalty(w), {w})[0]));
    const NoGrad guard;
    w.copy_((0.1 + i) * randn({2, 3, 3}));
  }
}

TEST_F(ClippedPenalty, WhereNothingDependsOnTheWeightTheGradientIsZero) {
  const auto w = randn({3, 3}).requires_grad_();
  const auto other = ones({}).requires_grad_();
  clipped(Penalty([](const Tensor& x) { return linalg::norm(x.detach()); }), 1.0)(w).backward();
  EXPECT_TRUE(same(w.grad(), zeros({3, 3})));
  clipped(Penalty([&](const Tensor&) { return 2.0 * other; }), 1.0)(w).backward();
  EXPECT_TRUE(same(w.grad(), zeros({3, 3})));
}

TEST_F(Penalties, Misuse) {
  EXPECT_EQ(error_of([] { Penalty(nullptr); }), "Penalty: needs a function of a weight, got none");
  const auto sum = nuclear_penalty() + frobenius_penalty();
  const std::string none = "Penalty: has no prox: it is a sum, or a function given without one";
  EXPECT_FALSE(sum.has_prox() || Penalty(flatness).has_prox() || (2.0 * sum).has_prox());
  EXPECT_EQ(error_of([&] { sum.prox(eye(2), 1.0); }), none);
  EXPECT_EQ(error_of([] { Penalty(flatness).prox(eye(2), 1.0); }), none);
  EXPECT_EQ(error_of([] { nuclear_penalty().prox(eye(2), -1.0); }), "Penalty: prox needs tau >= 0 (got -1)");
  EXPECT_EQ(error_of([] { (-2.0 * nuclear_penalty()).prox(eye(2), 1.0); }),
            "Penalty: prox needs a factor >= 0 (got -2)");
}

}  // namespace
}  // namespace sigmagrad::nn
