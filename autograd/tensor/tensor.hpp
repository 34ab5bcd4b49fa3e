// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <initializer_list>
#include <iosfwd>
#include <span>
#include <type_traits>
#include <vector>

#include <sigmagrad/autograd/tensor/dtype.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/autograd/tensor/members.hpp>
#include <sigmagrad/autograd/tensor/shape.hpp>
#include <sigmagrad/autograd/tensor/tensor_impl.hpp>

namespace sigmagrad {

namespace engine {
class Cloning;
/// Set while a model is copied deeply.
inline constinit thread_local Cloning* cloning = nullptr;
const Ref<TensorImpl>& counterpart(const Ref<TensorImpl>& original);
}  // namespace engine

/// A handle to an array of numbers that remembers how it was computed. Copying a Tensor shares its storage; every
/// operation returns a value of its own (transposes and reshapes included, though they do not copy).
///
/// What computes is inherited: every function of a tensor is a member, too, and x.exp() is exp(x).
class Tensor : public engine::TensorMembers {
 public:
  /// An undefined tensor: `defined()` is false, and every operation on it throws Error.
  Tensor() = default;
  Tensor(const Tensor& other) : impl_(engine::cloning ? engine::counterpart(other.impl_) : other.impl_) {}
  Tensor(Tensor&&) noexcept = default;
  /// Lets this handle refer to another tensor. A temporary is no place for it: `w.select(0, 0) = y` does not compile,
  /// for a part of a tensor is a value; `index_put_` writes into the whole.
  Tensor& operator=(const Tensor&) & = default;
  Tensor& operator=(Tensor&&) & noexcept = default;
  Tensor& operator=(const Tensor&) && = delete;  // a part is a value: write into the whole by index_put_
  ~Tensor() = default;

  // Looking. All but `defined` throw Error on an undefined tensor.
  bool defined() const { return static_cast<bool>(impl_); }
  const Shape& shape() const { return impl().shape; }
  /// Size of one axis; negative axes count from the end.
  std::int64_t size(int axis) const;
  int dim() const { return impl().shape.rank(); }
  std::int64_t numel() const { return impl().shape.numel(); }
  Dtype dtype() const { return impl().dtype; }
  /// The only entry of a tensor of one entry, of any rank and dtype.
  double item() const;
  /// The entries, row-major. T must match dtype(): double or float.
  template <class T>
  std::span<const T> data() const;
  /// The entries for writing; counts as one in-place write. On a temporary part of a tensor that nobody else would see
  /// it is refused, as in-place operations are.
  template <class T>
  std::span<T> mutable_data() &;
  template <class T>
  std::span<T> mutable_data() &&;

  // History.
  bool requires_grad() const { return static_cast<bool>(impl().node); }
  /// Makes this tensor a leaf whose gradient `backward` accumulates. Returns the tensor.
  Tensor requires_grad_(bool enable = true);
  /// The accumulated gradient; an undefined tensor where there is none.
  Tensor grad() const;
  void set_grad(const Tensor& grad);
  void zero_grad();
  /// Accumulates d(this)/d(leaf) into the grad of every leaf. This must hold one entry.
  /// The graph is released on the way unless `retain_graph`; `create_graph` makes the gradients differentiable.
  struct BackwardOptions {
    bool retain_graph = false;
    bool create_graph = false;
  };
  void backward() const { backward(BackwardOptions{}); }
  void backward(BackwardOptions options) const;
  /// A tensor of the same storage without history; of a transpose or a reshape, one of the same value.
  Tensor detach() const;
  /// The entries in row-major order, those of f32 converted. Throws Error for an undefined tensor, and inside a
  /// captured step.
  std::vector<double> to_vector() const;
  /// A copy with its own storage, through which gradients flow.
  Tensor clone() const;
  /// The entries converted to `dtype` (the tensor itself where it has it already); gradients flow back converted.
  Tensor to(Dtype dtype) const;

  Tensor& operator+=(const Tensor& other) & { return add_(other); }
  Tensor& operator-=(const Tensor& other) & { return sub_(other); }
  Tensor& operator*=(const Tensor& other) & { return mul_(other); }
  Tensor& operator/=(const Tensor& other) & { return div_(other); }
  Tensor& operator+=(Scalar value) & { return add_(value); }
  Tensor& operator-=(Scalar value) & { return sub_(value); }
  Tensor& operator*=(Scalar value) & { return mul_(value); }
  Tensor& operator/=(Scalar value) & { return div_(value); }

  /// The Euclidean length of all entries, or of the vectors along an axis, in range wherever the result is. Its
  /// gradient is 0 where the length is 0. A member alone: the free function would hide `linalg::norm`, that of
  /// matrices.
  Tensor norm() const;
  Tensor norm(int axis, bool keepdim = false) const;

  /// Entry or slice number `index` of the first axis, which goes away: x.select(0, index).
  Tensor operator[](std::int64_t index) const { return select(0, index); }
  /// The entry at one index for each axis; negative ones count from the end.
  double at(std::initializer_list<std::int64_t> indices) const;

  /// True where both handles share one tensor.
  bool is(const Tensor& other) const { return impl_ == other.impl_; }

  explicit Tensor(engine::Ref<engine::TensorImpl> impl) : impl_(std::move(impl)) {}
  engine::TensorImpl& impl() const {
    if (!impl_) throw_undefined();
    return *impl_;
  }
  const engine::Ref<engine::TensorImpl>& ref() const& { return impl_; }
  engine::Ref<engine::TensorImpl> ref() && { return std::move(impl_); }

 private:
  [[noreturn]] static void throw_undefined();

  engine::Ref<engine::TensorImpl> impl_;
};

/// Prints like NumPy: nested brackets, long axes summarised.
std::ostream& operator<<(std::ostream& out, const Tensor& tensor);

}  // namespace sigmagrad
