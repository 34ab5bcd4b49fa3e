// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/majorization.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::linalg {
namespace {

// Both in falling order, and what their sums may lack for rounding.
struct Pair {
  std::vector<double> s, t;
  double slack = 0.0;

  Pair(const char* operation, const Tensor& s_, const Tensor& t_) {
    engine::check_same_dtype(operation, s_, t_);
    if (s_.dim() != 1 || s_.shape() != t_.shape())
      engine::fail("{}: needs two vectors of one length, got {} and {}", operation, s_.shape().str(), t_.shape().str());
    s = falling(operation, s_);
    t = falling(operation, t_);
    const double epsilon = s_.dtype() == f64 ? std::numeric_limits<double>::epsilon()
                                             : static_cast<double>(std::numeric_limits<float>::epsilon());
    double sizes = 0.0;
    for (const auto* values : {&s, &t})
      for (const double x : *values) sizes += std::abs(x);
    slack = static_cast<double>(s.size()) * epsilon * sizes;
  }

  // Whether no sum of leading entries of s is below that of t; `excess` is that of all entries.
  bool leads(double& excess) const {
    excess = 0.0;
    for (std::size_t i = 0; i < s.size(); ++i) {
      excess += s[i] - t[i];
      if (excess < -slack) return false;
    }
    return true;
  }

 private:
  static std::vector<double> falling(const char* operation, const Tensor& x) {
    const Tensor values = x.detach().to(f64);
    std::vector<double> sorted(values.data<double>().begin(), values.data<double>().end());
    for (const double value : sorted)
      if (!std::isfinite(value)) engine::fail("{}: input has non-finite entries", operation);
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    return sorted;
  }
};

}  // namespace

bool majorizes(const Tensor& s, const Tensor& t) {
  const Pair pair("majorizes", s, t);
  double excess = 0.0;
  return pair.leads(excess) && excess <= pair.slack;
}

bool weakly_majorizes(const Tensor& s, const Tensor& t) {
  double excess = 0.0;
  return Pair("weakly_majorizes", s, t).leads(excess);
}

}  // namespace sigmagrad::linalg
