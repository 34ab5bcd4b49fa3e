// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/spectrum.hpp>

namespace sigmagrad::linalg {
namespace {

using detail::columns_times;
using detail::differences;
using detail::divide_or_zero;
using detail::symmetric_part;

Tensor from_basis(const Tensor& V, const Tensor& x) { return matmul(matmul(V, x), V.t()); }
Tensor to_basis(const Tensor& V, const Tensor& x) { return matmul(matmul(V.t(), x), V); }

// V diag(g) V' with the eigenvectors of a, the gradient of the eigenvalues. Its derivative for fixed g has the entries
// (g_j - g_i)/(l_j - l_i) Y_ij, where Y = V' x V: only differences of g are divided by gaps.
Tensor eigen_outer(const Tensor& a, const Tensor& g) {
  Tensor value;
  {
    const NoGrad guard;
    const auto V = eigh(a).eigenvectors;
    value = symmetric_part(matmul(columns_times(V, g), V.t()));
  }
  return engine::make_node<2>(
      "eigenvalues_gradient", {&a, &g}, std::move(value), engine::saves_inputs,
      [](const engine::Saved& saved, const Tensor& x) {
        const auto [l, V] = eigh(saved.input(0));
        const auto ratios = divide_or_zero(differences(saved.input(1)), differences(l));
        return from_basis(V, ratios * to_basis(V, symmetric_part(x)));
      },
      [](const engine::Saved& saved, const Tensor& x) {
        const auto V = eigh(saved.input(0)).eigenvectors;
        return sum(V * matmul(symmetric_part(x), V), -2);
      });
}

Tensor eigh_gradient(const engine::Saved& saved, const engine::Gradients& gradients) {
  const auto& gl = gradients[0];
  const auto& gV = gradients[1];
  Tensor result;
  if (gl.defined()) result = eigen_outer(saved.input(), gl);
  if (!gV.defined()) return result;
  const auto l = saved.output(0), V = saved.output(1);
  const auto through_vectors = from_basis(V, divide_or_zero(matmul(V.t(), gV), differences(l)));
  const auto symmetric = symmetric_part(through_vectors);
  return gl.defined() ? result + symmetric : symmetric;
}

}  // namespace

Eigh eigh(const Tensor& a) {
  detail::check_square("eigh", a);
  const detail::Sizes size(a);
  const std::array<Tensor, 2> result{engine::make_tensor(size.vectors(size.rows), a.dtype()),
                                     engine::make_tensor(a.shape(), a.dtype())};
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([from = engine::read<T>(a), l = engine::fresh<T>(result[0]), v = engine::fresh<T>(result[1]),
                    count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::eigh(from + i * n * n, n, l + i * n, v + i * n * n);
    });
  });
  engine::make_node<1>("eigh", {&a}, std::span<const Tensor, 2>(result), engine::saves_input | engine::saves_output,
                       eigh_gradient);
  return {result[0], result[1]};
}

Tensor eigvals(const Tensor& a) {
  detail::check_square("eigvals", a);
  const detail::Sizes size(a);
  Tensor out = engine::make_tensor(size.matrices(size.rows, 2), a.dtype());
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([from = engine::read<T>(a), to = engine::fresh<T>(out), count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::eigenvalues(from + i * n * n, n, to + 2 * i * n);
    });
  });
  return out;
}

Eig eig(const Tensor& a) {
  detail::check_square("eig", a);
  const detail::Sizes size(a);
  const Eig result{engine::make_tensor(size.matrices(size.rows, 2), a.dtype()),
                   engine::make_tensor(a.shape().inserted(-1, 2), a.dtype())};
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([from = engine::read<T>(a), l = engine::fresh<T>(result.eigenvalues),
                    v = engine::fresh<T>(result.eigenvectors), count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i)
        detail::eigenpairs(from + i * n * n, n, l + 2 * i * n, v + 2 * i * n * n);
    });
  });
  return result;
}

Tensor eigenvector_cond(const Tensor& a) {
  const Tensor V = eig(a).eigenvectors;
  const Tensor real = V.select(-1, 0), imaginary = V.select(-1, 1);
  // As a real matrix of twice the size, which has each singular value twice.
  return cond(cat({cat({real, -imaginary}, -1), cat({imaginary, real}, -1)}, -2));
}

}  // namespace sigmagrad::linalg
