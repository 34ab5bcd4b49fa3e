// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/convolution.hpp>

#include <sigmagrad/autograd/operations/convolution.hpp>
#include <sigmagrad/autograd/operations/windows.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/nn/detail/uniform.hpp>

namespace sigmagrad::nn {
using engine::str;

Conv2d::Conv2d(std::int64_t in, std::int64_t out, Pair kernel, Options options)
    : options_{options.stride, options.padding, options.dilation, options.groups} {
  if (in < 1 || out < 1) engine::fail("Conv2d: channels must be >= 1 (got {} and {})", in, out);
  if (kernel.h < 1 || kernel.w < 1) engine::fail("Conv2d: the kernel must be >= 1 (got {})", str(kernel));
  engine::check_movement("Conv2d", options_);
  const std::int64_t groups = options.groups, fan_in = in / groups * kernel.h * kernel.w;
  if (in % groups != 0 || out % groups != 0)
    engine::fail("Conv2d: groups must divide the channels, got {} groups, {} channels to {}", groups, in, out);
  const Shape shape{out, in / groups, kernel.h, kernel.w};
  weight = register_parameter("weight", detail::uniform_start(shape, fan_in, options.dtype));
  weight_is_kernel(kernel_axes);
  if (options.bias) bias = register_parameter("bias", detail::uniform_start({out}, fan_in, options.dtype));
}

Conv2d::Conv2d(const Tensor& given_weight, const Tensor& given_bias, sigmagrad::Conv2dOptions options)
    : options_(options) {
  const Shape& shape = given_weight.shape();
  engine::check_movement("Conv2d", options);
  if (shape.rank() < 4 || shape.numel() == 0)
    engine::fail("Conv2d: the weight must be [..., out, in / groups, kh, kw], got {}", shape.str());
  const Shape of_bias = shape.head(shape.rank() - 3);
  if (of_bias[-1] % options.groups != 0)
    engine::fail("Conv2d: groups must divide the channels, got {} groups and a weight {}", options.groups, shape.str());
  if (given_bias.defined() && given_bias.shape() != of_bias)
    engine::fail("Conv2d: the bias must be {}, got {}", of_bias.str(), given_bias.shape().str());
  if (given_bias.defined() && given_bias.dtype() != given_weight.dtype())
    engine::fail("Conv2d: the weight is {}, the bias {}", name_of(given_weight.dtype()), name_of(given_bias.dtype()));
  weight = register_parameter("weight", given_weight);
  weight_is_kernel(kernel_axes);
  if (given_bias.defined()) bias = register_parameter("bias", given_bias);
}

Tensor Conv2d::operator()(const Tensor& x) const {
  const std::int64_t channels = weight.size(-3) * options_.groups;
  if (x.dim() < 3 || x.size(-3) != channels)
    engine::fail("Conv2d: the input must be [batch, {0}, height, width] or [{0}, height, width], got {1}", channels,
                 x.shape().str());
  return hooked(x, conv2d(x, weight, bias, options_));
}

}  // namespace sigmagrad::nn
