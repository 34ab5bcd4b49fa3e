// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/convolution.hpp>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/convolution.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/operations/windows.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

// <w * x, y> is linear in each of x, w and y. The three gradients below are its derivatives, and the derivatives of
// each are the other two: every order of differentiation needs no more.
Tensor convolve(const Convolution& c, const Shape& y_shape, const Tensor& x, const Tensor& w);
Tensor input_gradient(const Convolution& c, const Shape& x_shape, const Tensor& y, const Tensor& w);
Tensor weight_gradient(const Convolution& c, const Shape& w_shape, const Tensor& x, const Tensor& y);

Tensor applied(const Convolution& c, const Shape& y_shape, const Tensor& x, const Tensor& w, const Tensor& bias) {
  Tensor out = make_tensor(y_shape, x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([c, to = fresh<T>(out), a = read<T>(x), b = read<T>(w), shift = bias.defined() ? read<T>(bias) : nullptr] {
      c.apply(a, b, shift, to);
    });
  });
  return out;
}

constexpr Saves saves_two = 3;

auto x_rule(const Convolution& c) {
  return
      [c](const Saved& saved, const Tensor& grad) { return input_gradient(c, saved.shape(0), grad, saved.input(1)); };
}
auto w_rule(const Convolution& c) {
  return
      [c](const Saved& saved, const Tensor& grad) { return weight_gradient(c, saved.shape(1), saved.input(0), grad); };
}

Tensor convolve(const Convolution& c, const Shape& y_shape, const Tensor& x, const Tensor& w) {
  return make_node<2>("conv2d", {&x, &w}, applied(c, y_shape, x, w, {}), saves_two, x_rule(c), w_rule(c));
}

Tensor input_gradient(const Convolution& c, const Shape& x_shape, const Tensor& y, const Tensor& w) {
  Tensor out = make_tensor(x_shape, y.dtype());
  dispatch(y.dtype(), [&]<class T>(T) {
    launch([c, to = fresh<T>(out), a = read<T>(y), b = read<T>(w)] { c.input_gradient(a, b, to); });
  });
  return make_node<2>(
      "conv2d_input_gradient", {&y, &w}, std::move(out), saves_two,
      [c](const Saved& saved, const Tensor& grad) { return convolve(c, saved.shape(0), grad, saved.input(1)); },
      [c](const Saved& saved, const Tensor& grad) { return weight_gradient(c, saved.shape(1), grad, saved.input(0)); });
}

Tensor weight_gradient(const Convolution& c, const Shape& w_shape, const Tensor& x, const Tensor& y) {
  Tensor out = make_tensor(w_shape, x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([c, to = fresh<T>(out), a = read<T>(x), b = read<T>(y)] { c.weight_gradient(a, b, to); });
  });
  return make_node<2>(
      "conv2d_weight_gradient", {&x, &y}, std::move(out), saves_two,
      [c](const Saved& saved, const Tensor& grad) { return input_gradient(c, saved.shape(0), saved.input(1), grad); },
      [c](const Saved& saved, const Tensor& grad) { return convolve(c, saved.shape(1), saved.input(0), grad); });
}

// The bias is added to every position of every sample.
Tensor bias_gradient(const Convolution& c, const Shape& shape, const Tensor& grad) {
  const Shape rows = Shape({c.models, c.samples, c.groups * c.out, c.positions()});
  return reshape(sum(sum(reshape(grad, rows), 3), 1), shape);
}

void check_shapes(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t groups) {
  const Shape models = weight.dim() < 4 ? Shape() : weight.shape().head(weight.dim() - 4);
  const int m = models.rank();
  const bool image = m == 0 && x.dim() == 3, fits = x.dim() == m + 4 && x.shape().head(m) == models;
  if (weight.dim() < 4 || !(image || fits))
    fail("conv2d: x must be [N, C, H, W] or [C, H, W] and weight [out, C / groups, kh, kw], got {} and {}",
         x.shape().str(), weight.shape().str());
  const std::int64_t channels = x.size(-3), out = weight.size(-4);
  if (channels < 1 || out < 1 || channels % groups != 0 || out % groups != 0)
    fail("conv2d: groups must divide the channels, got {} groups, {} channels to {}", groups, channels, out);
  if (weight.size(-3) != channels / groups)
    fail("conv2d: weight must be [out, {}, kh, kw] for {} groups of x {}, got {}", channels / groups, groups,
         x.shape().str(), weight.shape().str());
  if (bias.defined() && bias.shape() != models.inserted(m, out))
    fail("conv2d: bias must be {}, got {}", models.inserted(m, out).str(), bias.shape().str());
}

Convolution geometry(const Tensor& x, const Tensor& weight, const Conv2dOptions& o) {
  const int m = weight.dim() - 4;
  const Pair image(x.size(-2), x.size(-1)), kernel(weight.size(-2), weight.size(-1));
  const Pair result = places("conv2d", image, {kernel, o.stride, o.padding, o.dilation});
  return {.models = weight.shape().head(m).numel(),
          .samples = x.dim() == 3 ? 1 : x.size(m),
          .groups = o.groups,
          .in = x.size(-3) / o.groups,
          .out = weight.size(-4) / o.groups,
          .image = image,
          .kernel = kernel,
          .result = result,
          .stride = o.stride,
          .padding = o.padding,
          .dilation = o.dilation};
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, Conv2dOptions options) {
  check_same_dtype("conv2d", x, weight);
  if (bias.defined()) check_same_dtype("conv2d", x, bias);
  check_movement("conv2d", options);
  if (weight.dim() > 4 && x.dim() == 4) {  // one batch for all models
    Shape shape = weight.shape().head(weight.dim() - 4);
    for (const auto size : x.shape()) shape = shape.inserted(shape.rank(), size);
    return conv2d(expand(x, shape), weight, bias, options);
  }
  check_shapes(x, weight, bias, options.groups);
  const Convolution c = geometry(x, weight, options);
  const Shape shape = x.shape().with(-3, weight.size(-4)).with(-2, c.result.h).with(-1, c.result.w);
  if (!bias.defined()) return convolve(c, shape, x, weight);
  return make_node<3>(
      "conv2d", {&x, &weight, &bias}, applied(c, shape, x, weight, bias), saves_two, x_rule(c), w_rule(c),
      [c, of_bias = bias.shape()](const Saved&, const Tensor& grad) { return bias_gradient(c, of_bias, grad); });
}

}  // namespace sigmagrad
