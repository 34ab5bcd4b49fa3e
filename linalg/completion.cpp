// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/completion.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::linalg {
namespace {

constexpr double first_weight = 0.1;     // of the nuclear norm where the known entries are to be met
constexpr double stage_tolerance = 0.1;  // how far a stage goes down, as a subgradient's length over what it is to mend
constexpr int stages_between = 10;       // changes of the weight

// One matrix on its way. What is known is divided by its spectral norm.
struct Search {
  CompletionOptions options;
  Tensor known, mask;
  Tensor x, before;  // the last two points
  Tensor dual;       // the multiplier of the known entries, where they are to be met
  double weight = 0.0, t = 1.0;
  double value = 0.0, lower_bound = 0.0, misfit = 1.0;
  int iterations = 0;

  Search(const Tensor& known_, const Tensor& mask_, const CompletionOptions& options_)
      : options(options_),
        known(known_),
        mask(mask_),
        x(zeros_like(known_)),
        before(x),
        dual(x),
        weight(options_.mu > 0.0 ? options_.mu : first_weight) {}

  bool meets() const { return options.mu == 0.0; }

  // Returns the length of a subgradient at the new point, and the nuclear norm there.
  std::pair<double, double> step() {
    const double next = 0.5 * (1.0 + std::sqrt(1.0 + 4.0 * t * t));
    const Tensor y = x + (t - 1.0) / next * (x - before);
    const Tensor target = meets() ? known + weight * dual : known;
    const auto [U, S, Vt] = detail::svd("complete", y - mask * y + target);
    const Tensor s = relu(S - weight), to = matmul(detail::columns_times(U, s), Vt);
    const bool uphill = sum((y - to) * (to - x)).item() > 0.0;
    const double length = norm((1.0 - mask) * (y - to)).item();
    before = x;
    x = to;
    t = uphill ? 1.0 : next;
    ++iterations;
    return {length, sum(s).item()};
  }

  // A multiplier of spectral norm at most 1 bounds every value from below (weak duality).
  void certify(const Tensor& multiplier, double nuclear) {
    const Tensor missed = known - mask * x;
    const double size = std::max(norm(multiplier, 2).item(), 1.0);
    const double along = sum(multiplier * known).item() / size;
    misfit = norm(missed).item();
    value = meets() ? nuclear : 0.5 * misfit * misfit + weight * nuclear;
    const double square_of = sum(square(multiplier)).item() / (size * size);
    lower_bound = meets() ? along : weight * along - 0.5 * weight * weight * square_of;
  }

  double gap() const { return std::abs(value - lower_bound) / value; }
  bool converged(double length) const {
    return gap() <= options.tolerance && (!meets() || misfit <= options.tolerance * length);
  }

  // Misfit and gap fall at rates that the weight trades against each other.
  void balance(double length) {
    const double ratio = misfit / length / gap();
    if (ratio > 5.0) weight /= 1.5;
    if (ratio < 0.2) weight *= 1.5;
  }

  void run() {
    const double length = norm(known).item();
    for (int stages = 1;; ++stages) {
      double nuclear = 0.0, slope = 0.0;
      // A stage as coarse as the first would leave the multiplier going round in circles: it is as fine as the known
      // entries are missed (Eckstein and Silva 2013).
      do {
        std::tie(slope, nuclear) = step();
        if (iterations >= options.max_iterations) break;
      } while (meets() && slope > stage_tolerance * std::min(weight, norm(known - mask * x).item()));
      if (meets()) {
        dual = dual + (known - mask * x) / weight;
        t = 1.0;
        before = x;
        certify(dual, nuclear);
      } else if (iterations % stages_between == 0 || iterations >= options.max_iterations) {
        certify((known - mask * x) / weight, nuclear);
      } else {
        continue;
      }
      if (converged(length)) return;
      if (iterations >= options.max_iterations)
        engine::fail("complete: no convergence in {} iterations (misfit {:.1e}, gap {:.1e}, tolerance {:.1e})",
                     iterations, misfit / length, gap(), options.tolerance);
      if (meets() && stages % stages_between == 0) balance(length);
    }
  }
};

struct One {
  Tensor matrix, value, lower_bound;
  int iterations = 0;
};

One complete_one(const Tensor& observed, const Tensor& mask, const CompletionOptions& options) {
  const Tensor known = where(mask, observed, 0.0);
  const Tensor zero = zeros({}, observed.dtype());
  if (min(isfinite(known)).item() == 0.0) engine::fail("complete: input has non-finite entries");
  const double scale = norm(known, 2).item();
  if (scale == 0.0) return {zeros_like(known), zero, zero};
  Search search(known / scale, mask, options);
  search.run();
  const double unit = options.mu > 0.0 ? scale * scale : scale;
  return {scale * search.x, zero + unit * search.value, zero + unit * search.lower_bound, search.iterations};
}

void check(const Tensor& observed, const Tensor& mask, const CompletionOptions& options) {
  detail::check_matrix("complete", observed);
  engine::check_same_dtype("complete", observed, mask);
  if (observed.shape() != mask.shape())
    engine::fail("complete: shapes differ: {} and {}", observed.shape().str(), mask.shape().str());
  if (mask.numel() > 0 && min((mask == 0.0) + (mask == 1.0)).item() == 0.0)
    engine::fail("complete: the mask must be 0 or 1 everywhere");
  if (!(options.mu >= 0.0) || std::isinf(options.mu))
    engine::fail("complete: mu must be >= 0 and finite (got {})", options.mu);
  if (!(options.tolerance > 0.0)) engine::fail("complete: tolerance must be > 0 (got {})", options.tolerance);
  if (options.max_iterations < 1)
    engine::fail("complete: max_iterations must be >= 1 (got {})", options.max_iterations);
}

}  // namespace

Completion complete(const Tensor& observed, const Tensor& mask, const CompletionOptions& options) {
  const NoGrad guard;
  check(observed, mask, options);
  const detail::Sizes size(observed);
  const auto matrices = [&](const Tensor& x) { return x.reshape({size.batch.numel(), size.rows, size.cols}); };
  std::vector<Tensor> x, values, bounds;
  Completion result;
  for (std::int64_t i = 0; i < size.batch.numel() && size.k > 0; ++i) {
    const One one = complete_one(matrices(observed).select(0, i), matrices(mask).select(0, i), options);
    x.push_back(one.matrix);
    values.push_back(one.value);
    bounds.push_back(one.lower_bound);
    result.iterations = std::max(result.iterations, one.iterations);
  }
  const auto joined = [&](const std::vector<Tensor>& parts, const Shape& shape) {
    return parts.empty() ? zeros(shape, observed.dtype()) : stack(parts).reshape(shape);
  };
  result.matrix = joined(x, observed.shape());
  result.value = joined(values, size.batch);
  result.lower_bound = joined(bounds, size.batch);
  return result;
}

}  // namespace sigmagrad::linalg
