// SPDX-License-Identifier: BSD-3-Clause
#include <limits>
#include <type_traits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;

Tensor counting(const Shape& shape) { return arange(static_cast<double>(shape.numel())).reshape(shape).clone(); }

TEST(Tensor, ToVectorGivesEveryEntryInRowMajorOrder) {
  const Tensor x = tensor({1, 2, 3, 4, 5, 6}, {2, 3});
  EXPECT_EQ(x.t().to_vector(), (std::vector<double>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ((x / 3.0).to(f32).to_vector()[0], static_cast<double>(1.0f / 3.0f));
  EXPECT_TRUE(empty({0, 3}).to_vector().empty());
  EXPECT_THROW(Tensor().to_vector(), Error);
}

TEST(Tensor, CopiesShareTheirStorage) {
  Tensor x = counting({2, 2});
  Tensor y = x;
  y.add_(1.0);
  EXPECT_TRUE(same(x, tensor({1, 2, 3, 4}, {2, 2})));
  EXPECT_TRUE(x.is(y));
  EXPECT_FALSE(x.is(x.clone()));
}

TEST(Tensor, ConstHandlesCannotBeWritten) {
  static_assert(
      !std::is_invocable_v<decltype([](auto& t) -> decltype(t.zero_()) { return t.zero_(); }), const Tensor&>);
  static_assert(sizeof(Tensor) == sizeof(void*));
}

TEST(Tensor, KnowsItsShapeAndDtype) {
  const Tensor x = zeros({2, 3}, f32);
  EXPECT_EQ(x.shape(), (Shape{2, 3}));
  EXPECT_EQ(x.dtype(), f32);
  EXPECT_EQ(x.numel(), 6);
  EXPECT_EQ(x.dim(), 2);
  EXPECT_EQ(x.size(-1), 3);
  EXPECT_TRUE(x.defined());
  EXPECT_FALSE(Tensor().defined());
}

TEST(Tensor, DetachSharesStorageAndDropsHistory) {
  const Tensor w = counting({2}).requires_grad_();
  const Tensor y = w * 2.0;
  Tensor d = y.detach();
  EXPECT_FALSE(d.requires_grad());
  d.fill_(7.0);
  EXPECT_TRUE(same(y, tensor({7, 7}, {2})));
  EXPECT_TRUE(y.requires_grad());
}

TEST(Tensor, CloneHasItsOwnStorageAndPassesGradients) {
  Tensor w = counting({2}).requires_grad_();
  Tensor copy = w.clone();
  (copy * 3.0).sum().backward();
  EXPECT_TRUE(same(w.grad(), tensor({3, 3}, {2})));
  const NoGrad guard;
  copy.zero_();
  EXPECT_TRUE(same(w, tensor({0, 1}, {2})));
}

TEST(Tensor, ToConvertsAndPassesGradientsBack) {
  Tensor w = tensor({0.1, 2.5}, {2}).requires_grad_();
  const Tensor narrow = w.to(f32);
  EXPECT_EQ(narrow.dtype(), f32);
  EXPECT_EQ(narrow.data<float>()[0], 0.1f);
  EXPECT_TRUE(w.to(f64).is(w));
  (narrow * narrow).sum().backward();
  EXPECT_EQ(w.grad().dtype(), f64);
  EXPECT_EQ(w.grad().data<double>()[1], 5.0);
}

TEST(Tensor, ItemReadsTheOnlyEntry) {
  EXPECT_EQ(full({}, 2.5).item(), 2.5);
  EXPECT_EQ(full({1, 1}, 0.5, f32).item(), 0.5);
  EXPECT_EQ(error_of([] { ones({2, 3}).item(); }), "item: needs exactly one entry, got [2, 3]");
  EXPECT_EQ(error_of([] { ones({0}).item(); }), "item: needs exactly one entry, got [0]");
}

TEST(Tensor, DataMustBeAskedForInItsDtype) {
  Tensor x = counting({2, 2});
  EXPECT_EQ(x.t().data<double>()[1], 2.0);
  x.mutable_data<double>()[0] = 9.0;
  EXPECT_EQ(x.data<double>()[0], 9.0);
  EXPECT_EQ(error_of([&] { x.data<float>(); }), "data: asked for f32, the tensor is f64");
  Tensor narrow = x.to(f32);
  EXPECT_EQ(error_of([&] { narrow.mutable_data<double>(); }), "mutable_data: asked for f64, the tensor is f32");
}

TEST(Tensor, UndefinedTensorsAreRefused) {
  const std::string message = "tensor: undefined (default-constructed, or a gradient that is absent)";
  EXPECT_EQ(error_of([] { Tensor().shape(); }), message);
  EXPECT_EQ(error_of([] { Tensor().backward(); }), message);
  EXPECT_EQ(error_of([] { Tensor().requires_grad_(); }), message);
  EXPECT_EQ(error_of([] { ones({2}).add_(Tensor()); }), message);
  EXPECT_EQ(error_of([] { ones({2}).requires_grad_().grad().item(); }), message);
}

TEST(Tensor, RequiresGradIsForLeaves) {
  Tensor w = ones({2}).requires_grad_();
  EXPECT_TRUE(w.requires_grad());
  EXPECT_EQ(error_of([&] { (w * 2.0).requires_grad_(false); }),
            "requires_grad_: only a leaf can stop requiring grad; use detach()");
  w.requires_grad_(false);
  EXPECT_FALSE((w * 2.0).requires_grad());
}

TEST(Tensor, SetGradChecksItsShapeAndDtype) {
  Tensor w = ones({2}).requires_grad_();
  w.set_grad(full({2}, 4.0));
  EXPECT_TRUE(same(w.grad(), full({2}, 4.0)));
  EXPECT_EQ(error_of([&] { w.set_grad(ones({3})); }), "set_grad: the gradient is [3] f64, the tensor [2] f64");
  EXPECT_EQ(error_of([&] { w.set_grad(ones({2}, f32)); }), "set_grad: the gradient is [2] f32, the tensor [2] f64");
}

TEST(Creation, FillsAsTold) {
  EXPECT_TRUE(same(eye(2), tensor({1, 0, 0, 1}, {2, 2})));
  EXPECT_TRUE(same(arange(3.0), tensor({0, 1, 2}, {3})));
  EXPECT_TRUE(same(arange(1.0, 2.0, 0.5), tensor({1, 1.5}, {2})));
  EXPECT_TRUE(same(arange(3.0, 0.0, -2.0), tensor({3, 1}, {2})));
  EXPECT_EQ(arange(0.0).shape(), Shape{0});
  EXPECT_EQ(arange(1.0, 0.0).shape(), Shape{0});
  EXPECT_TRUE(same(full_like(zeros({2}, f32), 1.5), full({2}, 1.5, f32)));
  EXPECT_TRUE(same(ones_like(zeros({2}, f32)), ones({2}, f32)));
  EXPECT_TRUE(same(zeros_like(ones({2})), zeros({2})));
  EXPECT_EQ(empty_like(zeros({2, 5}, f32)).dtype(), f32);
  EXPECT_EQ(empty({2, 5}).shape(), (Shape{2, 5}));
}

TEST(Creation, RefusesWhatDoesNotFit) {
  EXPECT_EQ(error_of([] { tensor({1, 2, 3}, {2, 2}); }), "tensor: 3 values do not fill [2, 2]");
  EXPECT_EQ(error_of([] { zeros({2, -1}); }), "shape: sizes must be >= 0, got [2, -1]");
  EXPECT_EQ(error_of([] { eye(-1); }), "shape: sizes must be >= 0, got [-1, -1]");
  EXPECT_EQ(error_of([] { arange(0.0, 1.0, 0.0); }), "arange: no finite count from 0 to 1 by 0");
  EXPECT_EQ(error_of([] { randint(3, 3, {2}); }), "randint: low must be < high (got 3 and 3)");
}

}  // namespace
}  // namespace sigmagrad
