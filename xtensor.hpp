// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <memory>
#include <vector>

#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>

#include <sigmagrad/autograd/tensor/creation.hpp>

// Tensors to and from xtensor. The one header of sigmagrad that needs xtensor and xsimd (Debian: libxtensor-dev,
// libxsimd-dev); <sigmagrad/sigmagrad.hpp> does not include it.
namespace sigmagrad {

/// The entries without a copy, or of a transpose, a reshape or another value that lies in a tensor's memory, with one.
/// The view keeps the memory alive; without a copy it shows later in-place writes. T must match the dtype: double or
/// float.
template <class T>
auto view(const Tensor& tensor) {
  const Tensor source = tensor.impl().snapshot ? tensor.detach().clone() : tensor;
  const auto entries = source.data<T>();
  const std::vector<std::size_t> shape(source.shape().begin(), source.shape().end());
  return xt::adapt_smart_ptr<xt::layout_type::row_major>(
      entries.data(), shape, std::make_shared<const engine::Ref<engine::Block>>(source.impl().block));
}

/// A copy of the entries. T must match the dtype: double or float.
template <class T>
xt::xarray<T> to_xarray(const Tensor& tensor) {
  return view<T>(tensor);
}

/// A tensor of the values of an xtensor expression of double or float.
template <class E>
requires std::same_as<typename E::value_type, double> || std::same_as<typename E::value_type, float> Tensor
from_xarray(const xt::xexpression<E>& expression) {
  using T = typename E::value_type;
  const E& values = expression.derived_cast();
  const std::vector<std::int64_t> sizes(values.shape().begin(), values.shape().end());
  Tensor result = empty(Shape(sizes), dtype_of<T>);
  const auto entries = result.mutable_data<T>();
  std::copy(values.template begin<xt::layout_type::row_major>(), values.template end<xt::layout_type::row_major>(),
            entries.begin());
  return result;
}

}  // namespace sigmagrad
