// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <vector>

#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/kernels/gemm.hpp>
#include <sigmagrad/linalg/iterations.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>

namespace sigmagrad::linalg {
namespace {

double shrink(double x, double by) { return std::copysign(std::max(std::abs(x) - by, 0.0), x); }

// One matrix's memory in one thread. Double precision for either dtype: the dual is a sum of many small steps.
struct Space {
  std::vector<double> w, low, sparse, dual, point, u, s, vt;
  double scale = 1.0;  // of w: a power of two, not 1 only where the squares of its entries leave the range

  template <class T>
  void load(const T* from, std::int64_t m, std::int64_t n) {
    const auto rows = static_cast<std::size_t>(m), cols = static_cast<std::size_t>(n), k = std::min(rows, cols);
    w.assign(from, from + m * n);
    bring_into_range();
    for (auto* x : {&low, &sparse, &dual}) x->assign(rows * cols, 0.0);
    point.resize(rows * cols);
    u.resize(rows * k);
    s.resize(k);
    vt.resize(k * cols);
  }

  template <class T>
  void store(const std::vector<double>& part, T* to) const {
    std::transform(part.begin(), part.end(), to, [this](double x) { return static_cast<T>(x / scale); });
  }

 private:
  void bring_into_range() {
    double squares = 0.0, largest = 0.0;
    for (const double x : w) {
      squares += x * x;
      largest = std::max(largest, std::abs(x));
    }
    const bool scaled = !engine::squares_in_range(squares) && largest > 0.0 && std::isfinite(largest);
    scale = scaled ? engine::scale_for(largest) : 1.0;
    if (scaled)
      for (double& x : w) x *= scale;
  }
};

// low = the proximal map of tau times the nuclear norm at `point`.
void soft_threshold(Space& space, std::int64_t m, std::int64_t n, double tau) {
  const auto k = static_cast<std::size_t>(std::min(m, n));
  detail::svd(space.point.data(), m, n, space.u.data(), space.s.data(), space.vt.data(), "robust_pca");
  for (std::size_t i = 0; i < space.u.size(); ++i) space.u[i] *= shrink(space.s[i % k], tau);
  engine::Gemm{m, n, std::min(m, n), false, false}(1, space.u.data(), 0, space.vt.data(), 0, space.low.data());
}

// One turn of the alternating directions; returns ||w - low - sparse||_F^2.
double turn(Space& space, std::int64_t m, std::int64_t n, double mu, double lambda) {
  auto& [w, low, sparse, dual, point, u, s, vt, scale] = space;
  for (std::size_t i = 0; i < w.size(); ++i) point[i] = w[i] - sparse[i] + dual[i] / mu;
  soft_threshold(space, m, n, 1.0 / mu);
  double residual = 0.0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    sparse[i] = shrink(w[i] - low[i] + dual[i] / mu, lambda / mu);
    const double rest = w[i] - low[i] - sparse[i];
    dual[i] += mu * rest;
    residual += rest * rest;
  }
  return residual;
}

void pursue(Space& space, std::int64_t m, std::int64_t n, const RobustPCAOptions& options) {
  double sum = 0.0, squares = 0.0;
  for (const double x : space.w) {
    sum += std::abs(x);
    squares += x * x;
  }
  if (!std::isfinite(sum)) engine::fail("robust_pca: input has non-finite entries");
  if (sum == 0.0) return;
  const double mu = static_cast<double>(m * n) / (4.0 * sum);
  const double lambda = options.lambda > 0.0 ? options.lambda : 1.0 / std::sqrt(static_cast<double>(std::max(m, n)));
  double residual = squares;
  for (int i = 0; i < options.max_iterations; ++i) {
    residual = turn(space, m, n, mu, lambda);
    if (residual <= options.tolerance * options.tolerance * squares) return;
  }
  engine::fail("robust_pca: no convergence in {} iterations (residual {:.1e}, tolerance {:.1e})",
               options.max_iterations, std::sqrt(residual / squares), options.tolerance);
}

void check_options(const RobustPCAOptions& options) {
  if (!(options.lambda >= 0.0)) engine::fail("robust_pca: lambda must be >= 0 (got {})", options.lambda);
  if (!(options.tolerance > 0.0)) engine::fail("robust_pca: tolerance must be > 0 (got {})", options.tolerance);
  if (options.max_iterations < 1)
    engine::fail("robust_pca: max_iterations must be >= 1 (got {})", options.max_iterations);
}

}  // namespace

RobustPCA robust_pca(const Tensor& w, const RobustPCAOptions& options) {
  const detail::Sizes size("robust_pca", w);
  check_options(options);
  const RobustPCA result{engine::make_tensor(w.shape(), w.dtype()), engine::make_tensor(w.shape(), w.dtype())};
  engine::dispatch(w.dtype(), [&]<class T>(T) {
    engine::launch([from = engine::read<T>(w), low = engine::fresh<T>(result.low_rank),
                    sparse = engine::fresh<T>(result.sparse), count = size.batch.numel(), m = size.rows, n = size.cols,
                    options] {
      thread_local Space space;
      for (std::int64_t i = 0; i < count; ++i) {
        space.load(from + i * m * n, m, n);
        pursue(space, m, n, options);
        space.store(space.low, low + i * m * n);
        space.store(space.sparse, sparse + i * m * n);
      }
    });
  });
  return result;
}

}  // namespace sigmagrad::linalg
