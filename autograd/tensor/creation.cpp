// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/tensor/creation.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/capture/trace.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/loops.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/random/drawing.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/autograd/tensor/whole_numbers.hpp>

namespace sigmagrad {
namespace {

using engine::dispatch;
using engine::fail;
using engine::fresh;
using engine::launch;
using engine::make_tensor;

// A new tensor whose entries `fill(span)` writes whenever the kernel runs.
template <class Fill>
Tensor generate(const char* name, const Shape& shape, Dtype dtype, Fill fill) {
  Tensor out = make_tensor(shape, dtype);
  dispatch(dtype, [&]<class T>(T) {
    launch([to = fresh<T>(out), n = static_cast<std::size_t>(shape.numel()), fill] { fill(std::span<T>(to, n)); });
  });
  engine::trace_made(name, out);
  return out;
}

// A new tensor of random numbers.
template <class Fill>
Tensor draw(const char* name, const Shape& shape, Dtype dtype, Generator& generator, Fill fill) {
  engine::replay_changes(generator);
  return generate(name, shape, dtype, fill);
}

}  // namespace

Tensor tensor(const std::vector<double>& values, const Shape& shape, Dtype dtype) {
  if (static_cast<std::int64_t>(values.size()) != shape.numel())
    fail("tensor: {} values do not fill {}", values.size(), shape.str());
  return generate("tensor", shape, dtype, [values]<class T>(std::span<T> out) {
    std::transform(values.begin(), values.end(), out.begin(), [](double v) { return static_cast<T>(v); });
  });
}

Tensor tensor(const std::vector<double>& values) {
  return tensor(values, Shape{static_cast<std::int64_t>(values.size())});
}

Tensor tensor(std::initializer_list<std::initializer_list<double>> rows) {
  std::vector<double> values;
  for (const auto& row : rows) {
    if (row.size() != rows.begin()->size())
      fail("tensor: rows have {} and {} entries", rows.begin()->size(), row.size());
    values.insert(values.end(), row.begin(), row.end());
  }
  const auto cols = rows.size() == 0 ? 0 : static_cast<std::int64_t>(rows.begin()->size());
  return tensor(values, Shape{static_cast<std::int64_t>(rows.size()), cols});
}

Tensor empty(const Shape& shape, Dtype dtype) { return make_tensor(shape, dtype); }

Tensor full(const Shape& shape, Scalar value, Dtype dtype) {
  return generate("full", shape, dtype, [value]<class T>(std::span<T> out) {
    engine::fill_entries(out.data(), std::ssize(out), static_cast<T>(value.now()));
  });
}

Tensor zeros(const Shape& shape, Dtype dtype) { return full(shape, 0.0, dtype); }
Tensor ones(const Shape& shape, Dtype dtype) { return full(shape, 1.0, dtype); }

Tensor eye(std::int64_t n, Dtype dtype) {
  return generate("eye", {n, n}, dtype, [n]<class T>(std::span<T> out) {
    std::fill(out.begin(), out.end(), T(0));
    for (std::int64_t i = 0; i < n; ++i) out[static_cast<std::size_t>(i * (n + 1))] = T(1);
  });
}

Tensor arange(double stop, Dtype dtype) { return arange(0.0, stop, 1.0, dtype); }

namespace {

// start, start + step, ... as `arange` stores them.
struct Progression {
  double start, stop, step;
  Dtype dtype;

  double entry(std::int64_t i) const { return start + static_cast<double>(i) * step; }
  double stored(double value) const { return dtype == f64 ? value : static_cast<double>(static_cast<float>(value)); }
  bool whole() const { return start == std::floor(start) && step == std::floor(step); }

  // How many entries lie before the stop. Where start or step is a fraction, the entry that would meet the stop in
  // exact arithmetic may lie before it by rounding: it does not count.
  std::int64_t count() const {
    const double steps = (stop - start) / step, nearest = std::round(steps);
    if (!(std::abs(steps) < 0x1p62)) fail("arange: no finite count from {} to {} by {}", start, stop, step);
    const double rounding = 0x1p-51 * ((std::abs(start) + std::abs(stop)) / std::abs(step));
    const bool meets = !whole() && std::abs(steps - nearest) <= rounding;
    auto n = static_cast<std::int64_t>(std::max(meets ? nearest : std::ceil(steps), 0.0));
    while (n > 0 && !before_stop(n - 1)) --n;
    return n;
  }

  // Error where whole numbers were asked for and one is rounded.
  void check_exact(std::int64_t n) const {
    const auto largest = static_cast<double>(engine::largest_whole(dtype));
    if (n == 0 || !whole() || std::max(std::abs(start), std::abs(entry(n - 1))) <= largest) return;
    for (std::int64_t i = 0; i < n; ++i) {
      const double k = static_cast<double>(i), product = k * step, sum = start + product;
      const bool exact = std::fma(k, step, -product) == 0.0 && sum - start == product && sum - product == start;
      if (!exact || stored(sum) != sum) fail("arange: {} would be rounded: {}", sum, engine::whole_range(dtype));
    }
  }

