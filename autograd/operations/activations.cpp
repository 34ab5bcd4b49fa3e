// SPDX-License-Identifier: BSD-3-Clause
// What networks put between their layers, and the sigmoid and the normal distribution that they are made of.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

// The slopes of a function that saturates at 1, from its inputs x and values y: plain(y), but exact(x) where y is so
// near to 1 that the difference in `plain` has lost five bits.
template <class T, class Plain, class Exact>
SIGMAGRAD_MULTIVERSION void slope_loop(T* __restrict out, const T* x, const T* y, std::int64_t n, T near_one,
                                       Plain plain, Exact exact) {
  constexpr std::int64_t block = 64;  // in which few exponentials cost no more than those few
  for (std::int64_t from = 0, end = 0; from < n; from = end) {
    end = std::min(n, from + block);
    Count<T> saturated = 0;
    for (std::int64_t i = from; i < end; ++i) {
      out[i] = plain(y[i]);
      saturated |= std::abs(y[i]) > near_one ? Count<T>(1) : Count<T>(0);
    }
    for (std::int64_t i = from; saturated != 0 && i < end; ++i)
      if (std::abs(y[i]) > near_one) out[i] = exact(x[i]);
  }
}

template <class Plain, class Exact>
Tensor slope(const Tensor& x, const Tensor& y, double near_one, Plain plain, Exact exact) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), values = read<T>(y), n = x.numel(), near = static_cast<T>(near_one),
            plain, exact] {
      parallel_for(n, entry_grain, [=](std::int64_t i, std::int64_t end) {
        slope_loop(to + i, from + i, values + i, end - i, near, plain, exact);
      });
    });
  });
  return out;
}

// The derivative of sigmoid(x), without cancellation.
constexpr auto logistic_density = [](auto v) {
  const auto e = std::exp(-std::abs(v));
  return e / ((1 + e) * (1 + e));
};

// 1 - y^2 for y = tanh(x).
Tensor tanh_slope(const Tensor& x, const Tensor& y) {
  return make_node<1>("tanh_slope", {&x},
                      slope(
                          x, y, std::sqrt(1.0 - 0x1p-5), [](auto v) { return 1 - v * v; },
                          [](auto v) { return 4 * logistic_density(2 * v); }),
                      saves_input | saves_output,
                      [](const Saved& s, const Tensor& grad) { return -2.0 * grad * s.output() * tanh(s.input()); });
}

}  // namespace

Tensor engine::sigmoid_slope(const Tensor& x, const Tensor& y) {
  return make_node<1>("sigmoid_slope", {&x},
                      slope(
                          x, y, 1.0 - 0x1p-5, [](auto v) { return v * (1 - v); }, logistic_density),
                      saves_input | saves_output, [](const Saved& s, const Tensor& grad) {
                        return -masked(grad, s.output()) * tanh(0.5 * s.input());
                      });
}

Tensor tanh(const Tensor& x) {
  return unary(
      "tanh", x, saves_input | saves_output, [](auto v) { return std::tanh(v); },
      [](const Saved& saved, const Tensor& grad) { return grad * tanh_slope(saved.input(), saved.output()); });
}

namespace {

constexpr auto logistic = [](auto v) {
  using T = decltype(v);
  const T e = std::exp(-std::abs(v));
  return (v >= 0 ? T(1) : e) / (T(1) + e);
};

}  // namespace

Tensor sigmoid(const Tensor& x) {
  return unary("sigmoid", x, saves_input | saves_output, logistic, [](const Saved& saved, const Tensor& grad) {
    return grad * sigmoid_slope(saved.input(), saved.output());
  });
}

// Selects rather than multiplies by 0: an infinite gradient of an entry that is left out must not become NaN.
Tensor engine::gate(const Tensor& grad, const Tensor& x, double slope) {
  return binary(
      "gate", grad, x, saves_input << 1,
      [slope](auto g, auto v) {
        return v > 0 ? g : slope == 0.0 ? decltype(g)(0) : g * static_cast<decltype(g)>(slope);
      },
      [slope](const Saved& saved, const Tensor& outer) { return gate(outer, saved.input(1), slope); },
      [](const Saved&, const Tensor&) { return Tensor(); });
}

// NaN must pass through: `v > 0 ? v : 0` would hide it.
Tensor relu(const Tensor& x) {
  return unary(
      "relu", x, saves_input, [](auto v) { return v < 0 ? decltype(v)(0) : v; },
      [](const Saved& saved, const Tensor& grad) { return engine::gate(grad, saved.input(), 0.0); });
}

Tensor leaky_relu(const Tensor& x, double negative_slope) {
  return unary(
      "leaky_relu", x, saves_input,
      [negative_slope](auto v) { return v < 0 ? masked_product(v, static_cast<decltype(v)>(negative_slope)) : v; },
      [negative_slope](const Saved& saved, const Tensor& grad) {
        return engine::gate(grad, saved.input(), negative_slope);
      });
}

