// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/normalization.hpp>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/kernels/normalization.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

template <class T>
const T* read_or_null(const Tensor& x) {
  return x.defined() ? read<T>(x) : nullptr;
}
template <class T>
T* fresh_or_null(const Tensor& x) {
  return x.defined() ? fresh<T>(x) : nullptr;
}

// How both kinds look at their tensors: x as `view`, weight and bias as `coefficients`, which broadcast to it.
Shape view_of(const ChannelNorm& norm) { return {norm.samples, norm.channels, norm.size}; }
Shape view_of(const RowNorm& norm) { return Shape(norm.rows, norm.n); }
Shape coefficients_of(const ChannelNorm& norm) { return Shape(norm.channels, 1); }
Shape coefficients_of(const RowNorm& norm) { return {norm.n}; }
Tensor average(const ChannelNorm&, const Tensor& x) { return mean(x, {0, 2}, true); }
Tensor average(const RowNorm&, const Tensor& x) { return mean(x, 1, true); }
Tensor first_of(const ChannelNorm&, const Tensor& x) { return x.narrow(0, 0, 1).narrow(2, 0, 1).detach(); }
Tensor first_of(const RowNorm&, const Tensor& x) { return x.narrow(1, 0, 1).detach(); }
bool moves_with_x(const ChannelNorm& norm) { return norm.training; }
bool moves_with_x(const RowNorm&) { return true; }
void fused(const ChannelNorm& norm, auto... pointers) { channel_gradients(pointers..., norm); }
void fused(const RowNorm& norm, auto... pointers) { row_gradients(pointers..., norm); }

// The node of y = (x - mean) * scale * weight + bias. One kernel makes all gradients; where they get a graph they are
// made of operations, so that derivatives of any order exist.
template <class Norm>
class NormNode final : public Node {
 public:
  NormNode(const char* name_, const std::array<Tensor, 3>& inputs, const Tensor& means, const Tensor& scales,
           const Norm& norm)
      : Node(name_), norm_(norm), means_(SavedTensor::input(means)), scales_(SavedTensor::input(scales)) {
    for (std::size_t i = 0; i < 3; ++i) {
      if (!inputs[i].defined()) continue;
      const TensorImpl& impl = inputs[i].impl();
      edges_[i] = {impl.node, impl.output, impl.leaf};
      shapes_[i] = impl.shape;
      if (i < 2) saved_[i] = SavedTensor::input(inputs[i]);
    }
    set_edges(edges_);
    for (const Edge& edge : edges_) come_after(edge);
  }

  void backward(const Gradients& outputs, std::uint64_t wanted, std::span<Tensor> inputs) override {
    const auto wants = [&](std::size_t i) { return (wanted >> i & 1) != 0; };
    const Tensor &x = saved_[0].value(*this), &weight = saved_[1].value(*this), &grad = outputs[0];
    if (grad_enabled()) return with_graph(x, weight, grad, wants, inputs);
    for (std::size_t i = 0; i < 3; ++i)
      if (wants(i)) inputs[i] = make_tensor(shapes_[i], grad.dtype());
    const Tensor &means = means_.value(*this), &scales = scales_.value(*this);
    dispatch(grad.dtype(), [&]<class T>(T) {
      launch([norm = norm_, dx = fresh_or_null<T>(inputs[0]), dw = fresh_or_null<T>(inputs[1]),
              db = fresh_or_null<T>(inputs[2]), from = read<T>(x), w = read_or_null<T>(weight), m = read<T>(means),
              s = read<T>(scales), g = read<T>(grad)] { fused(norm, dx, dw, db, from, w, m, s, g); });
    });
  }

 private:
  void with_graph(const Tensor& x, const Tensor& weight, const Tensor& grad, auto wants,
                  std::span<Tensor> inputs) const {
    const Shape view = view_of(norm_), coefficients = coefficients_of(norm_);
    const Tensor g = reshape(grad, view), rows = reshape(x, view);
    Tensor scale, y;
    if (moves_with_x(norm_)) {
      const Tensor around = rows - first_of(norm_, rows), deviations = around - average(norm_, around);
      scale = rsqrt(average(norm_, square(deviations)) + norm_.eps);
      y = deviations * scale;
    } else {
      scale = reshape(scales_.value(*this), coefficients);
      y = (rows - reshape(means_.value(*this), coefficients)) * scale;
    }
    if (wants(0)) {
      const Tensor h = weight.defined() ? g * reshape(weight, coefficients) : g;
      const Tensor dx = moves_with_x(norm_) ? (h - average(norm_, h)) - y * average(norm_, h * y) : h;
      inputs[0] = reshape(dx * scale, shapes_[0]);
    }
    if (wants(1)) inputs[1] = reshape(sum_to(g * y, coefficients), shapes_[1]);
    if (wants(2)) inputs[2] = reshape(sum_to(g, coefficients), shapes_[2]);
  }

  void forget_saved() override {
    for (SavedTensor* saved : {&saved_[0], &saved_[1], &means_, &scales_}) saved->clear();
  }

  Norm norm_;
  std::array<Edge, 3> edges_;
  std::array<Shape, 3> shapes_;
  std::array<SavedTensor, 2> saved_;
  SavedTensor means_, scales_;
};

