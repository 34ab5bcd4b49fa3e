// SPDX-License-Identifier: BSD-3-Clause
// Derivatives of functions against closed forms, finite differences and each other.
#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/derivatives.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::close;
using testing::error_of;
using testing::same;
using Tensors = std::vector<Tensor>;

class Derivatives : public ::testing::Test {
 protected:
  Tensor draw(const Shape& shape) { return randn(shape, generator); }
  Generator generator{11};
};

const auto smooth = [](const Tensor& x) { return tanh(matmul(x, x.t()) + sin(x.sum())); };  // [m, n] -> [m, m]
const auto pair = [](const Tensor& a, const Tensor& b) { return exp(a) * matmul(b, a).sum(); };
const auto pair_sum = [](const Tensor& a, const Tensor& b) { return pair(a, b).sum(); };
const auto two_outputs = [](const Tensors& in) { return Tensors{pair(in[0], in[1]), square(in[1])}; };
const auto smooth_sum = [](const Tensor& x) { return smooth(x).sum(); };

// (f(x + h v) - f(x - h v)) / 2h
template <class F>
Tensor difference(const F& f, const Tensor& x, const Tensor& v) {
  const double h = 1e-5;
  return (f(x + h * v) - f(x - h * v)) / (2.0 * h);
}

TEST_F(Derivatives, JvpIsTheDerivativeAlongV) {
  const auto x = draw({3, 2}), v = draw({3, 2});
  const auto [output, tangent] = jvp(smooth, x, v);
  EXPECT_TRUE(same(output, smooth(x)));
  EXPECT_TRUE(close(tangent, difference(smooth, x, v), 1e-8));
  EXPECT_FALSE(output.requires_grad());
  EXPECT_FALSE(tangent.requires_grad());
}

TEST_F(Derivatives, VjpIsTheTransposeOfJvp) {
  const auto x = draw({3, 2}), v = draw({3, 2}), u = draw({3, 3});
  const auto [output, gradients] = vjp(smooth, x, u);
  EXPECT_TRUE(same(output, smooth(x)));
  EXPECT_NEAR((gradients * v).sum().item(), (u * jvp(smooth, x, v).tangent).sum().item(), 1e-13);

  const auto a = draw({3}), b = draw({2, 3}), va = draw({3}), vb = draw({2, 3}), ua = draw({3}), ub = draw({2, 3});
  const auto back = vjp(two_outputs, Tensors{a, b}, {ua, ub});
  const auto along = jvp(two_outputs, Tensors{a, b}, {va, vb});
  ASSERT_EQ(back.gradients.size(), 2u);
  ASSERT_EQ(along.tangent.size(), 2u);
  const double left = (back.gradients[0] * va).sum().item() + (back.gradients[1] * vb).sum().item();
  const double right = (ua * along.tangent[0]).sum().item() + (ub * along.tangent[1]).sum().item();
  EXPECT_NEAR(left, right, 1e-13);
  EXPECT_TRUE(close(along.tangent[1], 2.0 * b * vb, 1e-15));
}

TEST_F(Derivatives, ABracedListIsArgumentsAndGivesAnArray) {
  const auto a = draw({3}), b = draw({2, 3}), u = draw({3});
  const auto [output, gradients] = vjp(pair, {a, b}, u);
  const auto& [ga, gb] = gradients;
  EXPECT_TRUE(same(output, pair(a, b)));
  const auto list = [](const Tensors& in) { return pair(in[0], in[1]); };
  EXPECT_TRUE(same(ga, vjp(list, {a, b}, u).gradients[0]));  // a function of a list takes a braced list too
  EXPECT_TRUE(same(gb, vjp(list, Tensors{a, b}, u).gradients[1]));
  EXPECT_TRUE(close(jvp(pair, {a, b}, {a, b}).tangent, exp(a) * matmul(b, a).sum() * (a + 2.0), 1e-14));
}

TEST_F(Derivatives, JacobianOfALinearMapIsItsMatrix) {
  const auto A = draw({4, 3}), x = draw({3});
  EXPECT_TRUE(same(jacobian([&](const Tensor& v) { return matmul(A, v); }, x), A));
  const auto J = jacobian([&](const Tensor& w) { return matmul(A, w); }, draw({3, 2}));
  ASSERT_EQ(J.shape(), Shape({4, 2, 3, 2}));
  EXPECT_EQ(J.select(0, 1).select(0, 0).select(0, 2).select(0, 0).item(), A.data<double>()[5]);
  EXPECT_EQ(J.select(0, 1).select(0, 0).select(0, 2).select(0, 1).item(), 0.0);
}

