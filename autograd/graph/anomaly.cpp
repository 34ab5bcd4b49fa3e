// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/graph/anomaly.hpp>

#include <cmath>
#include <limits>

#include <sigmagrad/autograd/capture/trace.hpp>
#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::engine {
namespace {

template <class T>
bool all_finite(const T* x, std::int64_t n) {
  bool finite = true;
  // Without a way out, so that it is vectorised.
  for (std::int64_t i = 0; i < n; ++i) finite &= std::abs(x[i]) <= std::numeric_limits<T>::max();
  return finite;
}

// `describe` gives what was found and where it belongs: "result", "gradient of input 1".
template <class Describe>
void check(const char* operation, const Tensor& values, Describe describe) {
  dispatch(values.dtype(), [&]<class T>(T) {
    launch([operation, x = read<T>(values), shape = values.shape(), describe] {
      if (all_finite(x, shape.numel())) return;
      std::int64_t i = 0;
      while (std::isfinite(x[i])) ++i;
      fail("DetectAnomaly: {} gave a non-finite value in its {} {} at entry {} ({})", operation, describe(),
           shape.str(), i, static_cast<double>(std::isnan(x[i]) ? std::abs(x[i]) : x[i]));  // no sign of a NaN
    });
  });
}

}  // namespace

void check_result(const char* operation, const Tensor& result) {
  if (watched & watch_traced) tracing->add(operation, result);
  if (watched & watch_finite) check(operation, result, [] { return std::string("result"); });
}

void check_gradient(const char* operation, std::size_t input, const Tensor& gradient) {
  if (watched & watch_traced) tracing->add(fmt::format("the gradient of input {} of {}", input, operation), gradient);
  if (watched & watch_finite)
    check(operation, gradient, [input] { return fmt::format("gradient of input {}", input); });
}

}  // namespace sigmagrad::engine
