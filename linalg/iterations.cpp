// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/iterations.hpp>

#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/detail/start_vector.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>

namespace sigmagrad::linalg {
namespace {

Tensor default_start(const detail::Sizes& size, Dtype dtype) {
  Tensor out = engine::make_tensor(size.vectors(size.rows), dtype);
  engine::dispatch(dtype, [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(out), count = size.batch.numel(), m = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::start_vector(to + i * m, m);
    });
  });
  return out;
}

// x [..., n] divided by its length; zeros stay zeros.
Tensor normalized(const Tensor& x) { return detail::divide_or_zero(x, engine::euclidean_norm(x, -1, true)); }

}  // namespace

PowerIteration power_iteration(const Tensor& w, int steps, const Tensor& u) {
  const detail::Sizes size("power_iteration", w);
  if (steps < 1) engine::fail("power_iteration: steps must be >= 1 (got {})", steps);
  if (u.defined() && u.shape() != size.vectors(size.rows))
    engine::fail("power_iteration: u must be {} for {} (got {})", size.vectors(size.rows).str(), w.shape().str(),
                 u.shape().str());
  if (u.defined()) engine::check_same_dtype("power_iteration", w, u);
  PowerIteration result;
  {
    const NoGrad guard;
    result.u = u.defined() ? u.detach() : default_start(size, w.dtype());
    for (int step = 0; step < steps; ++step) {
      result.v = normalized(detail::times(w.t(), result.u));
      result.u = normalized(detail::times(w, result.v));
    }
  }
  result.sigma = sum(result.u * detail::times(w, result.v), -1);
  return result;
}

}  // namespace sigmagrad::linalg
