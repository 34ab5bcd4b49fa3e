// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>

// Values and derivatives at given points, for tests of what happens at kinks, ties, zeros and infinities.
namespace sigmagrad::testing {

using Values = std::vector<double>;

/// What a function R^n -> R should give at a point.
struct Jet {
  double value;
  Values gradient, second;  // the first row of the Hessian
};

/// Whether every entry is as expected up to a few roundings of its own: 0 and infinity exactly, NaN as NaN.
inline ::testing::AssertionResult entries_near(const Tensor& actual, const Values& expected, double roundings = 8.0) {
  const Tensor wide = actual.to(f64);
  const auto x = wide.data<double>();
  if (x.size() != expected.size())
    return ::testing::AssertionFailure() << x.size() << " entries, expected " << expected.size();
  const double eps = actual.dtype() == f64 ? 0x1p-52 : 0x1p-23;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double e = expected[i], error = std::abs(x[i] - e);
    const bool near = std::isnan(e) ? std::isnan(x[i]) : x[i] == e || error <= roundings * eps * std::abs(e);
    if (!near) return ::testing::AssertionFailure() << "entry " << i << " is " << x[i] << ", expected " << e;
  }
  return ::testing::AssertionSuccess();
}

/// Value, gradient and first row of the Hessian of f at x.
template <class F>
std::vector<Tensor> jet(const F& f, const Tensor& x) {
  const Tensor value = f(x);
  const Tensor gradient = grad(value, {x}, {.create_graph = true})[0];
  const Tensor first = gradient.flatten().select(0, 0);
  Tensor second = first.requires_grad() ? grad(first, {x}, {.allow_unused = true})[0] : Tensor();
  if (!second.defined()) second = zeros_like(x);
  return {value.detach(), gradient.detach(), second};
}

/// Checks f at a point in one dtype, called at once and as a captured step, which must give the same twice.
template <class F>
void expect_jet(const F& f, const Values& at, const Jet& expected, Dtype dtype, double roundings = 8.0) {
  const Tensor x = tensor(at, {static_cast<std::int64_t>(at.size())}, dtype).requires_grad_();
  const auto check = [&](const std::vector<Tensor>& actual, const char* how) {
    EXPECT_TRUE(entries_near(actual[0], {expected.value}, roundings)) << name_of(dtype) << " value, " << how;
    EXPECT_TRUE(entries_near(actual[1], expected.gradient, roundings)) << name_of(dtype) << " gradient, " << how;
    EXPECT_TRUE(entries_near(actual[2], expected.second, roundings)) << name_of(dtype) << " second, " << how;
  };
  check(jet(f, x), "eager");
  auto step = capture([&] { return jet(f, x); });
  for (const char* how : {"captured", "replayed"}) {
    step();
    check(step.outputs(), how);
  }
}

template <class F>
void expect_jet(const F& f, const Values& at, const Jet& expected, double roundings = 8.0) {
  for (const Dtype dtype : {f64, f32}) expect_jet(f, at, expected, dtype, roundings);
}

}  // namespace sigmagrad::testing
