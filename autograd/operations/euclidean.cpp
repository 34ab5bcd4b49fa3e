// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/euclidean.hpp>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad::engine {
namespace {

// x size / length is (x scale) factor. The scale is 1 unless size / length alone leaves the range.
template <class T>
void split(T length, T size, T& scale, T& factor) {
  scale = T(1);
  factor = length == T(0) ? T(0) : size / length;
  if (factor == T(0) ? size == T(0) || length == T(0) : std::isnormal(factor)) return;
  scale = scale_for(length);
  factor = size / (length * scale);
}

template <class T>
SIGMAGRAD_MULTIVERSION void scale_along(T* out, const T* x, const T* scale, const T* factor, const AxisView& view) {
  for (std::int64_t i = 0; i < view.outer; ++i, scale += view.inner, factor += view.inner) {
    const std::int64_t n = view.inner == 1 ? view.n : view.inner, rows = view.inner == 1 ? 1 : view.n;
    const bool one = view.inner == 1;
    for (std::int64_t k = 0; k < rows; ++k, out += n, x += n)
      if (one)
        for (std::int64_t j = 0; j < n; ++j) out[j] = (x[j] * scale[0]) * factor[0];
      else
        for (std::int64_t j = 0; j < n; ++j) out[j] = (x[j] * scale[j]) * factor[j];
  }
}

}  // namespace

Tensor euclidean_norm(const Tensor& x, int axis, bool keepdim) {
  axis = normalize_axis("norm", axis, x.dim());
  const Shape kept = x.shape().with(axis, 1);
  const Tensor squares = map(x, [](auto v) { return v * v; });
  Tensor out = make_tensor(keepdim ? kept : x.shape().without(axis), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), squared = read<T>(squares), view = AxisView(x.shape(), axis)] {
      sum_axis(to, squared, view);
      for (std::int64_t i = 0; i < view.outer; ++i)
        for (std::int64_t j = 0; j < view.inner; ++j) {
          T& entry = to[i * view.inner + j];
          entry = norm_from(entry, from + i * view.n * view.inner + j, view.n, view.inner);
        }
    });
  });
  return make_node<1>("norm", {&x}, std::move(out), saves_input | saves_output,
                      [axis, kept](const Saved& saved, const Tensor& grad) {
                        return with_length(saved.input(), saved.output().reshape(kept), grad.reshape(kept), axis);
                      });
}

Tensor with_length(const Tensor& x, const Tensor& length, const Tensor& size, int axis) {
  axis = normalize_axis("with_length", axis, x.dim());
  check_same_dtype("with_length", x, length);
  check_same_dtype("with_length", x, size);
  Tensor out = make_tensor(x.shape(), x.dtype());
  const Tensor scales = make_tensor(length.shape(), x.dtype()), factors = make_tensor(length.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), scale = fresh<T>(scales), factor = fresh<T>(factors), from = read<T>(x),
            lengths = read<T>(length), sizes = read<T>(size), view = AxisView(x.shape(), axis)] {
      for (std::int64_t i = 0; i < view.outer * view.inner; ++i) split(lengths[i], sizes[i], scale[i], factor[i]);
      scale_along(to, from, scale, factor, view);
    });
  });
  return make_node<3>(
      "with_length", {&x, &length, &size}, std::move(out), saves_inputs | saves_output,
      [axis](const Saved& saved, const Tensor& grad) {
        return with_length(grad, saved.input(1), saved.input(2), axis);
      },
      [axis](const Saved& saved, const Tensor& grad) {
        const Tensor& length_ = saved.input(1);
        return -with_length(sum(grad * saved.output(), axis, true), length_, ones_like(length_), axis);
      },
      [axis](const Saved& saved, const Tensor& grad) {
        const Tensor& length_ = saved.input(1);
        return sum(grad * with_length(saved.input(0), length_, ones_like(length_), axis), axis, true);
      });
}

namespace {

constexpr auto root_of_squares = [](auto a, auto b) {
  const auto squares = a * a + b * b;
  return squares_in_range(squares) ? std::sqrt(squares) : std::hypot(a, b);
};

}  // namespace

Tensor hypotenuse(const Tensor& a, const Tensor& b) { return map("hypotenuse", a, b, root_of_squares); }
Tensor hypotenuse(const Tensor& a, Scalar b) { return map(a, b, root_of_squares); }

Tensor scales_for(const Tensor& largest) {
  return map(largest, [](auto v) { return v == 0 || !std::isfinite(v) ? decltype(v)(1) : scale_for(v); });
}

}  // namespace sigmagrad::engine

namespace sigmagrad {

Tensor Tensor::norm() const { return engine::euclidean_norm(flatten(), 0); }
Tensor Tensor::norm(int axis, bool keepdim) const { return engine::euclidean_norm(*this, axis, keepdim); }

}  // namespace sigmagrad
