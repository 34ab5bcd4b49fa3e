// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/parametrizations.hpp>

#include <cmath>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/euclidean.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/linalg/svd.hpp>

namespace sigmagrad::nn {
namespace {

using linalg::detail::columns_times;
using linalg::detail::rows_times;
using linalg::detail::times;

// What one parametrisation trains and keeps.
struct Own : Module {
  using Module::register_buffer;
  using Module::register_parameter;
};

Shape with_last_axes(const Tensor& w, std::int64_t rows, std::int64_t cols) {
  return w.shape().with(-2, rows).with(-1, cols);
}

void check_matrix(const char* recipe, const Tensor& weight) {
  if (weight.dim() < 2) engine::fail("{}: the weight must be [..., out, in], got {}", recipe, weight.shape().str());
}

Tensor dot(const Tensor& a, const Tensor& b) { return (a * b).sum(-1); }
// x over its length, or `old` where that is 0 or not a number.
Tensor direction(const Tensor& x, const Tensor& old) {
  const auto length = linalg::vector_norm(x).unsqueeze(-1);
  return where(length > 0.0, x / where(length > 0.0, length, 1.0), old);
}

}  // namespace

Tensor detail::kernel_rows(const Tensor& kernels, int kernel_axes) { return kernels.flatten(-1 - kernel_axes, -1); }

Parametrization detail::of_kernels(Parametrization step, int kernel_axes) {
  const auto rows = [kernel_axes](const Tensor& w) { return kernel_rows(w, kernel_axes); };
  Parametrization result{
      .weight = [rows, weight = step.weight](const Tensor& w) { return weight(rows(w)).reshape(w.shape()); },
      .module = step.module};
  if (step.advance) result.advance = [rows, advance = step.advance](const Tensor& w) { advance(rows(w)); };
  return result;
}

Tensor ParametrizationChain::operator()(const Tensor& original) const {
  Tensor weight = original;
  for (const auto& step : steps_) weight = step.weight(weight);
  return weight;
}

void ParametrizationChain::advance(const Tensor& original) const {
  const NoGrad guard;
  Tensor weight = original;
  for (const auto& step : steps_) {
    if (step.advance) step.advance(weight);
    if (&step != &steps_.back()) weight = step.weight(weight);
  }
}

Parametrization Multipliers::start(const Tensor& weight) const {
  check_matrix("Multipliers", weight);
  Own own;
  const Shape& shape = weight.shape();
  const auto parameter = [&](bool wanted, const char* name, int other_axis) {
    return wanted ? own.register_parameter(name, ones(shape.without(other_axis), weight.dtype())) : Tensor();
  };
  const auto row = parameter(rows, "row", -1), col = parameter(cols, "col", -2);
  return {.weight =
              [row, col](const Tensor& w) {
                const Tensor scaled = row.defined() ? rows_times(row, w) : w;
                return col.defined() ? columns_times(scaled, col) : scaled;
              },
          .module = own};
}

Parametrization SpectralNorm::start(const Tensor& weight) const {
  check_matrix("SpectralNorm", weight);
  Own own;
  const auto [U, S, Vt] = linalg::svd(weight);
  Tensor u = own.register_buffer("u", U.select(-1, 0)), v = own.register_buffer("v", Vt.select(-2, 0));
  // Copies, for `advance` may run again before the gradient is taken.
  const auto divided = [u, v](const Tensor& w) {
    const auto s1 = dot(u.clone(), times(w, v.clone()));
    return w / where(s1 == 0.0, 1.0, s1).unsqueeze(-1).unsqueeze(-1);
  };
  const auto power_step = [u, v](const Tensor& w) mutable {
    const NoGrad guard;
    v.copy_(direction(times(w.t(), u), v));
    u.copy_(direction(times(w, v), u));
  };
  return {.weight = divided, .advance = power_step, .module = own};
}

Parametrization WeightNorm::start(const Tensor& weight) const {
  check_matrix("WeightNorm", weight);
  Own own;
  const auto magnitude = own.register_parameter("magnitude", linalg::row_norms(weight));
  return {.weight =
              [magnitude](const Tensor& w) {
                const auto lengths = linalg::row_norms(w).unsqueeze(-1);
                return engine::with_length(w, lengths, magnitude.unsqueeze(-1), -1);
              },
          .module = own};
}

Parametrization Orthogonal::start(const Tensor& weight) const {
  check_matrix("Orthogonal", weight);
  return {.weight = [](const Tensor& w) { return linalg::polar_factor(w); }};
}

Parametrization LowRank::start(const Tensor& weight) const {
  check_matrix("LowRank", weight);
  if (rank < 1) engine::fail("LowRank: rank must be >= 1 (got {})", rank);
  Own own;
  const auto out = weight.size(-2), in = weight.size(-1);
  const auto A = own.register_parameter("A", zeros(with_last_axes(weight, out, rank), weight.dtype()));
  const auto B = own.register_parameter(
      "B", randn(with_last_axes(weight, rank, in), weight.dtype()) / std::sqrt(static_cast<double>(in)));
  return {.weight = [A, B](const Tensor& w) { return w + matmul(A, B); }, .module = own};
}

Parametrization SingularValues::start(const Tensor& weight) const {
  check_matrix("SingularValues", weight);
  Own own;
  const auto start = linalg::svd(weight);
  Tensor U = own.register_buffer("U", start.U), Vt = own.register_buffer("Vt", start.Vt);
  const auto correction = own.register_parameter("correction", zeros_like(start.S));
  const auto corrected = [U, Vt, correction](const Tensor& w) {
    return w + matmul(columns_times(U.clone(), correction), Vt.clone());
  };
  const auto follow = [U, Vt](const Tensor& w) mutable {
    const NoGrad guard;
    const auto now = linalg::svd(w);
    U.copy_(now.U);
    Vt.copy_(now.Vt);
  };
  return {.weight = corrected, .advance = follow, .module = own};
}

}  // namespace sigmagrad::nn
