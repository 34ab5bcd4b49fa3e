// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/tensor/tensor.hpp>

#include <sigmagrad/autograd/operations/in_place.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using engine::dispatch;
using engine::fail;
using engine::fresh;
using engine::launch;
using engine::make_tensor;
using engine::read;
using engine::Saved;
using engine::TensorImpl;

void Tensor::throw_undefined() { throw Error("tensor: undefined (default-constructed, or a gradient that is absent)"); }

double Tensor::item() const {
  engine::refuse_in_capture("item", "return the tensor from the body, and read output()");
  if (numel() != 1) fail("item: needs exactly one entry, got {}", shape().str());
  return dispatch(dtype(), [&]<class T>(T) { return static_cast<double>(*read<T>(*this)); });
}

template <class T>
std::span<const T> Tensor::data() const {
  engine::refuse_in_capture("data", "return the tensor from the body, and read output()");
  if (dtype() != dtype_of<T>) fail("data: asked for {}, the tensor is {}", name_of(dtype_of<T>), name_of(dtype()));
  return {read<T>(*this), static_cast<std::size_t>(numel())};
}

template <class T>
std::span<T> Tensor::mutable_data() & {
  engine::refuse_in_capture("mutable_data", "write before the call, or use copy_");
  if (dtype() != dtype_of<T>)
    fail("mutable_data: asked for {}, the tensor is {}", name_of(dtype_of<T>), name_of(dtype()));
  return {engine::write<T>(*this), static_cast<std::size_t>(numel())};
}

template <class T>
std::span<T> Tensor::mutable_data() && {
  return engine::temporary("mutable_data", *this).template mutable_data<T>();
}

double Tensor::at(std::initializer_list<std::int64_t> indices) const {
  engine::refuse_in_capture("at", "return the tensor from the body, and read output()");
  if (std::ssize(indices) != dim()) fail("at: {} indices given for {}", indices.size(), shape().str());
  std::int64_t place = 0;
  int axis = 0;
  for (const auto index : indices) {
    const std::int64_t size = shape()[axis], at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) fail("at: index {} is out of range for axis {} of {}", index, axis, shape().str());
    place = place * size + at;
    ++axis;
  }
  return dispatch(dtype(), [&]<class T>(T) { return static_cast<double>(read<T>(*this)[place]); });
}

std::vector<double> Tensor::to_vector() const {
  engine::refuse_in_capture("to_vector", "return the tensor from the body, and read output()");
  return dispatch(dtype(), [&]<class T>(T) {
    const T* const from = read<T>(*this);
    return std::vector<double>(from, from + numel());
  });
}

template std::span<const double> Tensor::data() const;
template std::span<const float> Tensor::data() const;
template std::span<double> Tensor::mutable_data() &;
template std::span<float> Tensor::mutable_data() &;
template std::span<double> Tensor::mutable_data() &&;
template std::span<float> Tensor::mutable_data() &&;

Tensor Tensor::requires_grad_(bool enable) {
  TensorImpl& self = impl();
  if (enable == requires_grad()) return *this;
  if (!enable && !self.leaf) fail("requires_grad_: only a leaf can stop requiring grad; use detach()");
  if (enable) {
    self.node = engine::NodeRef(engine::new_node<engine::LeafNode>(&self));
  } else {
    engine::orphan_leaf(self.node.get());
    self.node = engine::NodeRef();
  }
  self.leaf = enable;
  if (self.in_replay.load(std::memory_order_relaxed)) ++engine::body_changes;
  self.output = 0;
  return *this;
}

Tensor Tensor::grad() const {
  if (engine::capturing) engine::replay_reads_grad(impl());
  return Tensor(impl().grad);
}

void Tensor::zero_grad() {
  impl().grad = nullptr;
  if (engine::capturing) engine::replay_sets_grad(impl());
}

void Tensor::set_grad(const Tensor& grad) {
  if (grad.shape() != shape() || grad.dtype() != dtype())
    fail("set_grad: the gradient is {} {}, the tensor {} {}", grad.shape().str(), name_of(grad.dtype()), shape().str(),
         name_of(dtype()));
  impl().grad = grad.ref();
  if (engine::capturing) engine::replay_sets_grad(impl());
}

Tensor Tensor::detach() const {
  const TensorImpl& self = impl();
  Tensor result(self.snapshot ? TensorImpl::snapshot_of(self, shape(), false)
                              : TensorImpl::make(shape(), dtype(), self.block));
  result.impl().part = self.part;
  return result;
}

Tensor Tensor::clone() const {
  return engine::unary(
      "clone", *this, engine::saves_nothing, [](auto v) { return v; },
      [](const Saved&, const Tensor& grad) { return grad; });
}

Tensor Tensor::to(Dtype target) const {
  if (target == dtype()) return *this;
  Tensor out = make_tensor(shape(), target);
  dispatch(dtype(), [&]<class From>(From) {
    dispatch(target, [&]<class To>(To) {
      launch([to = fresh<To>(out), from = read<From>(*this), n = numel()] {
        engine::parallel_for(n, engine::entry_grain, [=](std::int64_t i, std::int64_t end) {
          for (; i < end; ++i) to[i] = static_cast<To>(from[i]);
        });
      });
    });
  });
  return engine::make_node<1>("to", {this}, std::move(out), engine::saves_nothing,
                              [source = dtype()](const Saved&, const Tensor& grad) { return grad.to(source); });
}

}  // namespace sigmagrad
