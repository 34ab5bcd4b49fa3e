// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/matmul.hpp>

#include <limits>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/gemm.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {
namespace {

using engine::fail;
using engine::Saved;

void check_operands(const Tensor& a, const Tensor& b) {
  engine::check_same_dtype("matmul", a, b);
  const std::int64_t m = a.shape()[-2], k = a.shape()[-1], n = b.shape()[-1];
  if (k != b.shape()[-2])
    fail("matmul: inner sizes differ: {} x {} ({} != {})", a.shape().str(), b.shape().str(), k, b.shape()[-2]);
  constexpr std::int64_t limit = std::numeric_limits<int>::max();
  if (m > limit || k > limit || n > limit)
    fail("matmul: sizes above {} exceed BLAS integers: {} x {}", limit, a.shape().str(), b.shape().str());
}

// An operand of a product: a tensor, read transposed or not.
struct Operand {
  Operand(const Tensor& tensor_, bool transpose_ = false)
      : tensor(tensor_), impl(tensor_.impl()), transpose(transpose_) {
    const std::int64_t* const end = impl.shape.end();
    const std::int64_t first = end[-2], second = end[-1];
    rows = transpose ? second : first;
    cols = transpose ? first : second;
    step = impl.shape.rank() > 2 ? first * second : 0;
  }
  bool stored_transposed() const { return impl.transposed != transpose; }

  const Tensor& tensor;
  const engine::TensorImpl& impl;
  bool transpose;
  std::int64_t rows, cols;
  std::int64_t step;  // to the next matrix of a batch; 0 where this is one matrix for all
};

// One product per batch entry, without history; each operand has the result's batch axes or none.
Tensor multiply(const Operand& a, const Operand& b, const Shape& batch) {
  const engine::Gemm gemm{a.rows, b.cols, a.cols, a.stored_transposed(), b.stored_transposed()};
  Tensor out = engine::make_tensor(
      batch.rank() == 0 ? Shape(gemm.m, gemm.n) : batch.inserted(-1, gemm.m).inserted(-1, gemm.n), a.impl.dtype);
  engine::dispatch(a.impl.dtype, [&]<class T>(T) {
    engine::launch([gemm, x = static_cast<const T*>(a.impl.read_as_stored()), x_step = a.step,
                    y = static_cast<const T*>(b.impl.read_as_stored()), y_step = b.step, c = engine::fresh<T>(out),
                    count = batch.numel()] { gemm(count, x, x_step, y, y_step, c); });
  });
  return out;
}

// op(a) op(b) for a gradient rule: directly if no node is to be made, else through operations.
Tensor rule_product(const Operand& a, const Operand& b) {
  const auto& shape = a.tensor.dim() > b.tensor.dim() ? a.tensor.shape() : b.tensor.shape();
  if (!grad_enabled()) return multiply(a, b, shape.rank() == 2 ? Shape() : shape.head(shape.rank() - 2));
  return matmul(a.transpose ? a.tensor.t() : a.tensor, b.transpose ? b.tensor.t() : b.tensor);
}

// The product of operands that have the batch axes of `batch` or none.
Tensor product(const Tensor& a, const Tensor& b, const Shape& batch) {
  // A gradient comes in the layout of its operand: that of W in x W' as W lies, so that no one has to copy it.
  return engine::make_node<2>(
      "matmul", {&a, &b}, multiply({a}, {b}, batch), engine::saves_inputs,
      [](const Saved& saved, const Tensor& grad) {
        const Tensor& y = saved.input(1);
        return engine::sum_to(
            saved.stored_transposed(0) ? rule_product({y}, {grad, true}).t() : rule_product({grad}, {y, true}),
            saved.shape(0));
      },
      [](const Saved& saved, const Tensor& grad) {
        const Tensor& x = saved.input(0);
        return engine::sum_to(
            saved.stored_transposed(1) ? rule_product({grad, true}, {x}).t() : rule_product({x, true}, {grad}),
            saved.shape(1));
      });
}

Tensor batched_product(const Tensor& a, const Tensor& b) {
  const Shape batch_a = a.shape().head(a.dim() - 2), batch_b = b.shape().head(b.dim() - 2);
  const Shape batch = engine::broadcast_shapes("matmul", batch_a, batch_b);
  const auto fit = [&](const Tensor& x, const Shape& own) {
    const bool repeats = x.dim() > 2 && own != batch;
    return repeats ? x.expand(batch.inserted(-1, x.size(-2)).inserted(-1, x.size(-1))) : x;
  };
  return product(fit(a, batch_a), fit(b, batch_b), batch);
}

Tensor matrix_product(const Tensor& a, const Tensor& b) {
  check_operands(a, b);
  return a.dim() == 2 && b.dim() == 2 ? product(a, b, Shape()) : batched_product(a, b);
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  if (a.dim() == 0 || b.dim() == 0)
    fail("matmul: needs at least one axis each, got {} and {}", a.shape().str(), b.shape().str());
  if (a.dim() == 1 && b.dim() == 1) return matrix_product(a.unsqueeze(0), b.unsqueeze(1)).reshape(Shape());
  if (a.dim() == 1) return matrix_product(a.unsqueeze(0), b).squeeze(-2);
  if (b.dim() == 1) return matrix_product(a, b.unsqueeze(1)).squeeze(-1);
  return matrix_product(a, b);
}

Tensor outer(const Tensor& a, const Tensor& b) {
  engine::check_same_dtype("outer", a, b);
  if (a.dim() == 0 || b.dim() == 0)
    fail("outer: needs at least one axis each, got {} and {}", a.shape().str(), b.shape().str());
  return a.unsqueeze(-1) * b.unsqueeze(-2);
}

}  // namespace sigmagrad
