// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/kernels/broadcast.hpp>

namespace sigmagrad::engine {
namespace {

using Axes = std::array<std::int64_t, Shape::max_rank>;

Axes strides_under(const Shape& result, const Shape& operand) {
  Axes strides{};
  std::int64_t stride = 1;
  for (int axis = 1; axis <= operand.rank(); ++axis) {
    if (operand[-axis] != 1) strides[static_cast<std::size_t>(result.rank() - axis)] = stride;
    stride *= operand[-axis];
  }
  return strides;
}

}  // namespace

Broadcast::Broadcast(const Shape& result, const Shape& a, const Shape& b) {
  const Axes a_all = strides_under(result, a), b_all = strides_under(result, b);
  for (int axis = 0; axis < result.rank(); ++axis) {
    const auto from = static_cast<std::size_t>(axis);
    if (result[axis] == 1) continue;
    // The axis before continues this one where stepping once there equals running through here, for both operands.
    const auto last = static_cast<std::size_t>(rank - 1);
    if (rank > 0 && a_strides[last] == a_all[from] * result[axis] && b_strides[last] == b_all[from] * result[axis]) {
      sizes[last] *= result[axis];
      a_strides[last] = a_all[from];
      b_strides[last] = b_all[from];
      continue;
    }
    const auto to = static_cast<std::size_t>(rank++);
    sizes[to] = result[axis];
    a_strides[to] = a_all[from];
    b_strides[to] = b_all[from];
  }
  if (rank == 0) sizes[static_cast<std::size_t>(rank++)] = 1;
}

}  // namespace sigmagrad::engine