namespace {

// The entries between `low` and `high`, which are not NaN.
Tensor clamped(const char* name, const Tensor& x, double low, double high) {
  return unary(
      name, x, saves_input,
      [low, high](auto v) {
        using T = decltype(v);
        return v < T(low) ? T(low) : v > T(high) ? T(high) : v;
      },
      [low, high](const Saved& saved, const Tensor& grad) {
        const Tensor& x_ = saved.input();
        return engine::gate(grad, (x_ >= low) * (x_ <= high), 0.0);
      });
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

Tensor clamp(const Tensor& x, double low, double high) {
  if (!(low <= high)) engine::fail("clamp: low must be <= high (got {} and {})", low, high);
  return clamped("clamp", x, low, high);
}

Tensor clamp_min(const Tensor& x, double low) {
  if (std::isnan(low)) engine::fail("clamp_min: low must be a number (got {})", low);
  return clamped("clamp_min", x, low, infinity);
}

Tensor clamp_max(const Tensor& x, double high) {
  if (std::isnan(high)) engine::fail("clamp_max: high must be a number (got {})", high);
  return clamped("clamp_max", x, -infinity, high);
}

namespace {

// exp(-a v^2) for a power of two a. The square of a large number is rounded so far off that the exponential would lose
// three digits: what is missing of it comes in afterwards.
double bell(double v, double a) {
  const double square = v * v, e = std::exp(-a * square);
  return e == 0.0 ? e : e - e * (a * std::fma(v, v, -square));
}

// The normal distribution's cumulative function, erfc(z) / 2 at z = -v / sqrt(2). Far left, where the relative slope of
// erfc is some -2 z, what rounding took from z comes in afterwards.
double normal_cumulative(double v) {
  constexpr double root_half = std::numbers::sqrt2 / 2.0, rest_of_root_half = -4.833646656726457e-17;
  const double z = -v * root_half, result = 0.5 * std::erfc(z);
  if (!(z > 1.0) || result == 0.0) return result;
  const double missing = std::fma(-v, root_half, -z) - v * rest_of_root_half;
  return result - result * (2.0 * z * missing);
}

Tensor gaussian(const Tensor& x, double a) {
  return unary(
      "gaussian", x, saves_input | saves_output,
      [a](auto v) { return static_cast<decltype(v)>(bell(static_cast<double>(v), a)); },
      [a](const Saved& s, const Tensor& grad) { return masked(-2.0 * a * grad, masked(s.input(), s.output())); });
}

Tensor normal_density(const Tensor& x) {
  return gaussian(x, 0.5) * (0.5 * std::numbers::inv_sqrtpi * std::numbers::sqrt2);
}

constexpr auto cumulative = [](auto v) { return static_cast<decltype(v)>(normal_cumulative(static_cast<double>(v))); };

Tensor normal_distribution(const Tensor& x) {
  return unary("normal_distribution", x, saves_input, cumulative,
               [](const Saved& saved, const Tensor& grad) { return grad * normal_density(saved.input()); });
}

}  // namespace

Tensor erf(const Tensor& x) {
  return unary(
      "erf", x, saves_input, [](auto v) { return std::erf(v); },
      [](const Saved& saved, const Tensor& grad) {
        return grad * (2.0 * std::numbers::inv_sqrtpi * gaussian(saved.input(), 1.0));
      });
}

// Far from 0 a factor is 0 where the other is infinite.
Tensor gelu(const Tensor& x) {
  return unary(
      "gelu", x, saves_input, [](auto v) { return masked_product(v, cumulative(v)); },
      [](const Saved& saved, const Tensor& grad) {
        const Tensor& x_ = saved.input();
        return grad * (normal_distribution(x_) + masked(x_, normal_density(x_)));
      });
}

Tensor silu(const Tensor& x) {
  return unary(
      "silu", x, saves_input, [](auto v) { return masked_product(v, logistic(v)); },
      [](const Saved& saved, const Tensor& grad) {
        const Tensor& x_ = saved.input();
        const Tensor y = sigmoid(x_);
        return grad * (y + masked(x_, sigmoid_slope(x_, y)));
      });
}

Tensor softplus(const Tensor& x, double beta) {
  if (!(beta > 0.0 && std::isfinite(beta))) fail("softplus: beta must be > 0 and finite (got {})", beta);
  return unary(
      "softplus", x, saves_input,
      [beta](auto v) {
        using T = decltype(v);
        return (v < 0 ? T(0) : v) + std::log1p(std::exp(-std::abs(T(beta) * v))) / T(beta);
      },
      [beta](const Saved& saved, const Tensor& grad) { return grad * sigmoid(beta * saved.input()); });
}

namespace {

// The derivative of elu: `right` where x is positive, which is 0 for the further ones.
Tensor elu_slope(const Tensor& x, double alpha, double right) {
  return unary(
      "elu_slope", x, saves_input,
      [alpha, right](auto v) {
        using T = decltype(v);
        return v > 0 ? T(right) : T(alpha) * std::exp(v);
      },
      [alpha](const Saved& saved, const Tensor& grad) { return masked(grad, elu_slope(saved.input(), alpha, 0.0)); });
}

}  // namespace

Tensor elu(const Tensor& x, double alpha) {
  return unary(
      "elu", x, saves_input, [alpha](auto v) { return v > 0 ? v : static_cast<decltype(v)>(alpha) * std::expm1(v); },
      [alpha](const Saved& saved, const Tensor& grad) { return grad * elu_slope(saved.input(), alpha, 1.0); });
}

}  // namespace sigmagrad
