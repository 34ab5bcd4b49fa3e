// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <numbers>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

Tensor exp(const Tensor& x) {
  return unary(
      "exp", x, saves_output, [](auto v) { return std::exp(v); },
      [](const Saved& saved, const Tensor& grad) { return grad * saved.output(); });
}

Tensor expm1(const Tensor& x) {
  return unary(
      "expm1", x, saves_input, [](auto v) { return std::expm1(v); },
      [](const Saved& saved, const Tensor& grad) { return grad * exp(saved.input()); });  // the result + 1 loses digits
}

Tensor log(const Tensor& x) {
  return unary(
      "log", x, saves_input, [](auto v) { return std::log(v); },
      [](const Saved& saved, const Tensor& grad) { return grad / saved.input(); });
}

Tensor log2(const Tensor& x) {
  return unary(
      "log2", x, saves_input, [](auto v) { return std::log2(v); },
      [](const Saved& saved, const Tensor& grad) { return std::numbers::log2e * grad / saved.input(); });
}

Tensor log1p(const Tensor& x) {
  return unary(
      "log1p", x, saves_input, [](auto v) { return std::log1p(v); },
      [](const Saved& saved, const Tensor& grad) { return grad / (saved.input() + 1.0); });
}

Tensor sqrt(const Tensor& x) {
  return unary(
      "sqrt", x, saves_output, [](auto v) { return std::sqrt(v); },
      [](const Saved& saved, const Tensor& grad) { return grad / (2.0 * saved.output()); });
}

Tensor rsqrt(const Tensor& x) {
  return unary(
      "rsqrt", x, saves_input | saves_output, [](auto v) { return 1 / std::sqrt(v); },
      [](const Saved& saved, const Tensor& grad) { return -0.5 * grad * (saved.output() / saved.input()); });
}

namespace {

// 2 a b: the gradient rule of the square, and of itself.
Tensor twice_product(const Tensor& a, const Tensor& b) {
  return engine::binary(
      "twice_product", a, b, engine::saves_inputs, [](auto x, auto y) { return x * y + x * y; },  // y + y may overflow
      [](const Saved& saved, const Tensor& grad) { return twice_product(grad, saved.input(1)); },
      [](const Saved& saved, const Tensor& grad) { return twice_product(grad, saved.input(0)); });
}

}  // namespace

Tensor square(const Tensor& x) {
  return unary(
      "square", x, saves_input, [](auto v) { return v * v; },
      [](const Saved& saved, const Tensor& grad) { return twice_product(grad, saved.input()); });
}

Tensor abs(const Tensor& x) {
  return unary(
      "abs", x, saves_input, [](auto v) { return std::abs(v); },
      [](const Saved& saved, const Tensor& grad) { return masked(grad, sign(saved.input())); });
}

namespace {

// A function whose gradient is 0.
template <class F>
Tensor piecewise_constant(const char* name, const Tensor& x, F f) {
  return unary(name, x, saves_nothing, f, [](const Saved&, const Tensor&) { return Tensor(); });
}

}  // namespace

Tensor sign(const Tensor& x) {
  return piecewise_constant("sign", x, [](auto v) { return v > 0 ? decltype(v)(1) : v < 0 ? decltype(v)(-1) : v; });
}

Tensor floor(const Tensor& x) {
  return piecewise_constant("floor", x, [](auto v) { return std::floor(v); });
}

Tensor ceil(const Tensor& x) {
  return piecewise_constant("ceil", x, [](auto v) { return std::ceil(v); });
}

Tensor round(const Tensor& x) {
  return piecewise_constant("round", x, [](auto v) { return std::nearbyint(v); });
}

Tensor pow(const Tensor& x, Scalar exponent) {
  return unary(
      "pow", x, exponent, saves_input, [](auto v, auto p) { return std::pow(v, p); },
      [exponent](const Saved& saved, const Tensor& grad) {
        const Tensor& base = saved.input();
        const double p = exponent;
        if (p == 0.0) return zeros_like(grad);  // x^-1 is infinite at 0
        if (std::isinf(p)) return masked(grad, masked(pow(base, p), full({}, p, base.dtype())));  // where x^p may be 0
        return masked(grad, p * pow(base, p - 1.0));
      });
}

namespace {

// x^p log(x)^m, the m-th derivative of x^p in p, as 0 where x or x^p is 0.
Tensor log_power(const Tensor& x, const Tensor& p, int m) {
  if (m == 0) return pow(x, p);
  return binary(
      "log_power", x, p, saves_inputs,
      [m](auto v, auto e) {
        auto result = v == 0 ? decltype(v)(0) : std::pow(v, e);
        for (int i = 0; i < m && result != 0; ++i) result *= std::log(v);
        return result;
      },
      [m](const Saved& saved, const Tensor& grad) {
        const Tensor &base = saved.input(0), &e = saved.input(1);
        return masked(grad, masked(log_power(base, e - 1.0, m), e) + m * log_power(base, e - 1.0, m - 1));
      },
      [m](const Saved& saved, const Tensor& grad) {
        return masked(grad, log_power(saved.input(0), saved.input(1), m + 1));
      });
}

}  // namespace

