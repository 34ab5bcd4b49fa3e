// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/in_place.hpp>

#include <algorithm>
#include <functional>

#include <sigmagrad/autograd/capture/trace.hpp>
#include <sigmagrad/autograd/graph/anomaly.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/graph/node.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/indexing.hpp>
#include <sigmagrad/autograd/operations/positions.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {
namespace {

using engine::fail;
using engine::launch;
using engine::read;

void check_target(const char* name, const Tensor& target) {
  if (grad_enabled() && target.impl().leaf)
    fail("{}: an in-place change of a leaf that requires grad needs a NoGrad guard", name);
}

void check_operand(const char* name, const Tensor& target, const Tensor& other) {
  engine::check_same_dtype(name, target, other);
  if (target.shape() != other.shape() &&
      engine::broadcast_shapes(name, target.shape(), other.shape()) != target.shape())
    fail("{}: {} does not broadcast to {}", name, other.shape().str(), target.shape().str());
}

void check(const char* name, const Tensor& result) {
  if (engine::watched) [[unlikely]]
    engine::check_result(name, result);
}

// The target as it is before the update: a node that saved the target itself would make a cycle.
Tensor value_before(const Tensor& target) {
  Tensor value(engine::TensorImpl::snapshot_of(target.impl(), target.shape(), false));
  value.impl().node = target.impl().node;
  value.impl().output = target.impl().output;
  return value;
}

// The target takes over the value and the history of a result computed beside it.
void assign(Tensor& target, const Tensor& result) {
  const std::size_t bytes = static_cast<std::size_t>(target.numel()) * item_size(target.dtype());
  const void* from = result.impl().read();
  launch([to = target.impl().write(), from, bytes] { engine::copy_bytes(to, from, bytes); });
  target.impl().node = result.impl().node;
  target.impl().output = result.impl().output;
}

// target = f(target, other). If a gradient flows, the operation `op` does it and makes the node.
template <class F, class Op>
Tensor& update(const char* name, Tensor& target, const Tensor& other, F f, Op op) {
  check_target(name, target);
  check_operand(name, target, other);
  if (grad_enabled() && (target.requires_grad() || other.requires_grad())) {
    const Tensor result = op(value_before(target), other.is(target) ? value_before(target) : other);
    assign(target, result);
    return target;
  }
  const Tensor value = other.is(target) ? value_before(target) : other;  // a write may move the target's memory
  const Tensor operand = value.shape() == target.shape() ? value : value.expand(target.shape());
  engine::dispatch(target.dtype(), [&]<class T>(T) {
    const T* from = read<T>(operand);  // before write: where they share memory, the operand is read entry by entry
    launch([to = engine::write<T>(target), from, n = target.numel(), f] { engine::update_entries(to, from, n, f); });
  });
  check(name, target);
  return target;
}

template <class F, class Op>
Tensor& update(const char* name, Tensor& target, Scalar scalar, F f, Op op) {
  check_target(name, target);
  if (grad_enabled() && target.requires_grad()) {
    const Tensor result = op(value_before(target), scalar);
    assign(target, result);
    return target;
  }
  engine::dispatch(target.dtype(), [&]<class T>(T) {
    launch([to = engine::write<T>(target), n = target.numel(), scalar, f] {
      engine::parallel_for(n, engine::entry_grain,
                           [=, value = static_cast<T>(scalar.now())](std::int64_t i, std::int64_t end) {
                             engine::update_scalar_loop(to + i, value, end - i, f);
                           });
    });
  });
  check(name, target);
  return target;
}

}  // namespace

