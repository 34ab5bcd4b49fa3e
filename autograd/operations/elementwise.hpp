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

/// 1 where the logic holds, 0 elsewhere, in the operands' dtype; an entry that is not 0, NaN too, counts as true. No
/// gradient. Both operands of && and || are always computed: a tensor has no short cut.
Tensor operator!(const Tensor& mask);
Tensor operator&&(const Tensor& a, const Tensor& b);
Tensor operator||(const Tensor& a, const Tensor& b);

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
/// In the condition's dtype.
Tensor where(const Tensor& condition, Scalar a, Scalar b);
/// a + weight * (b - a): a itself at weight 0 and b itself at weight 1. Weights may lie outside of [0, 1].
Tensor lerp(const Tensor& a, const Tensor& b, Scalar weight);
Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& weight);

Tensor exp(const Tensor& x);
Tensor expm1(const Tensor& x);  // exp(x) - 1, with all digits near 0
Tensor log(const Tensor& x);
Tensor log2(const Tensor& x);
Tensor log1p(const Tensor& x);
Tensor sqrt(const Tensor& x);   // gradient infinite at 0
Tensor rsqrt(const Tensor& x);  // 1 / sqrt(x)
Tensor square(const Tensor& x);
Tensor abs(const Tensor& x);   // gradient sign(x), 0 at 0
Tensor sign(const Tensor& x);  // gradient 0
/// The nearest whole number below, above, and on either side; `round` takes the even one of two. Gradient 0.
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
Tensor round(const Tensor& x);
/// Entries to a power, with 0^0 = 1. Where x is 0 the gradient in x is infinite for exponents below 1 but for 0, whose
/// gradient is 0 everywhere. The gradient in the exponent, x^p log(x), is taken as 0 where x or x^p is 0, and is NaN
/// where x is negative.
Tensor pow(const Tensor& x, Scalar exponent);
Tensor pow(const Tensor& x, const Tensor& exponent);
Tensor pow(Scalar base, const Tensor& exponent);

Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tan(const Tensor& x);
/// The angle of the point (x, y), from -pi to pi. Its gradient is NaN at the origin and 0 at infinity.
Tensor atan2(const Tensor& y, const Tensor& x);

Tensor sinh(const Tensor& x);
Tensor cosh(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor erf(const Tensor& x);      // 2 / sqrt(pi) * the integral of exp(-t^2) from 0 to x
Tensor sigmoid(const Tensor& x);  // 1 / (1 + exp(-x)), without overflow
Tensor relu(const Tensor& x);     // gradient 0 at 0
/// x where it is positive, negative_slope * x elsewhere; the gradient at 0 is negative_slope.
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
/// x * Phi(x), for the normal distribution's Phi(x) = (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel 2016). Here and
/// in silu the result and the gradient at -infinity are 0.
Tensor gelu(const Tensor& x);
/// x * sigmoid(x), also called swish.
Tensor silu(const Tensor& x);
/// log(1 + exp(beta x)) / beta, exact to rounding for any x, so without the threshold beyond which PyTorch gives x.
/// Error unless beta is positive and finite.
Tensor softplus(const Tensor& x, double beta = 1.0);
/// x where it is positive, alpha * (exp(x) - 1) elsewhere; the gradient at 0 is alpha.
Tensor elu(const Tensor& x, double alpha = 1.0);
/// Entries below `low` become `low`, above `high` become `high`; their gradient is 0. At `low` and `high` it is 1.
Tensor clamp(const Tensor& x, double low, double high);
/// One-sided: entries below `low` become `low`, entries above `high` become `high`.
Tensor clamp_min(const Tensor& x, double low);
Tensor clamp_max(const Tensor& x, double high);

/// 1 where the entry is neither infinite nor NaN, is NaN, is infinite; 0 elsewhere. No gradient.
Tensor isfinite(const Tensor& x);
Tensor isnan(const Tensor& x);
Tensor isinf(const Tensor& x);
/// |a - b| <= atol + rtol |b| everywhere; NaN is close to nothing.
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8);

}  // namespace sigmagrad