 private:
  bool before_stop(std::int64_t i) const {
    const double value = stored(entry(i));
    return step > 0.0 ? value < stop : value > stop;
  }
};

}  // namespace

Tensor arange(double start, double stop, double step, Dtype dtype) {
  const Progression progression{start, stop, step, dtype};
  const std::int64_t n = progression.count();
  progression.check_exact(n);
  return generate("arange", {n}, dtype, [progression]<class T>(std::span<T> out) {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<T>(progression.entry(static_cast<std::int64_t>(i)));
  });
}

Tensor linspace(double start, double stop, std::int64_t n, Dtype dtype) {
  if (n < 0) fail("linspace: n must be >= 0 (got {})", n);
  if (!std::isfinite(start) || !std::isfinite(stop))
    fail("linspace: start and stop must be finite (got {} and {})", start, stop);
  const double steps = static_cast<double>(std::max<std::int64_t>(n - 1, 1));
  const bool in_range = std::isfinite(stop - start);
  const double step = in_range ? (stop - start) / steps : stop / steps - start / steps;
  return generate("linspace", {n}, dtype, [start, stop, step]<class T>(std::span<T> out) {
    const std::size_t size = out.size();
    for (std::size_t i = 0; i < size; ++i)  // from the nearer end, so that both are met
      out[i] = static_cast<T>(2 * i < size ? start + static_cast<double>(i) * step
                                           : stop - static_cast<double>(size - 1 - i) * step);
  });
}

Tensor logspace(double start, double stop, std::int64_t n, double base, Dtype dtype) {
  if (n < 0) fail("logspace: n must be >= 0 (got {})", n);
  if (!(base > 0.0 && std::isfinite(base))) fail("logspace: base must be > 0 and finite (got {})", base);
  if (!std::isfinite(start) || !std::isfinite(stop))
    fail("logspace: start and stop must be finite (got {} and {})", start, stop);
  return pow(base, linspace(start, stop, n)).to(dtype);
}

Tensor randn(const Shape& shape, Dtype dtype) { return randn(shape, default_generator(), dtype); }
Tensor randn(const Shape& shape, Generator& generator, Dtype dtype) {
  return draw("randn", shape, dtype, generator, [&generator](auto out) { generator.normal(out); });
}

Tensor rand(const Shape& shape, Dtype dtype) { return rand(shape, default_generator(), dtype); }
Tensor rand(const Shape& shape, Generator& generator, Dtype dtype) {
  return draw("rand", shape, dtype, generator, [&generator](auto out) { generator.uniform(out); });
}

namespace {

// Error where a whole number from `least` to `most` might be rounded.
void check_whole(const char* operation, std::int64_t least, std::int64_t most, Dtype dtype) {
  const std::int64_t limit = engine::largest_whole(dtype);
  if (least < -limit || most > limit)
    fail("{}: numbers from {} to {} would be rounded: {}", operation, least, most, engine::whole_range(dtype));
}

}  // namespace

Tensor randint(std::int64_t low, std::int64_t high, const Shape& shape, Dtype dtype) {
  return randint(low, high, shape, default_generator(), dtype);
}
Tensor randint(std::int64_t low, std::int64_t high, const Shape& shape, Generator& generator, Dtype dtype) {
  if (low >= high) fail("randint: low must be < high (got {} and {})", low, high);
  check_whole("randint", low, high - 1, dtype);
  return draw("randint", shape, dtype, generator, [&generator, low, high]<class T>(std::span<T> out) {
    std::vector<std::int64_t> values(out.size());
    generator.integers(low, high, values);
    std::transform(values.begin(), values.end(), out.begin(), [](std::int64_t v) { return static_cast<T>(v); });
  });
}

Tensor randperm(std::int64_t n, Dtype dtype) { return randperm(n, default_generator(), dtype); }
Tensor randperm(std::int64_t n, Generator& generator, Dtype dtype) {
  check_whole("randperm", 0, n - 1, dtype);
  return draw("randperm", {n}, dtype, generator, [&generator]<class T>(std::span<T> out) {
    std::vector<std::int64_t> values(out.size());
    generator.permutation(values);
    std::transform(values.begin(), values.end(), out.begin(), [](std::int64_t v) { return static_cast<T>(v); });
  });
}

Tensor bernoulli(const Tensor& probabilities) { return bernoulli(probabilities, default_generator()); }
Tensor bernoulli(const Tensor& probabilities, Generator& generator) {
  const NoGrad guard;
  return rand(probabilities.shape(), generator, probabilities.dtype()) < probabilities;
}

Tensor empty_like(const Tensor& x) { return empty(x.shape(), x.dtype()); }
Tensor zeros_like(const Tensor& x) { return zeros(x.shape(), x.dtype()); }
Tensor ones_like(const Tensor& x) { return ones(x.shape(), x.dtype()); }
Tensor full_like(const Tensor& x, Scalar value) { return full(x.shape(), value, x.dtype()); }
Tensor rand_like(const Tensor& x) { return rand(x.shape(), x.dtype()); }
Tensor randn_like(const Tensor& x) { return randn(x.shape(), x.dtype()); }

}  // namespace sigmagrad
