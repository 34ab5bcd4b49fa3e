// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/detail/solve.hpp>
#include <sigmagrad/linalg/expm.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>

namespace sigmagrad::linalg {

Tensor matrix_power(const Tensor& A, std::int64_t n) {
  detail::check_square("matrix_power", A);
  if (n == 0) return expand(eye(A.size(-1), A.dtype()), A.shape());
  Tensor square = n < 0 ? detail::inv("matrix_power", A) : reshape(A, A.shape()), result;
  for (auto rest = n < 0 ? -static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);; rest >>= 1) {
    if (rest & 1) result = result.defined() ? matmul(result, square) : square;
    if (rest == 1) return result;
    square = matmul(square, square);
  }
}

}  // namespace sigmagrad::linalg
