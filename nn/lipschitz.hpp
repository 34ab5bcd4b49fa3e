// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/io/named_tensors.hpp>
#include <sigmagrad/nn/sequential.hpp>

namespace sigmagrad::nn {

/// Upper bounds of a network's Lipschitz constant, of ||f(x) - f(y)||_2 / ||x - y||_2.
struct LipschitzBound {
  NamedTensors factors;  // of each layer whose constant is not 1, under its name: of a Linear layer ||W||_2
  Tensor layerwise;      // their product
  /// Their product with ||W_k ... W_j||_2 for Linear layers that follow each other, at most `layerwise`.
  Tensor composition;
};

/// For layers one after the other: Linear, parametrised or not; ReLU, LeakyReLU, Tanh, Softplus, Identity and Flatten,
/// of constant 1 unless their options say more; Sigmoid (1/4), GELU (1.129), SiLU (1.0999), ELU (1 or its alpha);
/// Dropout as it is after `eval()`; BatchNorm1d and BatchNorm2d with their running variance, max |weight| / sqrt(var +
/// eps); Conv2d, parametrised or not, and pools as below; Residual, the bounds of branch and shortcut added;
/// Sequentials of these. Any other layer is an Error, which names it. Differentiable; of stacked models one number
/// each.
///
/// Layers of images have bounds that hold for images of any size, and need not be reached. Conv2d: the least of four
/// reshapes' norms (kernel as [out, in kh kw], [in, out kh kw], [out kh, in kw] and [out kw, in kh]), times sqrt(kh kw)
/// (Singla and Feizi 2021); the first times sqrt(m) alone, where no entry of an image is in more than m of the patches
/// that the kernel is applied to. The norm on images of one size is linalg::convolution_spectrum's first value.
/// MaxPool2d: sqrt(m). AvgPool2d: sqrt(m / n) for windows of n entries. AdaptiveAvgPool2d(1): 1.
LipschitzBound lipschitz_bound(const Sequential& model);

/// For any model that applies its matrices in the order of its parameters, with functions of constant 1 between them:
/// which it does is for the caller to know, and whether matrices follow each other too, so that `composition` is
/// `layerwise`. Error where a parameter is neither a matrix, of one model or of several, nor a bias.
LipschitzBound lipschitz_bound(const Module& model);

/// The logit of the label less the largest other: negative where the row is misclassified. Logits [..., classes] of at
/// least two classes, labels [...] as whole numbers.
Tensor margins(const Tensor& logits, const Tensor& labels);

/// How far an input may move, in Euclidean length, before its class can change: margin / (sqrt(2) L) for a network of
/// Lipschitz constant at most L (Tsuzuku, Sato and Sugiyama 2018), 0 where the margin is negative. Shapes broadcast.
Tensor certified_radius(const Tensor& margin, const Tensor& lipschitz);

}  // namespace sigmagrad::nn
