// SPDX-License-Identifier: BSD-3-Clause
// Proximal maps minimise tau f(x) + ||x - w||_F^2 / 2.
#include <limits>
#include <string>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/nn/penalties.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::same;

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Case {
  std::string name;
  Penalty penalty;
  Tensor (*dual)(const Tensor&);  // the dual norm, where the penalty is a norm
};

Tensor nuclear(const Tensor& w) { return linalg::norm(w, linalg::Nuclear); }
Tensor spectral(const Tensor& w) { return linalg::norm(w, 2); }
Tensor frobenius(const Tensor& w) { return linalg::norm(w); }
Tensor ky_fan_dual(const Tensor& w) { return maximum(spectral(w), nuclear(w) / 2.0); }

std::vector<Case> cases() {
  return {{"frobenius", frobenius_penalty(), nullptr},
          {"nuclear", nuclear_penalty(), spectral},
          {"spectral", spectral_penalty(), nuclear},
          {"schatten 1", schatten_penalty(1.0), spectral},
          {"schatten 2", schatten_penalty(2.0), frobenius},
          {"schatten infinity", schatten_penalty(infinity), nuclear},
          {"ky fan 2", ky_fan_penalty(2), ky_fan_dual},
          {"ky fan 3", ky_fan_penalty(3), nullptr},
          {"clipped", clipped(nuclear_penalty(), 0.1), spectral}};
}

// Matrices of several shapes, with tied and with absent singular values among them.
std::vector<Tensor> weights() {
  manual_seed(21);
  return {randn({4, 3}), randn({3, 5}), randn({3, 3}), eye(4), matmul(randn({5, 1}), randn({1, 4})), zeros({3, 3})};
}

constexpr double taus[]{0.0, 0.01, 0.3, 1.0, 2.5, 20.0};

double objective(const Penalty& penalty, const Tensor& x, const Tensor& w, double tau) {
  return (tau * penalty(x) + 0.5 * square(x - w).sum()).item();
}

TEST(Prox, NoOtherMatrixIsBetter) {
  for (const auto& [name, penalty, dual] : cases())
    for (const auto& w : weights())
      for (const double tau : taus) {
        const auto best = penalty.prox(w, tau);
        ASSERT_EQ(best.shape(), w.shape());
        const double least = objective(penalty, best, w, tau);
        for (const double size : {1e-4, 1e-2, 1.0})
          for (int i = 0; i < 20; ++i)
            ASSERT_GE(objective(penalty, best + size * randn(w.shape()), w, tau), least - 1e-12 * (1.0 + least))
                << name << " at tau " << tau << ", size " << size << " of\n"
                << w;
        for (const double share : {0.0, 0.5, 0.99, 1.01})
          ASSERT_GE(objective(penalty, share * best, w, tau), least - 1e-12 * (1.0 + least)) << name << ' ' << tau;
        ASSERT_GE(objective(penalty, w, w, tau), least - 1e-12 * (1.0 + least)) << name << ' ' << tau;
      }
}

TEST(Prox, TheResidualIsASubgradient) {
  // For a norm f: (w - x) / tau is a subgradient at x where its dual norm is at most 1 and its product with x is f(x).
  for (const auto& [name, penalty, dual] : cases()) {
    if (!dual) continue;
    for (const auto& w : weights())
      for (const double tau : taus) {
        if (tau == 0.0) continue;
        const auto x = penalty.prox(w, tau), y = (w - x) / tau;
        ASSERT_LE(dual(y).item(), 1.0 + 1e-12) << name << ' ' << tau << '\n' << w;
        ASSERT_NEAR((x * y).sum().item(), penalty(x).item(), 1e-12 * (1.0 + penalty(w).item()))
            << name << ' ' << tau << '\n'
            << w;
      }
  }
}

TEST(Prox, OfFrobeniusHasVanishingGradient) {
  const auto w = randn({4, 3});
  const auto x = frobenius_penalty().prox(w, 0.7);
  EXPECT_TRUE(close(2.0 * 0.7 * x + x, w, 1e-15));
}

TEST(Prox, OfNuclearIsThatOfLinalg) {
  for (const auto& w : weights())
    for (const double tau : taus) EXPECT_TRUE(same(nuclear_penalty().prox(w, tau), linalg::prox_nuclear(w, tau)));
}

TEST(Prox, OfKyFanJoinsNuclearAndSpectral) {
  for (const auto& w : weights())
    for (const double tau : taus) {
      EXPECT_TRUE(same(ky_fan_penalty(1).prox(w, tau), spectral_penalty().prox(w, tau)));
      const auto all = std::min(w.size(0), w.size(1));
      EXPECT_TRUE(close(ky_fan_penalty(all).prox(w, tau) + 1.0, nuclear_penalty().prox(w, tau) + 1.0, 1e-13));
    }
}

TEST(Prox, AFactorScalesTau) {
  const auto w = randn({4, 3});
  for (const auto& [name, penalty, dual] : cases())
    EXPECT_TRUE(close((0.5 * penalty * 3.0).prox(w, 0.2), penalty.prox(w, 0.3), 1e-15)) << name;
}

TEST(Prox, TakesEachMatrixOfABatchAlone) {
  const auto w = randn({5, 4, 3});
  for (const auto& [name, penalty, dual] : cases()) {
    const auto together = penalty.prox(w, 0.8);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(same(together.select(0, i), penalty.prox(w.select(0, i), 0.8))) << name;
    EXPECT_EQ(penalty.prox(w.to(f32), 0.8).dtype(), f32);
  }
}

TEST(Prox, InACapturedStep) {
  Tensor w = randn({2, 4, 3});
  double tau = 0.3;
  for (const auto& [name, penalty, dual] : cases()) {
    auto step = capture([&, p = penalty] { return p.prox(w, Scalar::reference(tau)); });
    for (int i = 0; i < 3; ++i) {
      w.copy_(randn({2, 4, 3}));
      tau = 0.4 * (i + 1);
      EXPECT_TRUE(same(step(), penalty.prox(w, tau))) << name;
    }
  }
}

TEST(Prox, Gradients) {
  const auto w = randn({4, 3});
  for (const auto& [name, penalty, dual] : cases())
    for (const double tau : {0.4, 1.7})
      EXPECT_NO_THROW(testing::gradcheck([&, p = penalty](const Tensor& x) { return p.prox(x, tau); }, {w})) << name;
}

}  // namespace
}  // namespace sigmagrad::nn