Tensor pow(const Tensor& x, const Tensor& exponent) {
  return binary(
      "pow", x, exponent, saves_inputs, [](auto v, auto p) { return std::pow(v, p); },
      [](const Saved& saved, const Tensor& grad) {
        const Tensor &base = saved.input(0), &p = saved.input(1);
        return masked(grad, masked(pow(base, p - 1.0), p));  // 0 where p is 0, at x = 0 too
      },
      [](const Saved& saved, const Tensor& grad) {
        return masked(grad, log_power(saved.input(0), saved.input(1), 1));
      });
}

Tensor pow(Scalar base, const Tensor& exponent) { return pow(full({}, base, exponent.dtype()), exponent); }

Tensor sin(const Tensor& x) {
  return unary(
      "sin", x, saves_input, [](auto v) { return std::sin(v); },
      [](const Saved& saved, const Tensor& grad) { return grad * cos(saved.input()); });
}

Tensor cos(const Tensor& x) {
  return unary(
      "cos", x, saves_input, [](auto v) { return std::cos(v); },
      [](const Saved& saved, const Tensor& grad) { return -grad * sin(saved.input()); });
}

Tensor tan(const Tensor& x) {
  return unary(
      "tan", x, saves_output, [](auto v) { return std::tan(v); },
      [](const Saved& saved, const Tensor& grad) { return grad * (square(saved.output()) + 1.0); });
}

Tensor sinh(const Tensor& x) {
  return unary(
      "sinh", x, saves_input, [](auto v) { return std::sinh(v); },
      [](const Saved& saved, const Tensor& grad) { return grad * cosh(saved.input()); });
}

Tensor cosh(const Tensor& x) {
  return unary(
      "cosh", x, saves_input, [](auto v) { return std::cosh(v); },
      [](const Saved& saved, const Tensor& grad) { return grad * sinh(saved.input()); });
}

namespace {

// a / (a^2 + b^2), which is closed under differentiation. No square leaves the range; 0 where a or b is infinite.
Tensor inverted(const Tensor& a, const Tensor& b) {
  return binary(
      "inverted", a, b, saves_inputs,
      [](auto x, auto y) {
        using T = decltype(x);
        if (std::isinf(x) || std::isinf(y)) return std::isnan(x) || std::isnan(y) ? x + y : T(0);
        if (std::abs(x) >= std::abs(y)) {
          const T ratio = y / x;
          return 1 / x / (1 + ratio * ratio);
        }
        const T ratio = x / y;
        return ratio / y / (1 + ratio * ratio);
      },
      [](const Saved& saved, const Tensor& grad) {
        const Tensor p = inverted(saved.input(0), saved.input(1)), q = inverted(saved.input(1), saved.input(0));
        return grad * (q - p) * (q + p);
      },
      [](const Saved& saved, const Tensor& grad) {
        return -2.0 * grad * inverted(saved.input(0), saved.input(1)) * inverted(saved.input(1), saved.input(0));
      });
}

}  // namespace

Tensor atan2(const Tensor& y, const Tensor& x) {
  return binary(
      "atan2", y, x, saves_inputs, [](auto b, auto a) { return std::atan2(b, a); },
      [](const Saved& saved, const Tensor& grad) { return grad * inverted(saved.input(1), saved.input(0)); },
      [](const Saved& saved, const Tensor& grad) { return -grad * inverted(saved.input(0), saved.input(1)); });
}

Tensor isnan(const Tensor& x) {
  return engine::map(x, [](auto v) { return static_cast<decltype(v)>(std::isnan(v)); });
}

Tensor isinf(const Tensor& x) {
  return engine::map(x, [](auto v) { return static_cast<decltype(v)>(std::isinf(v)); });
}

Tensor isfinite(const Tensor& x) {
  return engine::map(x, [](auto v) { return static_cast<decltype(v)>(std::isfinite(v)); });
}

bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol) {
  const auto close = engine::map("allclose", a, b, [rtol, atol](auto x, auto y) {
    const double bound = atol + rtol * static_cast<double>(std::abs(y));  // infinite where y is
    const bool equal = x == y || (std::isfinite(bound) && static_cast<double>(std::abs(x - y)) <= bound);
    return static_cast<decltype(x)>(equal);
  });
  return (close == 0.0).sum().item() == 0.0;
}

}  // namespace sigmagrad
