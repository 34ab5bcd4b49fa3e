// SPDX-License-Identifier: BSD-3-Clause
// Transposes and reshapes lie where their tensor lies; yet nobody may notice.
#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::same;

Tensor matrix() { return tensor({1, 2, 3, 4}, {2, 2}); }

struct Derived {
  const char* name;
  Tensor (*make)(const Tensor&);
};

class Value : public ::testing::TestWithParam<Derived> {};

TEST_P(Value, KeepsItsEntriesWhenTheSourceIsWritten) {
  Tensor x = matrix();
  const Tensor y = GetParam().make(x), expected = y.clone();
  x.add_(10.0);
  EXPECT_TRUE(same(y, expected));
  x.mutable_data<double>()[0] = -1.0;
  EXPECT_TRUE(same(y, expected));
  EXPECT_TRUE(same(x, tensor({-1, 12, 13, 14}, {2, 2})));
}

TEST_P(Value, IsWrittenWithoutTouchingTheSource) {
  const Tensor x = matrix();
  Tensor y = GetParam().make(x);
  y.fill_(9.0);
  EXPECT_TRUE(same(x, matrix()));
  EXPECT_TRUE(same(y, full(y.shape(), 9.0)));
}

TEST_P(Value, KeepsItsEntriesAtEveryVersion) {
  Tensor x = matrix();
  std::vector<Tensor> values, expected;
  for (int step = 0; step < 4; ++step) {
    values.push_back(GetParam().make(x));
    expected.push_back(values.back().clone());
    x.mul_(2.0);
    if (step == 1) values[0] = expected[0] = Tensor();  // versions are given up in any order
  }
  for (std::size_t i = 1; i < values.size(); ++i) EXPECT_TRUE(same(values[i], expected[i])) << i;
}

TEST_P(Value, OutlivesItsSource) {
  Tensor y;
  {
    Tensor x = matrix();
    y = GetParam().make(x);
    x.zero_();
  }
  EXPECT_TRUE(same(y, GetParam().make(matrix())));
  y.add_(1.0);
  EXPECT_TRUE(same(y, GetParam().make(matrix()) + 1.0));
}

TEST_P(Value, KeepsItsHistoryWhenTheSourceIsWritten) {
  Tensor w = matrix().requires_grad_();
  const Tensor y = GetParam().make(w);
  const Tensor loss = (y * y).sum();  // saves y
  {
    const NoGrad guard;
    w.zero_();
  }
  loss.backward();
  EXPECT_TRUE(same(w.grad(), 2.0 * matrix()));
}

TEST_P(Value, GivesItsGradientWhenWrittenInHistory) {
  Tensor w = matrix().requires_grad_();
  Tensor y = GetParam().make(w);
  y.mul_(full({}, 3.0));
  EXPECT_TRUE(same(w.detach(), matrix()));
  y.sum().backward();
  EXPECT_TRUE(same(w.grad(), full({2, 2}, 3.0)));
}

INSTANTIATE_TEST_SUITE_P(, Value,
                         ::testing::Values(Derived{"t", [](const Tensor& x) { return x.t(); }},
                                           Derived{"t_of_t", [](const Tensor& x) { return x.t().t(); }},
                                           Derived{"reshape", [](const Tensor& x) { return x.reshape({4}); }},
                                           Derived{"reshape_of_t", [](const Tensor& x) { return x.t().reshape({4}); }},
                                           Derived{"same_shape", [](const Tensor& x) { return x.reshape(x.shape()); }},
                                           Derived{"unsqueeze", [](const Tensor& x) { return x.unsqueeze(0); }},
                                           Derived{"squeeze", [](const Tensor& x) { return x.squeeze(); }},
                                           Derived{"expand", [](const Tensor& x) { return x.expand(x.shape()); }},
                                           Derived{"permute",
                                                   [](const Tensor& x) {
                                                     return x.permute({0, 1});
                                                   }},
                                           Derived{"narrow", [](const Tensor& x) { return x.narrow(0, 0, 2); }}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace sigmagrad
