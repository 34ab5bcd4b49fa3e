// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/operations/strided_copy.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

void check_matrix(const char* name, const Tensor& x) {
  if (x.dim() < 2) fail("{}: needs a matrix, got {}", name, x.shape().str());
}

// Matrices [..., rows, cols] of zeros with x [..., min(rows, cols)] on the diagonal.
Tensor diagonal_matrix(const char* name, const Tensor& x, std::int64_t rows, std::int64_t cols) {
  const std::int64_t n = x.size(-1);
  Tensor out = make_tensor(x.shape().with(-1, rows).inserted(-1, cols), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), size = out.numel(), count = x.numel(), rows, cols, n] {
      std::fill_n(to, size, T(0));
      for (std::int64_t e = 0; e < count; ++e) to[e / n * rows * cols + e % n * (cols + 1)] = from[e];
    });
  });
  return make_node<1>(name, {&x}, std::move(out), saves_nothing,
                      [](const Saved&, const Tensor& grad) { return diagonal(grad); });
}

// The rows of matrices [..., m, n] up to a diagonal (`lower`) or from it on, and zeros elsewhere.
template <class T>
void keep_in_rows(T* to, const T* from, std::int64_t count, std::int64_t m, std::int64_t n, std::int64_t diagonal,
                  bool lower) {
  for (std::int64_t row = 0; row * n < count; ++row, to += n, from += n) {
    const std::int64_t i = row % m;
    const std::int64_t bound = lower ? i + 1 : i;
    const std::int64_t split = diagonal >= n - bound ? n : std::max<std::int64_t>(bound + diagonal, 0);
    if (lower) {
      std::copy_n(from, split, to);
      std::fill(to + split, to + n, T(0));
    } else {
      std::fill_n(to, split, T(0));
      std::copy(from + split, from + n, to + split);
    }
  }
}

Tensor triangle(const char* name, const Tensor& x, std::int64_t diagonal, bool lower) {
  check_matrix(name, x);
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), count = x.numel(), m = x.size(-2), n = x.size(-1), diagonal, lower] {
      if (count > 0) keep_in_rows(to, from, count, m, n, diagonal, lower);
    });
  });
  return make_node<1>(name, {&x}, std::move(out), saves_nothing,
                      [=](const Saved&, const Tensor& grad) { return triangle(name, grad, diagonal, lower); });
}

}  // namespace

Tensor diagonal(const Tensor& x) {
  check_matrix("diagonal", x);
  const std::int64_t rows = x.size(-2), cols = x.size(-1), n = std::min(rows, cols);
  Tensor out = make_tensor(x.shape().head(x.dim() - 2).inserted(-1, n), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), count = out.numel(), rows, cols, n] {
      for (std::int64_t e = 0; e < count; ++e) to[e] = from[e / n * rows * cols + e % n * (cols + 1)];
    });
  });
  return make_node<1>(
      "diagonal", {&x}, as_part(std::move(out)), saves_nothing,
      [rows, cols](const Saved&, const Tensor& grad) { return diagonal_matrix("diagonal_matrix", grad, rows, cols); });
}

Tensor diag_embed(const Tensor& x) {
  if (x.dim() == 0) fail("diag_embed: needs a vector, got {}", x.shape().str());
  return diagonal_matrix("diag_embed", x, x.size(-1), x.size(-1));
}

Tensor diag(const Tensor& x) {
  if (x.dim() == 1) return diag_embed(x);
  if (x.dim() == 2) return diagonal(x);
  fail("diag: needs a vector or a matrix, got {}", x.shape().str());
}

Tensor trace(const Tensor& x) {
  check_matrix("trace", x);
  return sum(diagonal(x), -1);
}

Tensor tril(const Tensor& x, std::int64_t diagonal) { return triangle("tril", x, diagonal, true); }
Tensor triu(const Tensor& x, std::int64_t diagonal) { return triangle("triu", x, diagonal, false); }

}  // namespace sigmagrad
