// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/inspect.hpp>
#include <sigmagrad/linalg/svd.hpp>

namespace sigmagrad::testing {
namespace {

TEST(Inspect, LeadingValuesAreThoseOfTheWholeSpectrum) {
  manual_seed(3);
  const Tensor w = randn({120, 90}, f32);
  const auto all = inspect(w);
  const auto some = inspect(w, {.full_up_to = 50, .leading = 7});
  ASSERT_EQ(some.singular_values.size(), 7u);
  for (int i = 0; i < 7; ++i) EXPECT_NEAR(some.singular_values[i], all.singular_values[i], 1e-8 * all.s1);
}

}  // namespace
}  // namespace sigmagrad::testing
