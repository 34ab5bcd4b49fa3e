// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

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

Tensor log(const Tensor& x) {
  return unary(
      "log", x, saves_input, [](auto v) { return std::log(v); },
      [](const Saved& saved, const Tensor& grad) { return grad / saved.input(); });
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

Tensor sign(const Tensor& x) {
  return unary(
      "sign", x, saves_nothing, [](auto v) { return v > 0   ? decltype(v)(1)
                                                    : v < 0 ? decltype(v)(-1)
                                                            : v; },
      [](const Saved&, const Tensor&) { return Tensor(); });
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
            plain, exact] { slope_loop(to, from, values, n, near, plain, exact); });
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
                      saves_input | saves_output,
                      [](const Saved& s, const Tensor& grad) { return -grad * s.output() * tanh(0.5 * s.input()); });
}

Tensor tanh(const Tensor& x) {
  return unary(
      "tanh", x, saves_input | saves_output, [](auto v) { return std::tanh(v); },
      [](const Saved& saved, const Tensor& grad) { return grad * tanh_slope(saved.input(), saved.output()); });
}

Tensor sigmoid(const Tensor& x) {
  const auto logistic = [](auto v) {
    using T = decltype(v);
    const T e = std::exp(-std::abs(v));
    return (v >= 0 ? T(1) : e) / (T(1) + e);
  };
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

Tensor clamp(const Tensor& x, double low, double high) {
  if (!(low <= high)) engine::fail("clamp: low must be <= high (got {} and {})", low, high);
  return unary(
      "clamp", x, saves_input,
      [low, high](auto v) {
        using T = decltype(v);
        return v < T(low) ? T(low) : v > T(high) ? T(high) : v;
      },
      [low, high](const Saved& saved, const Tensor& grad) {
        const Tensor& x_ = saved.input();
        return engine::gate(grad, (x_ >= low) * (x_ <= high), 0.0);
      });
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
