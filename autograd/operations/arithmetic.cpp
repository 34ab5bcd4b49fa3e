// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <functional>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using engine::binary;
using engine::masked_product;
using engine::Saved;
using engine::saves_input;
using engine::saves_inputs;
using engine::saves_nothing;
using engine::unary;

namespace {

constexpr auto subtract_from = [](auto a, auto b) { return b - a; };
constexpr auto divide_into = [](auto a, auto b) { return b / a; };

constexpr auto pass = [](const Saved&, const Tensor& grad) { return grad; };
constexpr auto negate = [](const Saved&, const Tensor& grad) { return -grad; };

}  // namespace

void engine::fail_at_dtypes(const char* operation, const Tensor& a, const Tensor& b) {
  fail("{}: dtypes differ: {} and {} (convert one with to())", operation, name_of(a.dtype()), name_of(b.dtype()));
}

Tensor operator+(const Tensor& a, const Tensor& b) {
  return binary("add", a, b, saves_nothing, std::plus<>(), pass, pass);
}
Tensor operator-(const Tensor& a, const Tensor& b) {
  return binary("sub", a, b, saves_nothing, std::minus<>(), pass, negate);
}

Tensor operator*(const Tensor& a, const Tensor& b) {
  return binary(
      "mul", a, b, saves_inputs, std::multiplies<>(),  //
      [](const Saved& saved, const Tensor& grad) { return grad * saved.input(1); },
      [](const Saved& saved, const Tensor& grad) { return grad * saved.input(0); });
}

Tensor engine::masked(const Tensor& a, const Tensor& b) {
  return binary(
      "masked", a, b, saves_inputs, masked_product,
      [](const Saved& saved, const Tensor& grad) { return masked(grad, saved.input(1)); },
      [](const Saved& saved, const Tensor& grad) { return masked(grad, saved.input(0)); });
}

Tensor operator/(const Tensor& a, const Tensor& b) {
  return binary(
      "div", a, b, saves_inputs, std::divides<>(),  //
      [](const Saved& saved, const Tensor& grad) { return grad / saved.input(1); },
      [](const Saved& saved, const Tensor& grad) {
        const Tensor& y = saved.input(1);
        return -grad * (saved.input(0) / y) / y;
      });
}

Tensor operator+(const Tensor& a, Scalar b) { return unary("add", a, b, saves_nothing, std::plus<>(), pass); }
Tensor operator-(const Tensor& a, Scalar b) { return unary("sub", a, b, saves_nothing, std::minus<>(), pass); }
Tensor operator+(Scalar a, const Tensor& b) { return b + a; }
Tensor operator-(Scalar a, const Tensor& b) { return unary("sub", b, a, saves_nothing, subtract_from, negate); }

Tensor operator*(const Tensor& a, Scalar b) {
  return unary("mul", a, b, saves_nothing, std::multiplies<>(),
               [b](const Saved&, const Tensor& grad) { return grad * b; });
}
Tensor operator*(Scalar a, const Tensor& b) { return b * a; }

Tensor operator/(const Tensor& a, Scalar b) {
  return unary("div", a, b, saves_nothing, std::divides<>(),
               [b](const Saved&, const Tensor& grad) { return grad / b; });
}
Tensor operator/(Scalar a, const Tensor& b) {
  return unary("div", b, a, saves_input, divide_into, [a](const Saved& saved, const Tensor& grad) {
    const Tensor& y = saved.input();
    return -grad * (a / y) / y;
  });
}
Tensor operator-(const Tensor& x) {
  return unary(
      "neg", x, saves_nothing, [](auto v) { return -v; }, negate);
}

namespace {

// The one of two entries that is `better`. It has the gradient, ties a half each; NaN is better than any number.
template <class Better>
Tensor extreme(const char* name, const Tensor& a, const Tensor& b, Better better) {
  const auto share = [better](auto mine, auto other) {
    using T = decltype(mine);
    return better(mine, other) || std::isnan(mine) ? T(1) : mine == other ? T(0.5) : T(0);
  };
  const auto rule = [share](std::size_t mine, std::size_t other) {
    return [=](const Saved& s, const Tensor& grad) {
      return engine::masked(grad, engine::map("share", s.input(mine), s.input(other), share));
    };
  };
  return binary(
      name, a, b, saves_inputs, [better](auto x, auto y) { return better(x, y) || std::isnan(x) ? x : y; }, rule(0, 1),
      rule(1, 0));
}

}  // namespace

Tensor maximum(const Tensor& a, const Tensor& b) {
  return extreme("maximum", a, b, [](auto x, auto y) { return x > y; });
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  return extreme("minimum", a, b, [](auto x, auto y) { return x < y; });
}

Tensor maximum(const Tensor& a, Scalar b) { return maximum(a, full({}, b, a.dtype())); }
Tensor minimum(const Tensor& a, Scalar b) { return minimum(a, full({}, b, a.dtype())); }

