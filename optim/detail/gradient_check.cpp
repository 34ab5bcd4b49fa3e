// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/gradient_check.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/loops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim::detail {
namespace {

// Whether all entries are at most `limit` in size, which NaN is not.
template <class T, bool Decay>
SIGMAGRAD_MULTIVERSION bool all_within(const T* grad, const T* p, std::int64_t n, T limit, T decay) {
  engine::Count<T> beyond = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = Decay ? grad[i] + decay * p[i] : grad[i];
    beyond |= std::abs(g) <= limit ? engine::Count<T>(0) : engine::Count<T>(1);
  }
  return beyond == 0;
}

template <class T>
void refuse_beyond_limit(T limit, const CheckedGradient& given, double decay) {
  const T *g = engine::read<T>(given.grad), *p = engine::read<T>(given.parameter);
  engine::launch([g, p, n = given.grad.numel(), limit, decay = static_cast<T>(decay), optimizer = given.optimizer,
                  number = given.number, shape = given.grad.shape()] {
    std::atomic<bool> fine = true;
    engine::parallel_for(n, engine::entry_grain, [&](std::int64_t i, std::int64_t end) {
      if (!(decay == T(0) ? all_within<T, false>(g + i, p + i, end - i, limit, decay)
                          : all_within<T, true>(g + i, p + i, end - i, limit, decay)))
        fine.store(false, std::memory_order_relaxed);
    });
    if (!fine) refuse_gradient(optimizer, number, shape, g);
  });
}

}  // namespace

void refuse_beyond(double limit, const CheckedGradient& given, double decay) {
  engine::dispatch(given.grad.dtype(), [&]<class T>(T) {
    const double most = std::numeric_limits<T>::max();
    refuse_beyond_limit(static_cast<T>(std::min(limit, most)), given, decay);
  });
}

void refuse_infinite_squares(const CheckedGradient& given, double decay) {
  engine::dispatch(given.grad.dtype(),
                   [&]<class T>(T) { refuse_beyond_limit(std::sqrt(std::numeric_limits<T>::max()), given, decay); });
}

template <class T>
void refuse_gradient(const char* optimizer, std::size_t number, const Shape& shape, const T* grad) {
  const auto worse = [](T a, T b) { return std::isnan(b) || std::abs(a) < std::abs(b); };
  const T entry = *std::max_element(grad, grad + shape.numel(), worse);
  engine::fail(
      "{}: the gradient of parameter {} {} has an entry of {}, expected one with which the {} numbers that the "
      "optimiser keeps stay finite",
      optimizer, number, shape.str(), entry, name_of(std::is_same_v<T, double> ? f64 : f32));
}
template void refuse_gradient(const char*, std::size_t, const Shape&, const double*);
template void refuse_gradient(const char*, std::size_t, const Shape&, const float*);

}  // namespace sigmagrad::optim::detail
