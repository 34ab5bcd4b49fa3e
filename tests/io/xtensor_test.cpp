// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <xtensor/xmath.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/xtensor.hpp>

namespace sg = sigmagrad;

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;

TEST(Xtensor, CopiesBothWays) {
  const auto t = sg::randn({2, 3, 4});
  xt::xarray<double> copy = sg::to_xarray<double>(t);
  EXPECT_EQ(copy(1, 2, 3), t.data<double>()[23]);
  EXPECT_TRUE(same(sg::from_xarray(copy), t));
  copy(0, 0, 0) = 7;
  EXPECT_NE(t.data<double>()[0], 7);
  const auto single = sg::randn({3}, f32);
  EXPECT_TRUE(same(sg::from_xarray(sg::to_xarray<float>(single)), single));
  EXPECT_TRUE(same(sg::from_xarray(sg::to_xarray<double>(sg::full({}, 2.5))), sg::full({}, 2.5)));
  EXPECT_TRUE(same(sg::from_xarray(sg::to_xarray<double>(sg::zeros({0, 3}))), sg::zeros({0, 3})));
}

TEST(Xtensor, TakesExpressions) {
  const xt::xtensor<double, 2> a{{1, 2, 3}, {4, 5, 6}};
  EXPECT_TRUE(same(sg::from_xarray(2.0 * a), sg::tensor({2, 4, 6, 8, 10, 12}, {2, 3})));
  EXPECT_TRUE(same(sg::from_xarray(xt::transpose(a)), sg::tensor({1, 4, 2, 5, 3, 6}, {3, 2})));
  EXPECT_TRUE(same(sg::from_xarray(xt::view(a, xt::all(), xt::range(1, 3))), sg::tensor({2, 3, 5, 6}, {2, 2})));
  const xt::xtensor<double, 2, xt::layout_type::column_major> columns = a;
  EXPECT_TRUE(same(sg::from_xarray(columns), sg::tensor({1, 2, 3, 4, 5, 6}, {2, 3})));
}

TEST(Xtensor, AViewKeepsTheMemoryAndCopiesNothing) {
  auto t = sg::arange(6).reshape({2, 3}).clone();
  const auto view = sg::view<double>(t);
  EXPECT_EQ(view.data(), t.data<double>().data());
  t.mul_(2.0);
  EXPECT_EQ(view(1, 2), 10);
  t = sg::Tensor();
  EXPECT_EQ(xt::sum(view)(), 30);
  static_assert(std::is_same_v<decltype(view.storage().data()), const double* const&> ||
                std::is_const_v<std::remove_pointer_t<decltype(view.data())>>);
}

TEST(Xtensor, DtypesMustMatch) {
  const auto single = sg::ones({2}, f32);
  EXPECT_EQ(error_of([&] { sg::to_xarray<double>(single); }), "data: asked for f64, the tensor is f32");
  EXPECT_EQ(error_of([&] { sg::view<double>(single); }), "data: asked for f64, the tensor is f32");
}

TEST(Xtensor, AViewOfAReshapeIsACopy) {
  Tensor w = ones({2, 3});
  const auto r = w.reshape({6});
  const auto shown = view<double>(r);
  w.mul_(100.0);
  EXPECT_EQ(shown(0), 1.0);
  Tensor t = w.t();
  const auto before = view<double>(t);
  t.mul_(2.0);
  EXPECT_EQ(before(0), 100.0);
}

}  // namespace
}  // namespace sigmagrad
