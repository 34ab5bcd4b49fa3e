// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Linear networks whose weights share the singular vectors of the target ("aligned"): each mode is a scalar equation.
// s >= 0 is the target's singular value, a the mode's strength in the product of the weights, and time is in units of
// tau = 1 / learning rate. Arguments that are not finite, and s < 0, are an Error.
namespace sigmagrad::theory {

/// Two weight matrices with W2' W2 - W1 W1' = lambda I (paper 004, section 3.2, with the signs put right): a(t) of
///   tau a' = sqrt(lambda^2 + 4 a^2) (s - a),  a(0) = a0,
/// which depends on |lambda| alone. For a0 >= 0 all digits hold for any lambda: a sum of terms of one sign with one
/// decaying exponential, of which lambda = 0 is no special case. For a0 < 0 the error is some 1e-15 max(|a0|, s), and
/// with lambda = 0 the mode ends in the saddle a = 0. t < 0 is an Error.
double aligned_mode(double s, double a0, double lambda, double t);

/// The time after which that mode has the strength af (paper 004, equation 2.27 for lambda = 0); infinity where it
/// never has: af is s itself, or lies on another way than that from a0 to s, or beyond a saddle.
double aligned_time(double s, double a0, double af, double lambda);

/// What the mode's strength a is made of: W1 has `input`, W2 has `output` = +-sqrt((sqrt(lambda^2 + 4 a^2) + lambda) /
/// 2), input * output = a and output^2 - input^2 = lambda.
struct ModeStrengths {
  double input, output;
};
ModeStrengths mode_strengths(double a, double lambda);

/// `depth` weight matrices, balanced with lambda = 0 and aligned (Saxe, McClelland and Ganguli 2014): a(t) of
///   tau a' = depth a^(2 - 2 / depth) (s - a),  a0 >= 0.
/// Depth 1 is the shallow network, depth 2 `aligned_mode` with lambda = 0. By quadrature in log(a / |s - a|), where the
/// equation is smooth, to some 1e-13 of s. depth < 1, a0 < 0 and t < 0 are an Error.
double deep_aligned_mode(double s, double a0, int depth, double t);

/// One weight matrix: W(t) = Sigma + (W0 - Sigma) exp(-t), any matrices of one shape. Its tangent kernel is constant.
Tensor shallow_dynamics(const Tensor& W0, const Tensor& Sigma, double t);

}  // namespace sigmagrad::theory
