// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include <sigmagrad/autograd/memory/pool.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::engine {

using PositionList = std::vector<std::int64_t, PoolAllocator<std::int64_t>>;
/// Positions on an axis, shared by a kernel, its gradient and its replays, which outlive the caller's own.
using Positions = std::shared_ptr<const PositionList>;

inline Positions positions(std::span<const std::int64_t> list) {
  return std::allocate_shared<const PositionList>(PoolAllocator<PositionList>(), list.begin(), list.end());
}

/// The entries of `indices`, read anew whenever a captured step runs. Error where one is no position on an axis of
/// `size` entries, or so large that its dtype may have rounded it.
Positions positions(const char* operation, const Tensor& indices, std::int64_t size);
/// Positions of slices: a list, or a tensor [k].
Positions slice_positions(const char* operation, std::span<const std::int64_t> indices, std::int64_t size);
Positions slice_positions(const char* operation, const Tensor& indices, std::int64_t size);
/// The shape of the slices of x at some positions on an axis. Error where `values` do not broadcast to it.
Shape slices_shape(const char* operation, const Tensor& x, int axis, const Positions& indices, const Tensor& values);

}  // namespace sigmagrad::engine
