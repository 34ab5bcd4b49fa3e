// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

// Start values. Each function fills `w` in place, whether or not it requires grad, and returns it. The fans are those
// of y = w x: of w [..., out, in] fan_in is `in` and fan_out `out`, and each matrix of a batch is drawn alike. Random
// ones draw from the calling thread's generator, or from the one given. Of the kernel [..., out, in, kh, kw] of a
// Conv2d the Kaiming functions find the fans in kh kw and out kh kw if they are told of its two `kernel_axes`.
namespace sigmagrad::nn::init {

Tensor constant_(Tensor w, double value);
Tensor zeros_(Tensor w);
Tensor ones_(Tensor w);

Tensor normal_(Tensor w, double mean = 0.0, double std = 1.0, Generator& generator = default_generator());
/// Uniform between low and high.
Tensor uniform_(Tensor w, double low = 0.0, double high = 1.0, Generator& generator = default_generator());

/// Normal with this mean and standard deviation, drawn again where it is not between `low` and `high`. PyTorch's bounds
/// are these, numbers and not multiples of std.
Tensor trunc_normal_(Tensor w, double mean = 0.0, double std = 1.0, double low = -2.0, double high = 2.0,
                     Generator& generator = default_generator());

/// What follows a layer, by how much its gradients shrink.
enum class Nonlinearity { Linear, Sigmoid, Tanh, ReLU, LeakyReLU };
/// 1 for Linear and Sigmoid, 5/3 for Tanh, sqrt(2) for ReLU, sqrt(2 / (1 + a^2)) for LeakyReLU of negative slope a: the
/// factors PyTorch recommends.
double calculate_gain(Nonlinearity nonlinearity, double a = 0.01);

/// Uniform in +-gain sqrt(6 / (fan_in + fan_out)), or normal with std gain sqrt(2 / (fan_in + fan_out)): Glorot and
/// Bengio 2010, eqs. 12 and 16.
Tensor xavier_uniform_(Tensor w, double gain = 1.0, Generator& generator = default_generator());
Tensor xavier_normal_(Tensor w, double gain = 1.0, Generator& generator = default_generator());

enum class Fan { In, Out };
struct KaimingOptions {
  double a = 0.0;  // the negative slope of LeakyReLU
  Fan mode = Fan::In;
  Nonlinearity nonlinearity = Nonlinearity::LeakyReLU;
  int kernel_axes = 0;  // how many axes w has behind [..., out, in]
};

/// With std = calculate_gain(nonlinearity, a) / sqrt(fan): uniform in +-sqrt(3) std, or normal with that std. He et al.
/// 2015, eqs. 10 (fan_in), 14 (fan_out) and 15 (slope a).
Tensor kaiming_uniform_(Tensor w, KaimingOptions options = {}, Generator& generator = default_generator());
Tensor kaiming_normal_(Tensor w, KaimingOptions options = {}, Generator& generator = default_generator());

/// Normal with std 1 / sqrt(fan_in): LeCun et al. 1998, "Efficient BackProp", eq. 16.
Tensor lecun_normal_(Tensor w, Generator& generator = default_generator());

/// Normal with std scale sqrt(2 / fan_in), Kaiming's for ReLU made smaller: the start of paper 001, where the scale is
/// 0.1, or 0.1^(1/L) for each of L factors.
Tensor scaled_normal_(Tensor w, double scale = 0.1, Generator& generator = default_generator());

/// Normal with that std, but for a share `sparsity` of each column, rounded up, that is 0: Martens 2010.
Tensor sparse_(Tensor w, double sparsity, double std = 0.01, Generator& generator = default_generator());

/// gain times a random matrix with orthonormal columns, or rows where there are more columns, from the uniform (Haar)
/// distribution: Q of a Gaussian matrix's QR decomposition, with signs that make R's diagonal positive (Mezzadri 2007).
Tensor orthogonal_(Tensor w, double gain = 1.0, Generator& generator = default_generator());

/// 1 on the diagonal and 0 off it.
Tensor eye_(Tensor w);

/// alpha on the diagonal and alpha / m off it, m > 0: alpha times the identity for m = infinity, alpha everywhere for
/// m = 1 (paper 002, eq. 7).
Tensor identity_(Tensor w, double alpha = 1.0, double m = std::numeric_limits<double>::infinity());

}  // namespace sigmagrad::nn::init
