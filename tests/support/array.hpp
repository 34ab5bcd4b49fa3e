// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::testing {

using Index = std::vector<std::int64_t>;

/// What the references compute with: doubles in row-major order, one at a time.
struct Array {
  Array(const Shape& shape_, const std::function<double(const Index&)>& entry);
  explicit Array(const Tensor& tensor);

  double at(const Index& index) const;
  double& entry(const Index& index);

  Shape shape;
  std::vector<double> values;
};
using Arrays = std::vector<Array>;
Array filled(const Shape& shape, double value);

/// The index of the i-th entry in row-major order.
Index index_of(std::int64_t i, const Shape& shape);
/// The index of an operand's entry that broadcasting puts at `index` of the result.
Index broadcast_index(const Index& index, const Shape& operand);
/// The position of an axis that may be negative.
std::ptrdiff_t position(int axis, const Index& index);

using Fold = std::function<double(const std::vector<double>&)>;
/// Every column along the axis folded to one number.
Array fold(const Array& x, int axis, bool keepdim, const Fold& f);
/// All entries folded to one.
Array fold(const Array& x, const Fold& f);

}  // namespace sigmagrad::testing
