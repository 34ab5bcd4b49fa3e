// SPDX-License-Identifier: BSD-3-Clause
// Digits of values, gradients and second derivatives where a formula that is written plainly would lose them. The
// numbers are those of a computation with 60 digits.
#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/jets.hpp>

namespace sigmagrad {
namespace {

using testing::entries_near;
using testing::expect_jet;
using testing::Jet;

using X = const Tensor&;

constexpr double infinity = std::numeric_limits<double>::infinity();

const auto sum_of = [](Tensor (*f)(X)) { return [f](X x) { return f(x).sum(); }; };

TEST(Activations, GeluKeepsItsDigits) {
  const auto f = sum_of(gelu);
  expect_jet(f, {-9.25}, {-1.0382786071978384e-19, {-9.601594756809311e-19}, {-8.77527401416899e-18}});
  expect_jet(f, {-1.25}, {-0.13206221708356908, {-0.12266158306942213}, {0.07990897485769709}}, 16.0);
  expect_jet(f, {9.25}, {9.25, {1.0}, {-8.77527401416899e-18}});
  expect_jet(f, {-26.7}, {-6.28356891993322e-156, {-1.6777063450435923e-154}, {-4.4731747930204606e-153}}, f64);
  expect_jet(f, {-35.3}, {-1.0364700546569745e-271, {-3.6587345991149638e-270}, {-1.290495182536626e-268}}, f64);
  expect_jet(f, {-infinity}, {0, {0}, {0}});
  expect_jet(f, {infinity}, {infinity, {1}, {0}});
}

TEST(Activations, ErfKeepsTheDigitsOfItsSlopes) {
  const auto f = sum_of(erf);
  expect_jet(f, {6.5}, {1.0, {5.052580003062652e-19}, {-6.5683540039814486e-18}});
  expect_jet(f, {-9.25}, {-1.0, {7.818680227161615e-38}, {1.4464558420248988e-36}});
  expect_jet(f, {26.3}, {1.0, {4.5217325541611525e-301}, {-2.3784313234887663e-299}}, f64);
  expect_jet(f, {infinity}, {1, {0}, {0}});
}

TEST(Activations, SiluKeepsItsDigits) {
  const auto f = sum_of(silu);
  expect_jet(f, {-60.25}, {-4.108795406974144e-25, {-4.0405996325845317e-25}, {-3.9724038581949194e-25}}, 16.0);
  // Near its least value the slope is a difference.
  expect_jet(f, {-1.25}, {-0.27837517353163604, {0.0063191550846875815}, {0.22620474048075928}}, 64.0);
  expect_jet(f, {40.75}, {40.75, {1.0}, {-7.776274260779496e-17}});
  expect_jet(f, {-infinity}, {0, {0}, {0}});
  expect_jet(f, {infinity}, {infinity, {1}, {0}});
}

TEST(Activations, SoftplusHasNoThreshold) {
  const auto f = [](X x) { return softplus(x).sum(); };
  expect_jet(f, {-60.25}, {6.819577438961235e-27, {6.819577438961235e-27}, {6.819577438961235e-27}});
  expect_jet(f, {25.75}, {25.750000000006562, {0.9999999999934398}, {6.560200168067707e-12}});
  expect_jet(f, {60.25}, {60.25, {1.0}, {6.819577438961235e-27}});
  expect_jet([](X x) { return softplus(x, 4.0).sum(); }, {infinity}, {infinity, {1}, {0}});
  expect_jet([](X x) { return softplus(x, 2.0).sum(); }, {0}, {std::log(2.0) / 2.0, {0.5}, {0.5}});
}

TEST(Activations, EluAtItsKink) {
  const auto f = [](X x) { return elu(x, 0.5).sum(); };
  expect_jet(f, {0}, {0, {0.5}, {0.5}});
  expect_jet(f, {2}, {2, {1}, {0}});
  expect_jet(f, {-infinity}, {-0.5, {0}, {0}});
  expect_jet(f, {-40}, {-0.5, {2.1241771276457944e-18}, {2.1241771276457944e-18}});
}

TEST(Functions, KeepTheirDigits) {
  expect_jet(sum_of(expm1), {0x1p-40}, {9.094947017733418e-13, {1.0000000000009095}, {1.0000000000009095}});
  expect_jet(sum_of(expm1), {-40}, {-1, {4.248354255291589e-18}, {4.248354255291589e-18}});
  expect_jet(sum_of(log2), {0x1p-40}, {-40, {1586259972792.187}, {-1.744111284760651e+24}});
  expect_jet(sum_of(log2), {0x1p-1060}, {-1060, {infinity}, {-infinity}}, f64);
  expect_jet(sum_of(rsqrt), {0}, {infinity, {-infinity}, {infinity}});
  expect_jet(sum_of(rsqrt), {0x1p-40}, {0x1p20, {-0x1p59}, {0x1.8p99}});
}

TEST(Functions, TheAngleOfAPoint) {
  const auto angle = [](X p) { return atan2(p.select(0, 0), p.select(0, 1)); };
  for (const double size : {1.0, 0x1p-40, 0x1p40})
    expect_jet(angle, {3 * size, 4 * size},
               {std::atan2(3, 4), {0.16 / size, -0.12 / size}, {-0.0384 / size / size, -0.0112 / size / size}}, 32.0);
  expect_jet(angle, {1, infinity}, {0, {0, 0}, {0, 0}});
  expect_jet(angle, {0, -2}, {std::atan2(0, -1), {-0.5, 0}, {0, -0.25}});
}

TEST(Functions, RoundingHalvesGoToEvenNumbers) {
  const Tensor x = tensor({-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999999999999994});
  EXPECT_TRUE(testing::same(round(x), tensor({-2, -2, 0, 0, 2, 2, 0})));
  EXPECT_TRUE(testing::same(floor(x), tensor({-3, -2, -1, 0, 1, 2, 0})));
  EXPECT_TRUE(testing::same(ceil(x), tensor({-2, -1, 0, 1, 2, 3, 1})));
}

TEST(Lerp, MeetsItsEnds) {
  const Tensor a = tensor({0.1, -1e308, 3.0, infinity}), b = tensor({0.7, 1.7e308, 3.0, 1.0});
  EXPECT_TRUE(testing::same(lerp(a.narrow(0, 0, 3), b.narrow(0, 0, 3), 0.0), a.narrow(0, 0, 3)));
  EXPECT_TRUE(testing::same(lerp(a, b, 1.0), b));
  EXPECT_TRUE(entries_near(lerp(a, b, 0.5), {0.4, 0.35e308, 3.0, infinity}));
  for (const double weight : {0.1, 0.3, 0.7, 0.9}) EXPECT_EQ(lerp(a, a, weight).select(0, 0).item(), 0.1);
}

TEST(Lerp, FollowsAWeightInACapturedStep) {
  double weight = 0.25;
  const Tensor a = zeros({2}), b = ones({2});
  auto step = capture([&] { return lerp(a, b, Scalar::reference(weight)); });
  step();
  weight = 0.75;
  step();
  EXPECT_TRUE(testing::same(step.output(), full({2}, 0.75)));
}

}  // namespace
}  // namespace sigmagrad
