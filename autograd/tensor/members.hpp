// SPDX-License-Identifier: BSD-3-Clause
// Every operation of one tensor as a member; tools/functions writes this file from the free functions,
// whose headers say what each does.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include <sigmagrad/autograd/tensor/dtype.hpp>
#include <sigmagrad/autograd/tensor/options.hpp>
#include <sigmagrad/autograd/tensor/scalar.hpp>
#include <sigmagrad/autograd/tensor/shape.hpp>

namespace sigmagrad {

class Tensor;
struct SortResult;
struct TensorList;

namespace engine {

/// What Tensor inherits. The tensor is the first argument: x.exp() is exp(x).
class TensorMembers {
 public:
  Tensor conv2d(const Tensor& weight, const Tensor& bias, Conv2dOptions options = {}) const;
  Tensor maximum(const Tensor& b) const;
  Tensor minimum(const Tensor& b) const;
  Tensor maximum(Scalar b) const;
  Tensor minimum(Scalar b) const;
  Tensor lerp(const Tensor& b, Scalar weight) const;
  Tensor lerp(const Tensor& b, const Tensor& weight) const;
  Tensor exp() const;
  Tensor expm1() const;
  Tensor log() const;
  Tensor log2() const;
  Tensor log1p() const;
  Tensor sqrt() const;
  Tensor rsqrt() const;
  Tensor square() const;
  Tensor abs() const;
  Tensor sign() const;
  Tensor floor() const;
  Tensor ceil() const;
  Tensor round() const;
  Tensor pow(Scalar exponent) const;
  Tensor pow(const Tensor& exponent) const;
  Tensor sin() const;
  Tensor cos() const;
  Tensor tan() const;
  Tensor atan2(const Tensor& x) const;
  Tensor sinh() const;
  Tensor cosh() const;
  Tensor tanh() const;
  Tensor erf() const;
  Tensor sigmoid() const;
  Tensor relu() const;
  Tensor leaky_relu(double negative_slope = 0.01) const;
  Tensor gelu() const;
  Tensor silu() const;
  Tensor softplus(double beta = 1.0) const;
  Tensor elu(double alpha = 1.0) const;
  Tensor clamp(double low, double high) const;
  Tensor clamp_min(double low) const;
  Tensor clamp_max(double high) const;
  Tensor isfinite() const;
  Tensor isnan() const;
  Tensor isinf() const;
  bool allclose(const Tensor& b, double rtol = 1e-5, double atol = 1e-8) const;
  Tensor& add_(const Tensor& other) &;
  Tensor add_(const Tensor& other) &&;
  Tensor& add_(Scalar value) &;
  Tensor add_(Scalar value) &&;
  Tensor& sub_(const Tensor& other) &;
  Tensor sub_(const Tensor& other) &&;
  Tensor& sub_(Scalar value) &;
  Tensor sub_(Scalar value) &&;
  Tensor& mul_(const Tensor& other) &;
  Tensor mul_(const Tensor& other) &&;
  Tensor& mul_(Scalar value) &;
  Tensor mul_(Scalar value) &&;
  Tensor& div_(const Tensor& other) &;
  Tensor div_(const Tensor& other) &&;
  Tensor& div_(Scalar value) &;
  Tensor div_(Scalar value) &&;
  Tensor& zero_() &;
  Tensor zero_() &&;
  Tensor& fill_(Scalar value) &;
  Tensor fill_(Scalar value) &&;
  Tensor& copy_(const Tensor& other) &;
  Tensor copy_(const Tensor& other) &&;
  Tensor index_select(int axis, std::span<const std::int64_t> indices) const;
  Tensor index_select(int axis, const Tensor& indices) const;
  Tensor index_select(int axis, std::initializer_list<std::int64_t> indices) const;
  Tensor gather(int axis, const Tensor& indices) const;
  Tensor index_add(int axis, std::span<const std::int64_t> indices, const Tensor& source) const;
  Tensor index_add(int axis, const Tensor& indices, const Tensor& source) const;
  Tensor index_add(int axis, std::initializer_list<std::int64_t> indices, const Tensor& source) const;
  Tensor scatter_add(int axis, const Tensor& indices, const Tensor& source) const;
  Tensor index_put(int axis, std::span<const std::int64_t> indices, const Tensor& values) const;
  Tensor index_put(int axis, const Tensor& indices, const Tensor& values) const;
  Tensor index_put(int axis, std::initializer_list<std::int64_t> indices, const Tensor& values) const;
  Tensor& index_put_(int axis, std::span<const std::int64_t> indices, const Tensor& values) &;
  Tensor index_put_(int axis, std::span<const std::int64_t> indices, const Tensor& values) &&;
  Tensor& index_put_(int axis, const Tensor& indices, const Tensor& values) &;
  Tensor index_put_(int axis, const Tensor& indices, const Tensor& values) &&;
  Tensor& index_put_(int axis, std::initializer_list<std::int64_t> indices, const Tensor& values) &;
  Tensor index_put_(int axis, std::initializer_list<std::int64_t> indices, const Tensor& values) &&;
  Tensor one_hot(std::int64_t classes) const;
  Tensor matmul(const Tensor& b) const;
  Tensor outer(const Tensor& b) const;
  Tensor batch_norm(const Tensor& mean, const Tensor& var, const Tensor& weight, const Tensor& bias,
                    BatchNormMode mode = {}) const;
  Tensor layer_norm(const Shape& normalized, const Tensor& weight, const Tensor& bias, LayerNormMode mode = {}) const;
  Tensor max_pool2d(Pair window, MaxPool2dOptions options = {}) const;
  Tensor avg_pool2d(Pair window, AvgPool2dOptions options = {}) const;
  Tensor adaptive_avg_pool2d(Pair size) const;
  Tensor dot(const Tensor& b) const;
  Tensor kron(const Tensor& b) const;
  Tensor tensordot(const Tensor& b, int axes = 2) const;
  Tensor tensordot(const Tensor& b, std::initializer_list<int> axes_a, std::initializer_list<int> axes_b) const;
  Tensor sum() const;
  Tensor sum(int axis, bool keepdim = false) const;
  Tensor sum(std::initializer_list<int> axes, bool keepdim = false) const;
  Tensor mean() const;
  Tensor mean(int axis, bool keepdim = false) const;
  Tensor mean(std::initializer_list<int> axes, bool keepdim = false) const;
  Tensor var() const;
  Tensor var(int axis, bool keepdim = false, int correction = 1) const;
  Tensor std() const;
  Tensor std(int axis, bool keepdim = false, int correction = 1) const;
  Tensor max() const;
  Tensor max(int axis, bool keepdim = false) const;
  Tensor min() const;
  Tensor min(int axis, bool keepdim = false) const;
  Tensor argmax() const;
  Tensor argmax(int axis, bool keepdim = false) const;
  Tensor argmin() const;
  Tensor argmin(int axis, bool keepdim = false) const;
  Tensor median() const;
  Tensor median(int axis, bool keepdim = false) const;
  Tensor quantile(double q) const;
  Tensor quantile(double q, int axis, bool keepdim = false) const;
  Tensor quantile(std::span<const double> q) const;
  Tensor quantile(std::span<const double> q, int axis, bool keepdim = false) const;
  Tensor quantile(std::initializer_list<double> q) const;
  Tensor quantile(std::initializer_list<double> q, int axis, bool keepdim = false) const;
  Tensor any() const;
  Tensor any(int axis, bool keepdim = false) const;
  Tensor all() const;
  Tensor all(int axis, bool keepdim = false) const;
  Tensor prod() const;
  Tensor prod(int axis, bool keepdim = false) const;
  Tensor cumprod(int axis) const;
  Tensor logsumexp() const;
  Tensor logsumexp(int axis, bool keepdim = false) const;
  Tensor softmax(int axis) const;
  Tensor log_softmax(int axis) const;
  Tensor cumsum(int axis) const;
  Tensor t() const;
  Tensor transpose(int a, int b) const;
  Tensor permute(std::initializer_list<int> axes) const;
  Tensor permute(std::span<const int> axes) const;
  Tensor reshape(std::initializer_list<std::int64_t> sizes) const;
  Tensor reshape(const Shape& shape) const;
  Tensor flatten(int first = 0, int last = -1) const;
  Tensor squeeze() const;
  Tensor squeeze(int axis) const;
  Tensor unsqueeze(int axis) const;
  Tensor expand(std::initializer_list<std::int64_t> sizes) const;
  Tensor expand(const Shape& shape) const;
  Tensor select(int axis, std::int64_t index) const;
  Tensor narrow(int axis, std::int64_t start, std::int64_t length) const;
  Tensor slice(int axis, std::int64_t start, std::int64_t stop, std::int64_t step = 1) const;
  TensorList split(std::int64_t size, int axis = 0) const;
  TensorList chunk(std::int64_t chunks, int axis = 0) const;
  TensorList unbind(int axis = 0) const;
  Tensor flip(std::initializer_list<int> axes) const;
  Tensor flip(int axis) const;
  Tensor roll(std::int64_t shift, int axis) const;
  Tensor repeat(const Shape& counts) const;
  Tensor diag() const;
  Tensor diagonal() const;
  Tensor diag_embed() const;
  Tensor trace() const;
  Tensor tril(std::int64_t diagonal = 0) const;
  Tensor triu(std::int64_t diagonal = 0) const;
  SortResult sort(int axis = -1, bool descending = false) const;
  Tensor argsort(int axis = -1, bool descending = false) const;
  SortResult topk(std::int64_t k, int axis = -1, bool largest = true) const;

 protected:
  TensorMembers() = default;
  TensorMembers(const TensorMembers&) = default;
  TensorMembers& operator=(const TensorMembers&) = default;
  ~TensorMembers() = default;
};

}  // namespace engine
}  // namespace sigmagrad