// y - x is beyond the range where x and y are large and of different signs: then, or beside an infinity, the two
// products are added, which loses no digits there.
Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& weight) {
  engine::check_same_dtype("lerp", a, b);
  engine::check_same_dtype("lerp", a, weight);
  const Shape shape =
      engine::broadcast_shapes("lerp", engine::broadcast_shapes("lerp", a.shape(), b.shape()), weight.shape());
  const auto from = a.expand(shape), to = b.expand(shape), by = weight.expand(shape);
  Tensor out = engine::make_tensor(shape, a.dtype());
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([o = engine::fresh<T>(out), p = engine::read<T>(from), q = engine::read<T>(to),
                    w = engine::read<T>(by), n = shape.numel()] {
      engine::parallel_for(n, engine::entry_grain, [=](std::int64_t i, std::int64_t end) {
        for (; i < end; ++i) {
          const T x = p[i], y = q[i], share = w[i], way = y - x;
          o[i] = !std::isfinite(way) ? masked_product(T(1) - share, x) + masked_product(share, y)
                 : share < T(0.5)    ? x + share * way
                                     : y - way * (T(1) - share);
        }
      });
    });
  });
  return engine::make_node<3>(
      "lerp", {&from, &to, &by}, std::move(out), saves_inputs,  //
      [](const Saved& saved, const Tensor& grad) { return grad * (1.0 - saved.input(2)); },
      [](const Saved& saved, const Tensor& grad) { return grad * saved.input(2); },
      [](const Saved& saved, const Tensor& grad) { return grad * (saved.input(1) - saved.input(0)); });
}

Tensor lerp(const Tensor& a, const Tensor& b, Scalar weight) { return lerp(a, b, full({}, weight, a.dtype())); }

Tensor where(const Tensor& condition, Scalar a, Scalar b) {
  return where(condition, full({}, a, condition.dtype()), full({}, b, condition.dtype()));
}
Tensor where(const Tensor& condition, const Tensor& a, Scalar b) { return where(condition, a, full({}, b, a.dtype())); }
Tensor where(const Tensor& condition, Scalar a, const Tensor& b) { return where(condition, full({}, a, b.dtype()), b); }

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  engine::check_same_dtype("where", condition, a);
  engine::check_same_dtype("where", a, b);
  const Shape shape =
      engine::broadcast_shapes("where", engine::broadcast_shapes("where", a.shape(), b.shape()), condition.shape());
  const auto mask = condition.detach().expand(shape), x = a.expand(shape), y = b.expand(shape);
  Tensor out = engine::make_tensor(shape, a.dtype());
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(out), m = engine::read<T>(mask), p = engine::read<T>(x),
                    q = engine::read<T>(y), n = shape.numel()] {
      engine::parallel_for(n, engine::entry_grain, [=](std::int64_t i, std::int64_t end) {
        for (; i < end; ++i) to[i] = m[i] != T(0) ? p[i] : q[i];
      });
    });
  });
  return engine::make_node<3>(
      "where", {&mask, &x, &y}, std::move(out), saves_input,  //
      [](const Saved&, const Tensor&) { return Tensor(); },
      [](const Saved& saved, const Tensor& grad) { return engine::gate(grad, saved.input() != 0.0, 0.0); },
      [](const Saved& saved, const Tensor& grad) { return engine::gate(grad, saved.input() == 0.0, 0.0); });
}

#define SIGMAGRAD_COMPARISON(OP)                                                                          \
  Tensor operator OP(const Tensor& a, const Tensor& b) {                                                  \
    return engine::map("compare", a, b, [](auto x, auto y) { return static_cast<decltype(x)>(x OP y); }); \
  }                                                                                                       \
  Tensor operator OP(const Tensor& a, Scalar b) {                                                         \
    return engine::map(a, b, [](auto x, auto y) { return static_cast<decltype(x)>(x OP y); });            \
  }
SIGMAGRAD_COMPARISON(<)
SIGMAGRAD_COMPARISON(<=)
SIGMAGRAD_COMPARISON(>)
SIGMAGRAD_COMPARISON(>=)
SIGMAGRAD_COMPARISON(==)
SIGMAGRAD_COMPARISON(!=)
#undef SIGMAGRAD_COMPARISON

Tensor operator!(const Tensor& mask) { return mask == 0.0; }

Tensor operator&&(const Tensor& a, const Tensor& b) {
  return engine::map("and", a, b, [](auto x, auto y) { return static_cast<decltype(x)>(x != 0 && y != 0); });
}

Tensor operator||(const Tensor& a, const Tensor& b) {
  return engine::map("or", a, b, [](auto x, auto y) { return static_cast<decltype(x)>(x != 0 || y != 0); });
}

}  // namespace sigmagrad