TEST_F(Derivatives, JacobianTimesVIsJvp) {
  const auto x = draw({3, 2}), v = draw({3, 2});
  const auto J = jacobian(smooth, x);
  ASSERT_EQ(J.shape(), Shape({3, 3, 3, 2}));
  EXPECT_TRUE(close(matmul(J.reshape({9, 6}), v.flatten()), jvp(smooth, x, v).tangent.flatten(), 1e-14));
  EXPECT_TRUE(close(matmul(J.reshape({9, 6}), v.flatten()), difference(smooth, x, v).flatten(), 1e-8));
}

TEST_F(Derivatives, JacobiansOfSeveralInputsAndOutputs) {
  const auto a = draw({3}), b = draw({2, 3});
  const auto J = jacobian(two_outputs, Tensors{a, b});
  ASSERT_EQ(J.size(), 2u);
  EXPECT_EQ(J[0][1].shape(), Shape({3, 2, 3}));
  EXPECT_TRUE(same(J[1][0], zeros({2, 3, 3})));
  EXPECT_TRUE(same(J[1][1].reshape({6, 6}), diag(2.0 * b.flatten())));
  const auto [Ja, Jb] = jacobian(pair, {a, b});
  EXPECT_TRUE(same(Ja, J[0][0]));
  EXPECT_TRUE(same(Jb, J[0][1]));
}

TEST_F(Derivatives, TakeAndGiveListsOfParts) {
  const Tensor w = tensor({{1.0, 2.0}, {3.0, 4.0}});
  const auto rows = jacobian([](const std::vector<Tensor>& parts) { return parts[0] * parts[1]; }, w.unbind());
  EXPECT_TRUE(same(rows[0], diag(w[1])));
  EXPECT_TRUE(same(rows[1], diag(w[0])));
  const auto parts = jvp([](const Tensor& x) { return square(x).unbind(); }, w, ones({2, 2}));
  EXPECT_TRUE(same(parts.tangent[1], 2.0 * w[1]));
}

TEST_F(Derivatives, HessianOfAQuadraticIsItsMatrix) {
  const auto R = draw({4, 4}), A = R + R.t(), x = draw({4}), v = draw({4});
  const auto f = [&](const Tensor& z) { return 0.5 * (z * matmul(A, z)).sum(); };
  EXPECT_TRUE(close(hessian(f, x), A, 1e-15));
  const auto [output, products] = hvp(f, x, v);
  EXPECT_TRUE(same(output, f(x)));
  EXPECT_TRUE(close(products, matmul(A, v), 1e-14));
}

TEST_F(Derivatives, HessianIsSymmetricAndTimesVIsHvp) {
  const auto x = draw({3, 2}), v = draw({3, 2});
  const auto H = hessian(smooth_sum, x);
  ASSERT_EQ(H.shape(), Shape({3, 2, 3, 2}));
  const auto matrix = H.reshape({6, 6});
  EXPECT_TRUE(close(matrix, matrix.t(), 1e-13));
  const auto products = hvp(smooth_sum, x, v).products;
  EXPECT_TRUE(close(matmul(matrix, v.flatten()), products.flatten(), 1e-13));
  const auto gradient = [](const Tensor& z) { return vjp(smooth_sum, z, ones({})).gradients; };
  EXPECT_TRUE(close(products, difference(gradient, x, v), 1e-8));
}

TEST_F(Derivatives, HessianOfSeveralInputsIsBlocks) {
  const auto a = draw({3}), b = draw({2, 3}), va = draw({3}), vb = draw({2, 3});
  const auto H = hessian(pair_sum, {a, b});
  EXPECT_EQ(H[0][1].shape(), Shape({3, 2, 3}));
  EXPECT_EQ(H[1][0].shape(), Shape({2, 3, 3}));
  EXPECT_TRUE(close(H[0][1].reshape({3, 6}), H[1][0].reshape({6, 3}).t(), 1e-14));
  EXPECT_TRUE(same(H[1][1], zeros({2, 3, 2, 3})));  // linear in b
  const auto products = hvp(pair_sum, {a, b}, {va, vb}).products;
  EXPECT_TRUE(close(products[0], matmul(H[0][0], va) + matmul(H[0][1].reshape({3, 6}), vb.flatten()), 1e-13));
  EXPECT_TRUE(close(products[1].flatten(), matmul(H[1][0].reshape({6, 3}), va), 1e-13));
}

