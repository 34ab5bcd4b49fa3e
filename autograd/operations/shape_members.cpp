// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/shape_ops.hpp>

// The shape operations as members of Tensor.
namespace sigmagrad {

std::int64_t Tensor::size(int axis) const { return shape()[engine::normalize_axis("size", axis, dim())]; }

Tensor Tensor::t() const { return sigmagrad::t(*this); }
Tensor Tensor::transpose(int a, int b) const { return sigmagrad::transpose(*this, a, b); }
Tensor Tensor::permute(std::initializer_list<int> axes) const { return sigmagrad::permute(*this, axes); }
Tensor Tensor::reshape(std::initializer_list<std::int64_t> sizes) const { return sigmagrad::reshape(*this, sizes); }
Tensor Tensor::reshape(const Shape& shape) const { return sigmagrad::reshape(*this, shape); }
Tensor Tensor::flatten(int first, int last) const { return sigmagrad::flatten(*this, first, last); }
Tensor Tensor::squeeze() const { return sigmagrad::squeeze(*this); }
Tensor Tensor::squeeze(int axis) const { return sigmagrad::squeeze(*this, axis); }
Tensor Tensor::unsqueeze(int axis) const { return sigmagrad::unsqueeze(*this, axis); }
Tensor Tensor::expand(std::initializer_list<std::int64_t> sizes) const { return sigmagrad::expand(*this, sizes); }
Tensor Tensor::expand(const Shape& shape) const { return sigmagrad::expand(*this, shape); }
Tensor Tensor::select(int axis, std::int64_t index) const { return sigmagrad::select(*this, axis, index); }
Tensor Tensor::narrow(int axis, std::int64_t start, std::int64_t length) const {
  return sigmagrad::narrow(*this, axis, start, length);
}

}  // namespace sigmagrad
