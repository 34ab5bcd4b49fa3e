// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// Several tensors that an operation or a model gives. An element of a temporary is one, too: `w.unbind()[0].zero_()`
/// is refused as `w[0].zero_()` is, and `model.parameters()[0] = t` does not compile.
struct TensorList : std::vector<Tensor> {
  using vector::vector;
  TensorList(std::vector<Tensor> tensors) : vector(std::move(tensors)) {}  // NOLINT(google-explicit-constructor)

  Tensor& operator[](std::size_t i) & { return vector::operator[](i); }
  const Tensor& operator[](std::size_t i) const& { return vector::operator[](i); }
  Tensor operator[](std::size_t i) && { return std::move(vector::operator[](i)); }
};

}  // namespace sigmagrad