Tensor& add_(Tensor& x, const Tensor& other) { return update("add_", x, other, std::plus<>(), std::plus<>()); }
Tensor& add_(Tensor& x, Scalar value) { return update("add_", x, value, std::plus<>(), std::plus<>()); }
Tensor& sub_(Tensor& x, const Tensor& other) { return update("sub_", x, other, std::minus<>(), std::minus<>()); }
Tensor& sub_(Tensor& x, Scalar value) { return update("sub_", x, value, std::minus<>(), std::minus<>()); }
Tensor& mul_(Tensor& x, const Tensor& other) {
  return update("mul_", x, other, std::multiplies<>(), std::multiplies<>());
}
Tensor& mul_(Tensor& x, Scalar value) { return update("mul_", x, value, std::multiplies<>(), std::multiplies<>()); }
Tensor& div_(Tensor& x, const Tensor& other) { return update("div_", x, other, std::divides<>(), std::divides<>()); }
Tensor& div_(Tensor& x, Scalar value) { return update("div_", x, value, std::divides<>(), std::divides<>()); }
Tensor& zero_(Tensor& x) { return fill_(x, 0.0); }

Tensor& fill_(Tensor& x, Scalar value) {
  check_target("fill_", x);
  engine::dispatch(x.dtype(), [&]<class T>(T) {
    launch(
        [to = engine::write<T>(x), n = x.numel(), value] { engine::fill_entries(to, n, static_cast<T>(value.now())); });
  });
  engine::trace_made("fill_", x);
  if (x.impl().leaf) return x;
  x.impl().node = engine::NodeRef();  // the value no longer depends on anything
  x.impl().output = 0;
  return x;
}

Tensor& copy_(Tensor& x, const Tensor& other) {
  check_target("copy_", x);
  check_operand("copy_", x, other);
  check("copy_", other);
  const Tensor source = other.expand(x.shape());
  if (grad_enabled()) {
    assign(x, source);
    return x;
  }
  const std::size_t bytes = static_cast<std::size_t>(x.numel()) * item_size(x.dtype());
  launch([to = x.impl().write(), from = source.impl().read(), bytes] { engine::copy_bytes(to, from, bytes); });
  return x;
}

namespace {

// Slices that may be those of the target itself, as they were.
template <class Indices>
Tensor& put_slices(Tensor& target, int axis, const Indices& indices, const Tensor& values) {
  check_target("index_put_", target);
  engine::check_same_dtype("index_put_", target, values);
  axis = engine::normalize_axis("index_put_", axis, target.dim());
  const auto at = engine::slice_positions("index_put_", indices, target.size(axis));
  const Shape shape = engine::slices_shape("index_put_", target, axis, at, values);
  if (grad_enabled() && (target.requires_grad() || values.requires_grad())) {
    const Tensor result =
        index_put(value_before(target), axis, indices, values.is(target) ? value_before(target) : values);
    assign(target, result);
    return target;
  }
  const Tensor slices = values.expand(shape);
  engine::dispatch(target.dtype(), [&]<class T>(T) {
    T* const to = engine::write<T>(target);  // before read, which finds the old entries
    launch([to, from = read<T>(slices), at, view = engine::AxisView(target.shape(), axis)] {
      const T* slice = from;
      for (std::int64_t i = 0; i < view.outer; ++i)
        for (const auto index : *at) {
          std::copy_n(slice, view.inner, to + (i * view.n + index) * view.inner);
          slice += view.inner;
        }
    });
  });
  check("index_put_", target);
  return target;
}

}  // namespace

Tensor& index_put_(Tensor& x, int axis, std::span<const std::int64_t> indices, const Tensor& values) {
  return put_slices(x, axis, indices, values);
}
Tensor& index_put_(Tensor& x, int axis, const Tensor& indices, const Tensor& values) {
  return put_slices(x, axis, indices, values);
}

Tensor& engine::temporary(const char* member, Tensor& x) {
  const TensorImpl& impl = x.impl();
  if (impl.unique() && (impl.part == Part::Copied || (impl.part == Part::Shared && !impl.block->unique())))
    fail(
        "{}: a part of a tensor is a value, so that nobody would see this change; write into the whole by index_put_, "
        "or clone() the part first",
        member);
  return x;
}

}  // namespace sigmagrad
