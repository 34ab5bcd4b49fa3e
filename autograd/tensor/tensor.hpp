// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <initializer_list>
#include <iosfwd>
#include <span>
#include <type_traits>
#include <vector>

#include <sigmagrad/autograd/tensor/dtype.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/autograd/tensor/shape.hpp>
#include <sigmagrad/autograd/tensor/tensor_impl.hpp>

namespace sigmagrad {

/// A number in an expression. Usually a value; `Scalar::reference` reads its variable whenever the expression runs, so
/// that a captured training step follows a learning-rate schedule. The variable must outlive the step.
class Scalar {
 public:
  Scalar(double value) : value_(value) {}
  static Scalar reference(const double& variable) {
    Scalar scalar(1.0);
    scalar.variable_ = &variable;
    return scalar;
  }
  /// The number now. Throws Error inside a captured step if this is a reference: a replay would not see later changes.
  operator double() const {
    if (variable_ && engine::capturing) engine::refuse_in_capture("Scalar", "multiply tensors by it instead");
    return now();
  }
  /// The number now, for kernels, which run at every replay.
  double now() const { return variable_ ? value_ * *variable_ : value_; }

  /// A multiple of a reference is a reference: `0.5 * group.lr()`.
  template <class T>
  requires std::is_arithmetic_v<T>
  friend Scalar operator*(Scalar a, T b) {
    a.value_ *= static_cast<double>(b);
    return a;
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  friend Scalar operator*(T a, Scalar b) { return b * a; }
  friend Scalar operator-(Scalar a) { return a * -1.0; }

 private:
  double value_;  // of a reference, the factor
  const double* variable_ = nullptr;
};

namespace engine {
class Cloning;
/// Set while a model is copied deeply.
inline constinit thread_local Cloning* cloning = nullptr;
const Ref<TensorImpl>& counterpart(const Ref<TensorImpl>& original);
}  // namespace engine

/// A handle to an array of numbers that remembers how it was computed. Copying a Tensor shares its storage; every
/// operation returns a value of its own (transposes and reshapes included, though they do not copy).
class Tensor {
 public:
  /// An undefined tensor: `defined()` is false, and every operation on it throws Error.
  Tensor() = default;
  Tensor(const Tensor& other) : impl_(engine::cloning ? engine::counterpart(other.impl_) : other.impl_) {}
  Tensor(Tensor&&) noexcept = default;
  Tensor& operator=(const Tensor&) = default;
  Tensor& operator=(Tensor&&) noexcept = default;
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
  /// The entries for writing; counts as one in-place write.
  template <class T>
  std::span<T> mutable_data();

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

  // Shapes. Axes may be negative; one size of `reshape` and `expand` may be -1 (inferred, kept).
  Tensor t() const;  // the last two axes swapped
  Tensor transpose(int a, int b) const;
  Tensor permute(std::initializer_list<int> axes) const;
  Tensor reshape(std::initializer_list<std::int64_t> sizes) const;
  Tensor reshape(const Shape& shape) const;
  Tensor flatten(int first = 0, int last = -1) const;
  Tensor squeeze() const;
  Tensor squeeze(int axis) const;
  Tensor unsqueeze(int axis) const;
  Tensor expand(std::initializer_list<std::int64_t> sizes) const;
  Tensor expand(const Shape& shape) const;
  Tensor select(int axis, std::int64_t index) const;
  Tensor narrow(int axis, std::int64_t start, std::int64_t length) const;

  Tensor sum() const;
  Tensor sum(int axis, bool keepdim = false) const;
  Tensor mean() const;
  Tensor mean(int axis, bool keepdim = false) const;

  // In place. The operand broadcasts to this shape. On a leaf that requires grad they need a NoGrad guard.
  Tensor& add_(const Tensor& other);
  Tensor& add_(Scalar value);
  Tensor& sub_(const Tensor& other);
  Tensor& sub_(Scalar value);
  Tensor& mul_(const Tensor& other);
  Tensor& mul_(Scalar value);
  Tensor& div_(const Tensor& other);
  Tensor& div_(Scalar value);
  Tensor& zero_();
  Tensor& fill_(Scalar value);
  Tensor& copy_(const Tensor& other);

  Tensor& operator+=(const Tensor& other) { return add_(other); }
  Tensor& operator-=(const Tensor& other) { return sub_(other); }
  Tensor& operator*=(const Tensor& other) { return mul_(other); }
  Tensor& operator/=(const Tensor& other) { return div_(other); }
  Tensor& operator+=(Scalar value) { return add_(value); }
  Tensor& operator-=(Scalar value) { return sub_(value); }
  Tensor& operator*=(Scalar value) { return mul_(value); }
  Tensor& operator/=(Scalar value) { return div_(value); }

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