// y, made by kernel(T, y, means, scales), with its place in the graph.
template <class Norm, class Kernel>
Tensor normalized_by(const char* name, const std::array<Tensor, 3>& inputs, std::int64_t groups, const Norm& norm,
                     Kernel kernel) {
  const Tensor& x = inputs[0];
  Tensor out = make_tensor(x.shape(), x.dtype());
  const Tensor means = make_tensor({groups}, x.dtype()), scales = make_tensor({groups}, x.dtype());
  dispatch(x.dtype(), [&]<class T>(T type) {
    kernel(type, fresh<T>(out), fresh<T>(means), fresh<T>(scales), read<T>(x), read_or_null<T>(inputs[1]),
           read_or_null<T>(inputs[2]));
  });
  if (watched) [[unlikely]]
    check_result(name, out);
  bool needed = false;
  for (const Tensor& input : inputs) needed = needed || (input.defined() && needs_gradient(input));
  if (grad_enabled() && needed) out.impl().node = NodeRef(new_node<NormNode<Norm>>(name, inputs, means, scales, norm));
  return out;
}

// The weight may be another one (`functional_call`): of another shape it would broadcast against the batch.
void check_affine(const char* name, const Tensor& x, const Shape& shape, const Tensor& weight, const Tensor& bias) {
  for (const Tensor& parameter : {weight, bias}) {
    if (!parameter.defined()) continue;
    check_same_dtype(name, x, parameter);
    if (parameter.shape() != shape)
      fail("{}: weight and bias must be {}, got {}", name, shape.str(), parameter.shape().str());
  }
}

void check_running(const char* name, const Tensor& x, const Tensor& mean, const Tensor& var, bool training) {
  if (mean.defined() != var.defined()) fail("{}: mean and var must both be given or both be undefined", name);
  if (!mean.defined() && !training) fail("{}: without training mean and var must be given", name);
  if (!mean.defined()) return;
  for (const Tensor& running : {mean, var}) {
    check_same_dtype(name, x, running);
    if (running.shape() != Shape({x.size(1)}))
      fail("{}: mean and var must be [{}], got {}", name, x.size(1), running.shape().str());
    if (running.requires_grad()) fail("{}: no gradient flows through mean and var; detach them", name);
  }
}

}  // namespace

void engine::check_eps(const char* name, double eps) {
  if (!(eps >= 0.0)) fail("{}: eps must be >= 0 (got {})", name, eps);
}

Tensor engine::batch_norm(const char* name, const Tensor& x, const Tensor& mean, const Tensor& var,
                          const Tensor& weight, const Tensor& bias, const BatchNormMode& mode, const Tensor& momentum) {
  if (x.dim() < 2) fail("{}: x must be [N, C, ...], got {}", name, x.shape().str());
  check_affine(name, x, {x.size(1)}, weight, bias);
  check_running(name, x, mean, var, mode.training);
  check_eps(name, mode.eps);
  const ChannelNorm norm{x.size(0), x.size(1), x.shape().tail(2).numel(), mode.eps, mode.training};
  if (mode.training && norm.count() < 2)
    fail("{}: training needs more than one value a channel, got {}", name, x.shape().str());
  const auto running = [&]<class T>(T) {
    if (!mean.defined()) return Running<T>{};
    // Without training they are read alone.
    T* const m = mode.training ? write<T>(mean) : const_cast<T*>(read<T>(mean));
    T* const v = mode.training ? write<T>(var) : const_cast<T*>(read<T>(var));
    return Running<T>{m, v, mode.momentum, read_or_null<T>(momentum)};
  };
  return normalized_by(name, {x, weight, bias}, norm.channels, norm, [&](auto type, auto... pointers) {
    launch([=, statistics = running(type)] { normalize_channels(pointers..., statistics, norm); });
  });
}

Tensor engine::layer_norm(const char* name, const Tensor& x, const Shape& normalized, const Tensor& weight,
                          const Tensor& bias, double eps) {
  const int leading = x.dim() - normalized.rank();
  if (normalized.rank() == 0 || normalized.numel() == 0)
    fail("{}: needs at least one axis, none of them empty, got {}", name, normalized.str());
  if (leading < 0 || x.shape().tail(leading) != normalized)
    fail("{}: the input must be [...] with the last axes {}, got {}", name, normalized.str(), x.shape().str());
  check_affine(name, x, normalized, weight, bias);
  check_eps(name, eps);
  const RowNorm norm{x.shape().head(leading).numel(), normalized.numel(), eps};
  return normalized_by(name, {x, weight, bias}, norm.rows, norm,
                       [&](auto, auto... pointers) { launch([=] { normalize_rows(pointers..., norm); }); });
}

Tensor batch_norm(const Tensor& x, const Tensor& mean, const Tensor& var, const Tensor& weight, const Tensor& bias,
                  BatchNormMode mode) {
  return engine::batch_norm("batch_norm", x, mean, var, weight, bias, mode, {});
}

Tensor layer_norm(const Tensor& x, const Shape& normalized, const Tensor& weight, const Tensor& bias,
                  LayerNormMode mode) {
  return engine::layer_norm("layer_norm", x, normalized, weight, bias, mode.eps);
}

}  // namespace sigmagrad
