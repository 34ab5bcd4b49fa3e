// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

// Every function here works entry by entry. Two tensors broadcast as in NumPy and must have one dtype; otherwise Error.
//
// Gradients at kinks and ties are named below; elsewhere a gradient is the derivative, which may be infinite (sqrt, log
// and negative powers at 0) or NaN (outside of a function's domain). An operation that chooses among its inputs
// (maximum, minimum, where, relu, clamp, abs at 0) gives an entry that it leaves out the gradient 0, even if what flows
// back is infinite or NaN: sqrt(maximum(x, 0)) has gradient 0 at x = -1.

Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
Tensor operator/(const Tensor& a, const Tensor& b);
Tensor operator+(const Tensor& a, Scalar b);
Tensor operator-(const Tensor& a, Scalar b);
Tensor operator*(const Tensor& a, Scalar b);
Tensor operator/(const Tensor& a, Scalar b);
Tensor operator+(Scalar a, const Tensor& b);
Tensor operator-(Scalar a, const Tensor& b);
Tensor operator*(Scalar a, const Tensor& b);
Tensor operator/(Scalar a, const Tensor& b);
Tensor operator-(const Tensor& x);

/// 1 where the comparison holds, 0 elsewhere, in the operands' dtype. No gradient.
Tensor operator<(const Tensor& a, const Tensor& b);
Tensor operator<=(const Tensor& a, const Tensor& b);
Tensor operator>(const Tensor& a, const Tensor& b);
Tensor operator>=(const Tensor& a, const Tensor& b);
Tensor operator==(const Tensor& a, const Tensor& b);
Tensor operator!=(const Tensor& a, const Tensor& b);
Tensor operator<(const Tensor& a, Scalar b);
Tensor operator<=(const Tensor& a, Scalar b);
Tensor operator>(const Tensor& a, Scalar b);
Tensor operator>=(const Tensor& a, Scalar b);
Tensor operator==(const Tensor& a, Scalar b);
Tensor operator!=(const Tensor& a, Scalar b);

/// The larger (smaller) entry, which receives the gradient; at ties each operand receives half. NaN if either is NaN.
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a, Scalar b);
Tensor minimum(const Tensor& a, Scalar b);
/// a where `condition` is not 0, else b; the entry not chosen has gradient 0. What computes that entry still runs, and
/// its own rule may make NaN of the 0: where(x > 0, sqrt(x), x) has gradient NaN at -1, for sqrt has it there. Choose
/// the input first: where(x > 0, sqrt(where(x > 0, x, 1)), x) has gradient 1.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
Tensor where(const Tensor& condition, const Tensor& a, Scalar b);
Tensor where(const Tensor& condition, Scalar a, const Tensor& b);

Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor log1p(const Tensor& x);
Tensor sqrt(const Tensor& x);  // gradient infinite at 0
Tensor square(const Tensor& x);
Tensor abs(const Tensor& x);   // gradient sign(x), 0 at 0
Tensor sign(const Tensor& x);  // gradient 0
/// Entries to a power, with 0^0 = 1. Where x is 0 the gradient in x is infinite for exponents below 1 but for 0, whose
/// gradient is 0 everywhere. The gradient in the exponent, x^p log(x), is taken as 0 where x or x^p is 0, and is NaN
/// where x is negative.
Tensor pow(const Tensor& x, Scalar exponent);
Tensor pow(const Tensor& x, const Tensor& exponent);
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor sigmoid(const Tensor& x);  // 1 / (1 + exp(-x)), without overflow
Tensor relu(const Tensor& x);     // gradient 0 at 0
/// x where it is positive, negative_slope * x elsewhere; the gradient at 0 is negative_slope.
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
/// Entries below `low` become `low`, above `high` become `high`; their gradient is 0. At `low` and `high` it is 1.
Tensor clamp(const Tensor& x, double low, double high);

/// 1 where the entry is neither infinite nor NaN. No gradient.
Tensor isfinite(const Tensor& x);
/// |a - b| <= atol + rtol |b| everywhere; NaN is close to nothing.
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8);

}  // namespace sigmagrad
