// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/array.hpp>

namespace sigmagrad::testing {

Array::Array(const Shape& shape_, const std::function<double(const Index&)>& entry) : shape(shape_) {
  for (std::int64_t i = 0; i < shape.numel(); ++i) values.push_back(entry(index_of(i, shape)));
}

Array::Array(const Tensor& tensor) : shape(tensor.shape()) {
  const Tensor wide = tensor.detach().to(f64);
  values.assign(wide.data<double>().begin(), wide.data<double>().end());
}

namespace {

std::size_t offset(const Index& index, const Shape& shape) {
  std::int64_t i = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) i = i * shape[axis] + index.at(static_cast<std::size_t>(axis));
  return static_cast<std::size_t>(i);
}

}  // namespace

double Array::at(const Index& index) const { return values.at(offset(index, shape)); }
double& Array::entry(const Index& index) { return values.at(offset(index, shape)); }

Array filled(const Shape& shape, double value) {
  return Array(shape, [value](const Index&) { return value; });
}

Index index_of(std::int64_t i, const Shape& shape) {
  Index index(static_cast<std::size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; i /= shape[axis--])
    index[static_cast<std::size_t>(axis)] = i % shape[axis];
  return index;
}

Index broadcast_index(const Index& index, const Shape& operand) {
  Index result(index.end() - operand.rank(), index.end());
  for (int axis = 0; axis < operand.rank(); ++axis)
    if (operand[axis] == 1) result[static_cast<std::size_t>(axis)] = 0;
  return result;
}

std::ptrdiff_t position(int axis, const Index& index) { return axis < 0 ? axis + std::ssize(index) : axis; }

Array fold(const Array& x, int axis, bool keepdim, const Fold& f) {
  const Shape shape = keepdim ? x.shape.with(axis, 1) : x.shape.without(axis);
  const auto at = axis < 0 ? axis + x.shape.rank() : axis;
  return Array(shape, [&](Index index) {
    if (!keepdim) index.insert(index.begin() + at, 0);
    std::vector<double> column;
    for (std::int64_t k = 0; k < x.shape[at]; ++k) {
      index[static_cast<std::size_t>(at)] = k;
      column.push_back(x.at(index));
    }
    return f(column);
  });
}

Array fold(const Array& x, const Fold& f) {
  return Array(Shape(), [&](const Index&) { return f(x.values); });
}

}  // namespace sigmagrad::testing
