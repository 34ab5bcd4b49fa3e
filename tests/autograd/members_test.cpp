// SPDX-License-Identifier: BSD-3-Clause
#include <concepts>
#include <type_traits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;

template <class T, class U>
concept AddsInPlace = requires(T&& to, U&& from) {
  std::forward<T>(to) += from;
};

// What would change a handle that is gone does not compile.
static_assert(std::is_assignable_v<Tensor&, Tensor> && !std::is_assignable_v<Tensor, Tensor>);
static_assert(!std::is_assignable_v<Tensor, const Tensor&> && !std::is_assignable_v<const Tensor&, Tensor>);
static_assert(AddsInPlace<Tensor&, Tensor> && !AddsInPlace<Tensor, Tensor> && !AddsInPlace<Tensor, double>);

TEST(Members, AreTheFreeFunctions) {
  const Tensor x = tensor({0.5, 2, 3, 4}, {2, 2});
  EXPECT_TRUE(same(x.exp(), exp(x)));
  EXPECT_TRUE(same(x.pow(2), pow(x, 2.0)));
  EXPECT_TRUE(same(x.var(-1), var(x, -1)));
  EXPECT_TRUE(same(x.argmax(1), argmax(x, 1)));
  EXPECT_TRUE(same(x.clamp(1, 3), clamp(x, 1, 3)));
  EXPECT_TRUE(same(x.softmax(1), softmax(x, 1)));
  EXPECT_TRUE(same(x.matmul(x), matmul(x, x)));
  EXPECT_TRUE(same(x.sum({0, 1}), x.sum()));
  EXPECT_TRUE(same(transpose(x, 0, 1), x.t()));
  EXPECT_TRUE(same(reshape(x, {4}), x.flatten()));
}

TEST(Members, ReadEntriesAndSlices) {
  const Tensor x = arange(6).reshape({2, 3});
  EXPECT_TRUE(same(x[1], tensor({3, 4, 5})));
  EXPECT_TRUE(same(x[-1][0], full({}, 3.0)));
  EXPECT_EQ(x.at({1, -1}), 5.0);
  EXPECT_EQ(error_of([&] { x.at({1}); }), "at: 1 indices given for [2, 3]");
  EXPECT_EQ(error_of([&] { x.at({1, 3}); }), "at: index 3 is out of range for axis 1 of [2, 3]");
}

// A part is a value: a change of it that nobody would see is refused, and one that somebody sees is not.
TEST(Members, RefuseToWriteToATemporaryPart) {
  Tensor w = zeros({2, 3});
  const auto refused = [](const char* member) {
    return std::string(member) + ": a part of a tensor is a value, so that nobody would see this change; write into " +
           "the whole by index_put_, or clone() the part first";
  };
  EXPECT_EQ(error_of([&] { w.narrow(0, 0, 1).copy_(ones({1, 3})); }), refused("copy_"));
  EXPECT_EQ(error_of([&] { w.select(0, 0).fill_(1.0); }), refused("fill_"));
  EXPECT_EQ(error_of([&] { w[0].zero_(); }), refused("zero_"));
  EXPECT_EQ(error_of([&] { w.t().mul_(2.0); }), refused("mul_"));
  EXPECT_EQ(error_of([&] { w.reshape({6}).add_(1.0); }), refused("add_"));
  EXPECT_EQ(error_of([&] { w[0].detach().zero_(); }), refused("zero_"));
  EXPECT_EQ(error_of([&] { w.diagonal().fill_(1.0); }), refused("fill_"));
  EXPECT_EQ(error_of([&] { w.expand({4, 2, 3}).add_(1.0); }), refused("add_"));
  EXPECT_EQ(error_of([&] { w.unbind()[0].zero_(); }), refused("zero_"));
  EXPECT_EQ(error_of([&] { w.split(1)[1].copy_(ones({1, 3})); }), refused("copy_"));
  EXPECT_EQ(error_of([&] { w[0].mutable_data<double>()[0] = 5.0; }), refused("mutable_data"));
  EXPECT_TRUE(same(w, zeros({2, 3})));

  Tensor row = w[0];
  row.add_(1.0);
  EXPECT_TRUE(same(row, ones({3})));
  EXPECT_TRUE(same(w.clone().add_(1.0), ones({2, 3})));
  w.detach().add_(1.0);  // shares the storage
  EXPECT_TRUE(same(w, ones({2, 3})));
}

TEST(Scalars, AreLinearInTheirReference) {
  double lr = 0.5;
  const Scalar rate = Scalar::reference(lr), decayed = 1.0 - rate * 0.2, shifted = (2.0 + rate) / 5.0 - 1;
  EXPECT_EQ(decayed.now(), 0.9);
  EXPECT_EQ(shifted.now(), -0.5);
  lr = 1.0;
  EXPECT_EQ(decayed.now(), 0.8);
  EXPECT_DOUBLE_EQ(shifted.now(), 3.0 / 5.0 - 1.0);
  EXPECT_EQ((-decayed).now(), -0.8);
  EXPECT_EQ((Scalar(3.0) - 1.0).now(), 2.0);
  EXPECT_TRUE(same(ones({2}) * decayed, full({2}, 0.8)));
}

}  // namespace
}  // namespace sigmagrad
