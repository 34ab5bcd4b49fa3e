// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/init.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/in_place.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>

namespace sigmagrad::nn::init {
namespace {

struct Fans {
  Fans(const char* name, const Tensor& w, int kernel_axes = 0) {
    if (kernel_axes < 0) engine::fail("{}: kernel_axes must be >= 0 (got {})", name, kernel_axes);
    const int matrix = w.dim() - kernel_axes;
    if (matrix < 2)
      engine::fail("{}: needs a weight [..., out, in]{}, got {}", name,
                   kernel_axes > 0 ? fmt::format(" with {} kernel axes behind", kernel_axes) : "", w.shape().str());
    const auto taps = static_cast<double>(w.shape().tail(matrix).numel());
    in = static_cast<double>(w.size(matrix - 1)) * taps;
    out = static_cast<double>(w.size(matrix - 2)) * taps;
  }
  double in, out;
};

Tensor fill(Tensor w, double value) {
  const NoGrad guard;
  engine::temporary("init", w);
  return w.fill_(value);
}

Tensor fill_normal(Tensor w, double mean, double std, Generator& generator) {
  const NoGrad guard;
  engine::temporary("init", w);
  return w.copy_(mean + std * randn(w.shape(), generator, w.dtype()));
}

Tensor fill_uniform(Tensor w, double low, double high, Generator& generator) {
  const NoGrad guard;
  engine::temporary("init", w);
  return w.copy_(low + (high - low) * rand(w.shape(), generator, w.dtype()));
}

double xavier_std(const char* name, const Tensor& w, double gain) {
  const Fans fan(name, w);
  return gain * std::sqrt(2.0 / (fan.in + fan.out));
}

double kaiming_std(const char* name, const Tensor& w, const KaimingOptions& options) {
  const Fans fan(name, w, options.kernel_axes);
  return calculate_gain(options.nonlinearity, options.a) / std::sqrt(options.mode == Fan::In ? fan.in : fan.out);
}

// One matrix with ones on the diagonal, as large as those of w.
Tensor diagonal_mask(const Tensor& w) {
  const auto rows = w.size(-2), cols = w.size(-1);
  return eye(std::max(rows, cols), w.dtype()).narrow(0, 0, rows).narrow(1, 0, cols);
}

// The share of a standard normal distribution below x.
double normal_below(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// The x between low and high below which that share of the normal distribution between them lies.
double truncated_quantile(double share, double low, double high) {
  if (low > 0.0) return -truncated_quantile(1.0 - share, -high, -low);  // shares close to 0 keep their digits
  const double target = normal_below(low) + share * (normal_below(high) - normal_below(low));
  for (;;) {
    const double middle = low + 0.5 * (high - low);
    if (!(middle > low && middle < high)) return middle;
    (normal_below(middle) < target ? low : high) = middle;
  }
}

}  // namespace

Tensor constant_(Tensor w, double value) { return fill(std::move(w), value); }
Tensor zeros_(Tensor w) { return fill(std::move(w), 0.0); }
Tensor ones_(Tensor w) { return fill(std::move(w), 1.0); }

Tensor normal_(Tensor w, double mean, double std, Generator& generator) {
  if (!(std >= 0.0)) engine::fail("normal_: std must be >= 0 (got {})", std);
  return fill_normal(std::move(w), mean, std, generator);
}

Tensor uniform_(Tensor w, double low, double high, Generator& generator) {
  if (!(low <= high)) engine::fail("uniform_: low must be <= high (got {} and {})", low, high);
  return fill_uniform(std::move(w), low, high, generator);
}

Tensor trunc_normal_(Tensor w, double mean, double std, double low, double high, Generator& generator) {
  if (!(std > 0.0)) engine::fail("trunc_normal_: std must be > 0 (got {})", std);
  if (!(low < high)) engine::fail("trunc_normal_: low must be < high (got {} and {})", low, high);
  const NoGrad guard;
  const double from = std::clamp((low - mean) / std, -40.0, 40.0), to = std::clamp((high - mean) / std, -40.0, 40.0);
  return w.copy_(engine::map(rand(w.shape(), generator, w.dtype()), [=](auto share) {
    const double x = mean + std * truncated_quantile(static_cast<double>(share), from, to);
    return static_cast<decltype(share)>(std::clamp(x, low, high));
  }));
}

double calculate_gain(Nonlinearity nonlinearity, double a) {
  switch (nonlinearity) {
    case Nonlinearity::Linear:
    case Nonlinearity::Sigmoid:
      return 1.0;
    case Nonlinearity::Tanh:
      return 5.0 / 3.0;
    case Nonlinearity::ReLU:
      return std::sqrt(2.0);
    case Nonlinearity::LeakyReLU:
      return std::sqrt(2.0 / (1.0 + a * a));
  }
  engine::fail("calculate_gain: unknown nonlinearity {}", static_cast<int>(nonlinearity));
}

Tensor xavier_uniform_(Tensor w, double gain, Generator& generator) {
  const double bound = std::sqrt(3.0) * xavier_std("xavier_uniform_", w, gain);
  return fill_uniform(std::move(w), -bound, bound, generator);
}

Tensor xavier_normal_(Tensor w, double gain, Generator& generator) {
  const double std = xavier_std("xavier_normal_", w, gain);
  return fill_normal(std::move(w), 0.0, std, generator);
}

Tensor kaiming_uniform_(Tensor w, KaimingOptions options, Generator& generator) {
  const double bound = std::sqrt(3.0) * kaiming_std("kaiming_uniform_", w, options);
  return fill_uniform(std::move(w), -bound, bound, generator);
}

Tensor kaiming_normal_(Tensor w, KaimingOptions options, Generator& generator) {
  const double std = kaiming_std("kaiming_normal_", w, options);
  return fill_normal(std::move(w), 0.0, std, generator);
}

Tensor lecun_normal_(Tensor w, Generator& generator) {
  const double std = 1.0 / std::sqrt(Fans("lecun_normal_", w).in);
  return fill_normal(std::move(w), 0.0, std, generator);
}

Tensor scaled_normal_(Tensor w, double scale, Generator& generator) {
  const double std = scale * std::sqrt(2.0 / Fans("scaled_normal_", w).in);
  return fill_normal(std::move(w), 0.0, std, generator);
}

Tensor sparse_(Tensor w, double sparsity, double std, Generator& generator) {
  if (w.dim() != 2) engine::fail("sparse_: needs a matrix, got {}", w.shape().str());
  if (!(sparsity >= 0.0 && sparsity <= 1.0)) engine::fail("sparse_: sparsity must be in [0, 1] (got {})", sparsity);
  if (!(std >= 0.0)) engine::fail("sparse_: std must be >= 0 (got {})", std);
  engine::temporary("init", w);
  const NoGrad guard;
  const double zeros_each = std::ceil(sparsity * static_cast<double>(w.size(0)));
  std::vector<Tensor> shown;
  for (std::int64_t column = 0; column < w.size(1); ++column)
    shown.push_back(randperm(w.size(0), generator, w.dtype()) >= zeros_each);
  fill_normal(w, 0.0, std, generator);
  return shown.empty() ? w : w.copy_(where(stack(shown, 1), w, 0.0));
}

Tensor orthogonal_(Tensor w, double gain, Generator& generator) {
  if (w.dim() < 2) engine::fail("orthogonal_: needs a matrix, got {}", w.shape().str());
  engine::temporary("init", w);
  const NoGrad guard;
  const bool wide = w.size(-1) > w.size(-2);
  const auto normal = randn(wide ? w.shape().swapped(-2, -1) : w.shape(), generator, w.dtype());
  const auto haar = linalg::detail::orthonormal_columns(normal) * gain;
  return w.copy_(wide ? haar.t() : haar);
}

Tensor eye_(Tensor w) {
  if (w.dim() < 2) engine::fail("eye_: needs a matrix, got {}", w.shape().str());
  return identity_(std::move(w));
}

Tensor identity_(Tensor w, double alpha, double m) {
  if (w.dim() < 2) engine::fail("identity_: needs a matrix, got {}", w.shape().str());
  if (!(m > 0.0)) engine::fail("identity_: m must be > 0 (got {})", m);
  engine::temporary("init", w);
  const NoGrad guard;
  const auto diagonal = diagonal_mask(w);
  return w.copy_(alpha * diagonal + (alpha / m) * (1.0 - diagonal));
}

}  // namespace sigmagrad::nn::init
