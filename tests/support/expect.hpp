// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::testing {

/// Whether two tensors of one shape differ by at most `tolerance` times the largest entry of `expected`, everywhere.
inline ::testing::AssertionResult close(const Tensor& actual, const Tensor& expected, double tolerance) {
  if (actual.shape() != expected.shape())
    return ::testing::AssertionFailure() << "shape " << actual.shape() << ", expected " << expected.shape();
  const Tensor a = actual.to(f64), b = expected.to(f64);
  const auto x = a.data<double>(), y = b.data<double>();
  double scale = 0.0;
  for (const double value : y) scale = std::max(scale, std::abs(value));
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!(std::abs(x[i] - y[i]) <= tolerance * scale))
      return ::testing::AssertionFailure() << "entry " << i << " is " << x[i] << ", expected " << y[i] << ": off by "
                                           << std::abs(x[i] - y[i]) / scale << " of the largest";
  return ::testing::AssertionSuccess();
}

/// Whether two tensors have the same shape, dtype and entries (NaN equals nothing).
inline ::testing::AssertionResult same(const Tensor& actual, const Tensor& expected) {
  if (actual.dtype() != expected.dtype()) return ::testing::AssertionFailure() << "dtype " << actual.dtype();
  return close(actual, expected, 0.0);
}

/// The message of the Error that f throws; "no error" where it throws none.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace sigmagrad::testing