TEST_F(Derivatives, WithoutArgumentsTheInputsAreReadWhereTheyAre) {
  const auto a = draw({3}).requires_grad_(), b = draw({2, 3}).requires_grad_(), v = draw({3});
  const auto loss = [&] { return pair(a, b).sum(); };
  const Tensors parameters{a, b}, directions{v, zeros({2, 3})};
  const auto of_leaves = hvp(loss, parameters, directions);
  const auto of_copies = hvp(pair_sum, {a, b}, {v, zeros({2, 3})});
  EXPECT_TRUE(same(of_leaves.output, loss().detach()));
  EXPECT_TRUE(same(of_leaves.products[0], of_copies.products[0]));
  EXPECT_TRUE(same(of_leaves.products[1], of_copies.products[1]));
  EXPECT_TRUE(same(hessian(loss, {a})[0][0], hessian(pair_sum, {a, b})[0][0]));
  EXPECT_TRUE(same(jacobian([&] { return pair(a, b); }, a), jacobian(pair, {a, b})[0]));
  EXPECT_TRUE(same(jvp([&] { return pair(a, b); }, a, v).tangent, jvp(pair, {a, b}, {v, zeros({2, 3})}).tangent));
  EXPECT_FALSE(a.grad().defined());
  EXPECT_EQ(error_of([&] { hvp(loss, v, v); }),
            "hvp: input 0 does not require grad, and the function takes no argument");
  const auto kept = loss();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(error_of([&] { vjp([&] { return kept; }, a, ones({})); }), "no error");
}

TEST_F(Derivatives, AnOperatorIsBuiltOnceForManyProducts) {
  auto a = draw({3}).requires_grad_(), b = draw({2, 3}).requires_grad_();
  const HessianOperator H(pair(a, b).sum(), {a, b});
  EXPECT_TRUE(close(H.gradients()[0], vjp(pair_sum, {a, b}, ones({})).gradients[0], 1e-14));
  for (int i = 0; i < 3; ++i) {
    const Tensors v{draw({3}), draw({2, 3})};
    EXPECT_TRUE(same(H(v)[0], hvp(pair_sum, {a, b}, {v[0], v[1]}).products[0])) << i;
  }
  EXPECT_EQ(H.blocks()[1][0].shape(), Shape({2, 3, 3}));
  const HessianOperator overwritten(square(square(a)).sum(), {a});
  {
    const NoGrad guard;
    a.add_(1.0);
  }
  EXPECT_THROW(overwritten({draw({3})}), Error);
  EXPECT_EQ(error_of([&] { HessianOperator(a, {a}); }), "HessianOperator: needs a scalar, got [3]");
  EXPECT_EQ(error_of([&] { HessianOperator(ones({}), {a}); }),
            "HessianOperator: the value has no history: nothing it was computed from requires grad");
}

TEST_F(Derivatives, WhatDoesNotDependIsZero) {
  const auto x = draw({2}), v = draw({2}), constant = draw({3});
  const auto f = [&](const Tensor&) { return constant; };
  EXPECT_TRUE(same(vjp(f, x, draw({3})).gradients, zeros({2})));
  EXPECT_TRUE(same(jvp(f, x, v).tangent, zeros({3})));
  EXPECT_TRUE(same(jacobian(f, x), zeros({3, 2})));
  const auto linear = [](const Tensor& z) { return z.sum(); };
  EXPECT_TRUE(same(hessian(linear, x), zeros({2, 2})));
  EXPECT_TRUE(same(hvp(linear, x, v).products, zeros({2})));
  EXPECT_TRUE(same(hvp([](const Tensor&) { return ones({}); }, x, v).products, zeros({2})));
}

TEST_F(Derivatives, TheIdentityHandsOutValuesOfTheirOwn) {
  const auto x = draw({2}), v = draw({2}), kept = v.clone();
  auto [output, gradients] = vjp([](const Tensor& z) { return z; }, x, v);
  EXPECT_TRUE(same(gradients, v));
  gradients.mul_(2.0);
  EXPECT_TRUE(same(v, kept));
  EXPECT_TRUE(same(jacobian([](const Tensor& z) { return z; }, x), eye(2)));
  EXPECT_TRUE(same(jvp([](const Tensor& z) { return z; }, x, v).tangent, v));
}

TEST_F(Derivatives, EmptyTensors) {
  const auto square_of = [](const Tensor& z) { return square(z); };
  const auto none = zeros({0, 2});
  EXPECT_EQ(jacobian(square_of, none).shape(), Shape({0, 2, 0, 2}));
  EXPECT_EQ(jvp(square_of, none, none).tangent.shape(), Shape({0, 2}));
  EXPECT_EQ(vjp(square_of, none, none).gradients.shape(), Shape({0, 2}));
  const auto total = [](const Tensor& z) { return square(z).sum(); };
  EXPECT_EQ(hessian(total, none).shape(), Shape({0, 2, 0, 2}));
  EXPECT_EQ(hvp(total, none, none).output.item(), 0.0);
  EXPECT_EQ(jacobian(total, none).shape(), Shape({0, 2}));
}

