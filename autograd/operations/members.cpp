// SPDX-License-Identifier: BSD-3-Clause
// tools/functions writes this file.

#include <sigmagrad/autograd/operations/convolution.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/in_place.hpp>
#include <sigmagrad/autograd/operations/indexing.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/normalization.hpp>
#include <sigmagrad/autograd/operations/pooling.hpp>
#include <sigmagrad/autograd/operations/products.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/operations/sorting.hpp>

namespace sigmagrad::engine {

namespace {

const Tensor& self(const TensorMembers& x) { return static_cast<const Tensor&>(x); }
Tensor& self(TensorMembers& x) { return static_cast<Tensor&>(x); }

}  // namespace

Tensor TensorMembers::conv2d(const Tensor& weight, const Tensor& bias, Conv2dOptions options) const {
  return sigmagrad::conv2d(self(*this), weight, bias, options);
}
Tensor TensorMembers::maximum(const Tensor& b) const { return sigmagrad::maximum(self(*this), b); }
Tensor TensorMembers::minimum(const Tensor& b) const { return sigmagrad::minimum(self(*this), b); }
Tensor TensorMembers::maximum(Scalar b) const { return sigmagrad::maximum(self(*this), b); }
Tensor TensorMembers::minimum(Scalar b) const { return sigmagrad::minimum(self(*this), b); }
Tensor TensorMembers::lerp(const Tensor& b, Scalar weight) const { return sigmagrad::lerp(self(*this), b, weight); }
Tensor TensorMembers::lerp(const Tensor& b, const Tensor& weight) const {
  return sigmagrad::lerp(self(*this), b, weight);
}
Tensor TensorMembers::exp() const { return sigmagrad::exp(self(*this)); }
Tensor TensorMembers::expm1() const { return sigmagrad::expm1(self(*this)); }
Tensor TensorMembers::log() const { return sigmagrad::log(self(*this)); }
Tensor TensorMembers::log2() const { return sigmagrad::log2(self(*this)); }
Tensor TensorMembers::log1p() const { return sigmagrad::log1p(self(*this)); }
Tensor TensorMembers::sqrt() const { return sigmagrad::sqrt(self(*this)); }
Tensor TensorMembers::rsqrt() const { return sigmagrad::rsqrt(self(*this)); }
Tensor TensorMembers::square() const { return sigmagrad::square(self(*this)); }
Tensor TensorMembers::abs() const { return sigmagrad::abs(self(*this)); }
Tensor TensorMembers::sign() const { return sigmagrad::sign(self(*this)); }
Tensor TensorMembers::floor() const { return sigmagrad::floor(self(*this)); }
Tensor TensorMembers::ceil() const { return sigmagrad::ceil(self(*this)); }
Tensor TensorMembers::round() const { return sigmagrad::round(self(*this)); }
Tensor TensorMembers::pow(Scalar exponent) const { return sigmagrad::pow(self(*this), exponent); }
Tensor TensorMembers::pow(const Tensor& exponent) const { return sigmagrad::pow(self(*this), exponent); }
Tensor TensorMembers::sin() const { return sigmagrad::sin(self(*this)); }
Tensor TensorMembers::cos() const { return sigmagrad::cos(self(*this)); }
Tensor TensorMembers::tan() const { return sigmagrad::tan(self(*this)); }
Tensor TensorMembers::atan2(const Tensor& x) const { return sigmagrad::atan2(self(*this), x); }
Tensor TensorMembers::sinh() const { return sigmagrad::sinh(self(*this)); }
Tensor TensorMembers::cosh() const { return sigmagrad::cosh(self(*this)); }
Tensor TensorMembers::tanh() const { return sigmagrad::tanh(self(*this)); }
Tensor TensorMembers::erf() const { return sigmagrad::erf(self(*this)); }
Tensor TensorMembers::sigmoid() const { return sigmagrad::sigmoid(self(*this)); }
Tensor TensorMembers::relu() const { return sigmagrad::relu(self(*this)); }
Tensor TensorMembers::leaky_relu(double negative_slope) const {
  return sigmagrad::leaky_relu(self(*this), negative_slope);
}
Tensor TensorMembers::gelu() const { return sigmagrad::gelu(self(*this)); }
Tensor TensorMembers::silu() const { return sigmagrad::silu(self(*this)); }
Tensor TensorMembers::softplus(double beta) const { return sigmagrad::softplus(self(*this), beta); }
Tensor TensorMembers::elu(double alpha) const { return sigmagrad::elu(self(*this), alpha); }
Tensor TensorMembers::clamp(double low, double high) const { return sigmagrad::clamp(self(*this), low, high); }
Tensor TensorMembers::clamp_min(double low) const { return sigmagrad::clamp_min(self(*this), low); }
Tensor TensorMembers::clamp_max(double high) const { return sigmagrad::clamp_max(self(*this), high); }
Tensor TensorMembers::isfinite() const { return sigmagrad::isfinite(self(*this)); }
Tensor TensorMembers::isnan() const { return sigmagrad::isnan(self(*this)); }
Tensor TensorMembers::isinf() const { return sigmagrad::isinf(self(*this)); }
bool TensorMembers::allclose(const Tensor& b, double rtol, double atol) const {
  return sigmagrad::allclose(self(*this), b, rtol, atol);
}
Tensor& TensorMembers::add_(const Tensor& other) & { return sigmagrad::add_(self(*this), other); }
Tensor TensorMembers::add_(const Tensor& other) && { return sigmagrad::add_(temporary("add_", self(*this)), other); }
Tensor& TensorMembers::add_(Scalar value) & { return sigmagrad::add_(self(*this), value); }
Tensor TensorMembers::add_(Scalar value) && { return sigmagrad::add_(temporary("add_", self(*this)), value); }
Tensor& TensorMembers::sub_(const Tensor& other) & { return sigmagrad::sub_(self(*this), other); }
Tensor TensorMembers::sub_(const Tensor& other) && { return sigmagrad::sub_(temporary("sub_", self(*this)), other); }
Tensor& TensorMembers::sub_(Scalar value) & { return sigmagrad::sub_(self(*this), value); }
Tensor TensorMembers::sub_(Scalar value) && { return sigmagrad::sub_(temporary("sub_", self(*this)), value); }
Tensor& TensorMembers::mul_(const Tensor& other) & { return sigmagrad::mul_(self(*this), other); }
Tensor TensorMembers::mul_(const Tensor& other) && { return sigmagrad::mul_(temporary("mul_", self(*this)), other); }
Tensor& TensorMembers::mul_(Scalar value) & { return sigmagrad::mul_(self(*this), value); }
Tensor TensorMembers::mul_(Scalar value) && { return sigmagrad::mul_(temporary("mul_", self(*this)), value); }
Tensor& TensorMembers::div_(const Tensor& other) & { return sigmagrad::div_(self(*this), other); }
Tensor TensorMembers::div_(const Tensor& other) && { return sigmagrad::div_(temporary("div_", self(*this)), other); }
Tensor& TensorMembers::div_(Scalar value) & { return sigmagrad::div_(self(*this), value); }
Tensor TensorMembers::div_(Scalar value) && { return sigmagrad::div_(temporary("div_", self(*this)), value); }
Tensor& TensorMembers::zero_() & { return sigmagrad::zero_(self(*this)); }
Tensor TensorMembers::zero_() && { return sigmagrad::zero_(temporary("zero_", self(*this))); }
Tensor& TensorMembers::fill_(Scalar value) & { return sigmagrad::fill_(self(*this), value); }
Tensor TensorMembers::fill_(Scalar value) && { return sigmagrad::fill_(temporary("fill_", self(*this)), value); }
Tensor& TensorMembers::copy_(const Tensor& other) & { return sigmagrad::copy_(self(*this), other); }
Tensor TensorMembers::copy_(const Tensor& other) && { return sigmagrad::copy_(temporary("copy_", self(*this)), other); }
Tensor TensorMembers::index_select(int axis, std::span<const std::int64_t> indices) const {
  return sigmagrad::index_select(self(*this), axis, indices);
}
Tensor TensorMembers::index_select(int axis, const Tensor& indices) const {
  return sigmagrad::index_select(self(*this), axis, indices);
}
Tensor TensorMembers::index_select(int axis, std::initializer_list<std::int64_t> indices) const {
  return sigmagrad::index_select(self(*this), axis, indices);
}
Tensor TensorMembers::gather(int axis, const Tensor& indices) const {
  return sigmagrad::gather(self(*this), axis, indices);
}
Tensor TensorMembers::index_add(int axis, std::span<const std::int64_t> indices, const Tensor& source) const {
  return sigmagrad::index_add(self(*this), axis, indices, source);
}
Tensor TensorMembers::index_add(int axis, const Tensor& indices, const Tensor& source) const {
  return sigmagrad::index_add(self(*this), axis, indices, source);
}
Tensor TensorMembers::index_add(int axis, std::initializer_list<std::int64_t> indices, const Tensor& source) const {
  return sigmagrad::index_add(self(*this), axis, indices, source);
}
Tensor TensorMembers::scatter_add(int axis, const Tensor& indices, const Tensor& source) const {
  return sigmagrad::scatter_add(self(*this), axis, indices, source);
}
Tensor TensorMembers::index_put(int axis, std::span<const std::int64_t> indices, const Tensor& values) const {
  return sigmagrad::index_put(self(*this), axis, indices, values);
}
Tensor TensorMembers::index_put(int axis, const Tensor& indices, const Tensor& values) const {
  return sigmagrad::index_put(self(*this), axis, indices, values);
}
Tensor TensorMembers::index_put(int axis, std::initializer_list<std::int64_t> indices, const Tensor& values) const {
  return sigmagrad::index_put(self(*this), axis, indices, values);
}
Tensor& TensorMembers::index_put_(int axis, std::span<const std::int64_t> indices, const Tensor& values) & {
  return sigmagrad::index_put_(self(*this), axis, indices, values);
}
Tensor TensorMembers::index_put_(int axis, std::span<const std::int64_t> indices, const Tensor& values) && {
  return sigmagrad::index_put_(temporary("index_put_", self(*this)), axis, indices, values);
}
Tensor& TensorMembers::index_put_(int axis, const Tensor& indices, const Tensor& values) & {
  return sigmagrad::index_put_(self(*this), axis, indices, values);
}
Tensor TensorMembers::index_put_(int axis, const Tensor& indices, const Tensor& values) && {
  return sigmagrad::index_put_(temporary("index_put_", self(*this)), axis, indices, values);
}
Tensor& TensorMembers::index_put_(int axis, std::initializer_list<std::int64_t> indices, const Tensor& values) & {
  return sigmagrad::index_put_(self(*this), axis, indices, values);
}
Tensor TensorMembers::index_put_(int axis, std::initializer_list<std::int64_t> indices, const Tensor& values) && {
  return sigmagrad::index_put_(temporary("index_put_", self(*this)), axis, indices, values);
}
Tensor TensorMembers::one_hot(std::int64_t classes) const { return sigmagrad::one_hot(self(*this), classes); }
Tensor TensorMembers::matmul(const Tensor& b) const { return sigmagrad::matmul(self(*this), b); }
Tensor TensorMembers::outer(const Tensor& b) const { return sigmagrad::outer(self(*this), b); }
Tensor TensorMembers::batch_norm(const Tensor& mean, const Tensor& var, const Tensor& weight, const Tensor& bias,
                                 BatchNormMode mode) const {
  return sigmagrad::batch_norm(self(*this), mean, var, weight, bias, mode);
}
Tensor TensorMembers::layer_norm(const Shape& normalized, const Tensor& weight, const Tensor& bias,
                                 LayerNormMode mode) const {
  return sigmagrad::layer_norm(self(*this), normalized, weight, bias, mode);
}
Tensor TensorMembers::max_pool2d(Pair window, MaxPool2dOptions options) const {
  return sigmagrad::max_pool2d(self(*this), window, options);
}
Tensor TensorMembers::avg_pool2d(Pair window, AvgPool2dOptions options) const {
  return sigmagrad::avg_pool2d(self(*this), window, options);
}
Tensor TensorMembers::adaptive_avg_pool2d(Pair size) const { return sigmagrad::adaptive_avg_pool2d(self(*this), size); }
Tensor TensorMembers::dot(const Tensor& b) const { return sigmagrad::dot(self(*this), b); }
Tensor TensorMembers::kron(const Tensor& b) const { return sigmagrad::kron(self(*this), b); }
Tensor TensorMembers::tensordot(const Tensor& b, int axes) const { return sigmagrad::tensordot(self(*this), b, axes); }
Tensor TensorMembers::tensordot(const Tensor& b, std::initializer_list<int> axes_a,
                                std::initializer_list<int> axes_b) const {
  return sigmagrad::tensordot(self(*this), b, axes_a, axes_b);
}
Tensor TensorMembers::sum() const { return sigmagrad::sum(self(*this)); }
Tensor TensorMembers::sum(int axis, bool keepdim) const { return sigmagrad::sum(self(*this), axis, keepdim); }
Tensor TensorMembers::sum(std::initializer_list<int> axes, bool keepdim) const {
  return sigmagrad::sum(self(*this), axes, keepdim);
}
Tensor TensorMembers::mean() const { return sigmagrad::mean(self(*this)); }
Tensor TensorMembers::mean(int axis, bool keepdim) const { return sigmagrad::mean(self(*this), axis, keepdim); }
Tensor TensorMembers::mean(std::initializer_list<int> axes, bool keepdim) const {
  return sigmagrad::mean(self(*this), axes, keepdim);
}
Tensor TensorMembers::var() const { return sigmagrad::var(self(*this)); }
Tensor TensorMembers::var(int axis, bool keepdim, int correction) const {
  return sigmagrad::var(self(*this), axis, keepdim, correction);
}
Tensor TensorMembers::std() const { return sigmagrad::std(self(*this)); }
Tensor TensorMembers::std(int axis, bool keepdim, int correction) const {
  return sigmagrad::std(self(*this), axis, keepdim, correction);
}
Tensor TensorMembers::max() const { return sigmagrad::max(self(*this)); }
Tensor TensorMembers::max(int axis, bool keepdim) const { return sigmagrad::max(self(*this), axis, keepdim); }
Tensor TensorMembers::min() const { return sigmagrad::min(self(*this)); }
Tensor TensorMembers::min(int axis, bool keepdim) const { return sigmagrad::min(self(*this), axis, keepdim); }
Tensor TensorMembers::argmax() const { return sigmagrad::argmax(self(*this)); }
Tensor TensorMembers::argmax(int axis, bool keepdim) const { return sigmagrad::argmax(self(*this), axis, keepdim); }
Tensor TensorMembers::argmin() const { return sigmagrad::argmin(self(*this)); }
Tensor TensorMembers::argmin(int axis, bool keepdim) const { return sigmagrad::argmin(self(*this), axis, keepdim); }
Tensor TensorMembers::median() const { return sigmagrad::median(self(*this)); }
Tensor TensorMembers::median(int axis, bool keepdim) const { return sigmagrad::median(self(*this), axis, keepdim); }
Tensor TensorMembers::quantile(double q) const { return sigmagrad::quantile(self(*this), q); }
Tensor TensorMembers::quantile(double q, int axis, bool keepdim) const {
  return sigmagrad::quantile(self(*this), q, axis, keepdim);
}
Tensor TensorMembers::quantile(std::span<const double> q) const { return sigmagrad::quantile(self(*this), q); }
Tensor TensorMembers::quantile(std::span<const double> q, int axis, bool keepdim) const {
  return sigmagrad::quantile(self(*this), q, axis, keepdim);
}
Tensor TensorMembers::quantile(std::initializer_list<double> q) const { return sigmagrad::quantile(self(*this), q); }
Tensor TensorMembers::quantile(std::initializer_list<double> q, int axis, bool keepdim) const {
  return sigmagrad::quantile(self(*this), q, axis, keepdim);
}
Tensor TensorMembers::any() const { return sigmagrad::any(self(*this)); }
Tensor TensorMembers::any(int axis, bool keepdim) const { return sigmagrad::any(self(*this), axis, keepdim); }
Tensor TensorMembers::all() const { return sigmagrad::all(self(*this)); }
Tensor TensorMembers::all(int axis, bool keepdim) const { return sigmagrad::all(self(*this), axis, keepdim); }
Tensor TensorMembers::prod() const { return sigmagrad::prod(self(*this)); }
Tensor TensorMembers::prod(int axis, bool keepdim) const { return sigmagrad::prod(self(*this), axis, keepdim); }
Tensor TensorMembers::cumprod(int axis) const { return sigmagrad::cumprod(self(*this), axis); }
Tensor TensorMembers::logsumexp() const { return sigmagrad::logsumexp(self(*this)); }
Tensor TensorMembers::logsumexp(int axis, bool keepdim) const {
  return sigmagrad::logsumexp(self(*this), axis, keepdim);
}
Tensor TensorMembers::softmax(int axis) const { return sigmagrad::softmax(self(*this), axis); }
Tensor TensorMembers::log_softmax(int axis) const { return sigmagrad::log_softmax(self(*this), axis); }
Tensor TensorMembers::cumsum(int axis) const { return sigmagrad::cumsum(self(*this), axis); }
Tensor TensorMembers::t() const { return sigmagrad::t(self(*this)); }
Tensor TensorMembers::transpose(int a, int b) const { return sigmagrad::transpose(self(*this), a, b); }
Tensor TensorMembers::permute(std::initializer_list<int> axes) const { return sigmagrad::permute(self(*this), axes); }
Tensor TensorMembers::permute(std::span<const int> axes) const { return sigmagrad::permute(self(*this), axes); }
Tensor TensorMembers::reshape(std::initializer_list<std::int64_t> sizes) const {
  return sigmagrad::reshape(self(*this), sizes);
}
Tensor TensorMembers::reshape(const Shape& shape) const { return sigmagrad::reshape(self(*this), shape); }
Tensor TensorMembers::flatten(int first, int last) const { return sigmagrad::flatten(self(*this), first, last); }
Tensor TensorMembers::squeeze() const { return sigmagrad::squeeze(self(*this)); }
Tensor TensorMembers::squeeze(int axis) const { return sigmagrad::squeeze(self(*this), axis); }
Tensor TensorMembers::unsqueeze(int axis) const { return sigmagrad::unsqueeze(self(*this), axis); }
Tensor TensorMembers::expand(std::initializer_list<std::int64_t> sizes) const {
  return sigmagrad::expand(self(*this), sizes);
}
Tensor TensorMembers::expand(const Shape& shape) const { return sigmagrad::expand(self(*this), shape); }
Tensor TensorMembers::select(int axis, std::int64_t index) const { return sigmagrad::select(self(*this), axis, index); }
Tensor TensorMembers::narrow(int axis, std::int64_t start, std::int64_t length) const {
  return sigmagrad::narrow(self(*this), axis, start, length);
}
Tensor TensorMembers::slice(int axis, std::int64_t start, std::int64_t stop, std::int64_t step) const {
  return sigmagrad::slice(self(*this), axis, start, stop, step);
}
TensorList TensorMembers::split(std::int64_t size, int axis) const { return sigmagrad::split(self(*this), size, axis); }
TensorList TensorMembers::chunk(std::int64_t chunks, int axis) const {
  return sigmagrad::chunk(self(*this), chunks, axis);
}
TensorList TensorMembers::unbind(int axis) const { return sigmagrad::unbind(self(*this), axis); }
Tensor TensorMembers::flip(std::initializer_list<int> axes) const { return sigmagrad::flip(self(*this), axes); }
Tensor TensorMembers::flip(int axis) const { return sigmagrad::flip(self(*this), axis); }
Tensor TensorMembers::roll(std::int64_t shift, int axis) const { return sigmagrad::roll(self(*this), shift, axis); }
Tensor TensorMembers::repeat(const Shape& counts) const { return sigmagrad::repeat(self(*this), counts); }
Tensor TensorMembers::diag() const { return sigmagrad::diag(self(*this)); }
Tensor TensorMembers::diagonal() const { return sigmagrad::diagonal(self(*this)); }
Tensor TensorMembers::diag_embed() const { return sigmagrad::diag_embed(self(*this)); }
Tensor TensorMembers::trace() const { return sigmagrad::trace(self(*this)); }
Tensor TensorMembers::tril(std::int64_t diagonal) const { return sigmagrad::tril(self(*this), diagonal); }
Tensor TensorMembers::triu(std::int64_t diagonal) const { return sigmagrad::triu(self(*this), diagonal); }
SortResult TensorMembers::sort(int axis, bool descending) const {
  return sigmagrad::sort(self(*this), axis, descending);
}
Tensor TensorMembers::argsort(int axis, bool descending) const {
  return sigmagrad::argsort(self(*this), axis, descending);
}
SortResult TensorMembers::topk(std::int64_t k, int axis, bool largest) const {
  return sigmagrad::topk(self(*this), k, axis, largest);
}

}  // namespace sigmagrad::engine