TEST_F(Derivatives, SinglePrecisionStays) {
  const auto x = draw({2}).to(f32), v = draw({2}).to(f32);
  const auto f = [](const Tensor& z) { return (z * z * z).sum(); };
  EXPECT_EQ(hessian(f, x).dtype(), f32);
  EXPECT_TRUE(close(hvp(f, x, v).products, 6.0 * x * v, 1e-6));
  const auto mixed = [](const Tensors& in) { return Tensors{square(in[0]), square(in[1])}; };
  const auto gradients = vjp(mixed, Tensors{x, ones({2})}, {v, ones({2})}).gradients;
  EXPECT_TRUE(same(gradients[0], 2.0 * x * v));
  EXPECT_TRUE(same(gradients[1], full({2}, 2.0)));
}

TEST_F(Derivatives, CreateGraphGivesFunctionsOfTheInputs) {
  const auto x = draw({3, 2}), v = draw({3, 2}), u = draw({3, 3});
  const DerivativeOptions graph{.create_graph = true};
  testing::gradcheck([&](const Tensor& z, const Tensor& w) { return vjp(smooth, z, w, graph).gradients; }, {x, u});
  testing::gradcheck([&](const Tensor& z, const Tensor& w) { return jvp(smooth, z, w, graph).tangent; }, {x, v});
  testing::gradcheck([&](const Tensor& z, const Tensor& w) { return hvp(smooth_sum, z, w, graph).products; }, {x, v});
  testing::gradcheck([&](const Tensor& z) { return jacobian(smooth, z, graph); }, {x});
  testing::gradcheck([&](const Tensor& z) { return hessian(smooth_sum, z, graph); }, {x});
}

TEST_F(Derivatives, RecordsWhereTheCallerDoesNot) {
  const auto x = draw({2});
  const NoGrad guard;
  EXPECT_TRUE(close(hessian([](const Tensor& z) { return (z * z * z).sum(); }, x), diag(6.0 * x), 1e-15));
  EXPECT_FALSE(grad_enabled());
}

TEST_F(Derivatives, MisuseIsNamed) {
  const auto x = draw({2}), y = draw({3});
  const auto f = [](const Tensor& z) { return square(z); };
  const auto list = [](const Tensors& in) { return square(in[0]); };
  EXPECT_EQ(error_of([&] { hessian(f, x); }), "hessian: the function must return one entry, got [2]");
  EXPECT_EQ(error_of([&] { hvp(f, x, x); }), "hvp: the function must return one entry, got [2]");
  EXPECT_EQ(error_of([&] { vjp(f, x, y); }), "vjp: v[0] is [3] f64, output 0 is [2] f64");
  EXPECT_EQ(error_of([&] { jvp(f, x, y); }), "jvp: v[0] is [3] f64, input 0 is [2] f64");
  EXPECT_EQ(error_of([&] { jvp(f, x, x.to(f32)); }), "jvp: v[0] is [2] f32, input 0 is [2] f64");
  EXPECT_EQ(error_of([&] { vjp(f, x, Tensor()); }), "vjp: v[0] is undefined, output 0 is [2] f64");
  EXPECT_EQ(error_of([&] { jvp(list, Tensors{x}, Tensors{x, x}); }), "jvp: 2 vectors for 1 inputs");
  EXPECT_EQ(error_of([&] { jacobian(list, Tensors{}); }), "jacobian: needs at least one input");
  EXPECT_EQ(error_of([&] { jacobian(list, Tensors{Tensor()}); }), "jacobian: input 0 is undefined");
  EXPECT_EQ(error_of([&] { jacobian([](const Tensor&) { return Tensor(); }, x); }),
            "jacobian: output 0 of the function is undefined");
  EXPECT_EQ(error_of([&] {
              hessian([](const Tensor& z) { return Tensors{z, z}; }, x);
            }),
            "hessian: the function must return one tensor, got 2");
}

TEST_F(Derivatives, ACapturedProductHasTheSameBits) {
  auto x = draw({3, 2}), v = draw({3, 2});
  auto w = draw({3, 2}).requires_grad_();
  const auto body = [&] {
    return Tensors{hvp(smooth_sum, x, v).products, jvp(smooth, x, v).tangent, jacobian(smooth, x),
                   hvp([&] { return smooth_sum(w); }, w, v).products};
  };
  auto step = capture(body);
  for (int call = 0; call < 4; ++call) {
    x.copy_(draw({3, 2}));
    v.copy_(draw({3, 2}));
    const NoGrad guard;
    w.copy_(draw({3, 2}));
    const auto expected = body();
    step();
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_TRUE(same(step.output(i), expected[i])) << "call " << call << ", output " << i;
  }
}

}  // namespace
}  // namespace sigmagrad
