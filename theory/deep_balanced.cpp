// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/deep_balanced.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/theory/balanced_init.hpp>
#include <sigmagrad/theory/detail/check.hpp>
#include <sigmagrad/theory/detail/full_svd.hpp>

namespace sigmagrad::theory {
namespace {

constexpr auto deep_balanced_name = "deep_balanced";

void check_deep(const std::vector<std::int64_t>& sizes, const std::vector<double>& lambdas) {
  if (sizes.size() < 2 || lambdas.size() + 2 != sizes.size())
    engine::fail("{}: needs a lambda for each hidden layer (got {} lambdas for {} sizes)", deep_balanced_name,
                 lambdas.size(), sizes.size());
  for (const std::int64_t n : sizes)
    if (n < 1) engine::fail("{}: sizes must be >= 1 (got {})", deep_balanced_name, n);
  for (const double lambda : lambdas) detail::check_finite(deep_balanced_name, "lambda", lambda);
}

// What the layers 0, ..., L have beyond the modes that run through all of them: units that are linked to the input and
// to the output, of which each layer has as many as the layer on the other side leaves room for, and hidden units that
// are linked to neither.
class SpareUnits {
 public:
  SpareUnits(const std::vector<std::int64_t>& sizes, const std::vector<double>& lambdas)
      : lambdas_(lambdas), modes_(*std::ranges::min_element(sizes)) {
    for (const std::int64_t n : sizes) to_input_.push_back(n - modes_);
    to_output_ = to_input_;
    for (std::size_t l = 1; l < sizes.size(); ++l) to_input_[l] = std::min(to_input_[l], to_input_[l - 1]);
    for (std::size_t l = sizes.size() - 1; l-- > 0;) to_output_[l] = std::min(to_output_[l], to_output_[l + 1]);
    for (std::size_t l = 1; l + 1 < sizes.size(); ++l)
      if (sizes[l] - modes_ > to_input_[l] + to_output_[l] && lambda(l) != 0)
        engine::fail("{}: lambda_{} = {} has no weights of such sizes: layer {} has {} units, of which {} are linked",
                     deep_balanced_name, l, lambda(l), l, sizes[l], modes_ + to_input_[l] + to_output_[l]);
  }

  std::int64_t modes() const { return modes_; }

  // The squared strengths in W_l, l = 1, ..., L, unit by unit.
  std::vector<double> squares(std::size_t l) const {
    std::vector<double> all;
    for (std::int64_t unit = 0; unit < to_input_[l]; ++unit) {
      std::size_t end = l;
      while (end + 1 < to_input_.size() && to_input_[end + 1] > unit) ++end;
      all.push_back(checked(-sum(l, end), l));
    }
    for (std::int64_t unit = 0; unit < to_output_[l - 1]; ++unit) {
      std::size_t begin = l - 1;
      while (begin > 0 && to_output_[begin - 1] > unit) --begin;
      all.push_back(checked(sum(begin, l - 1), l));
    }
    return all;
  }

 private:
  double lambda(std::size_t l) const { return lambdas_[l - 1]; }
  double sum(std::size_t first, std::size_t last) const {
    double total = 0.0;
    for (std::size_t l = first; l <= last; ++l) total += lambda(l);
    return total;
  }
  static double checked(double square, std::size_t l) {
    if (square < 0)
      engine::fail("{}: no such weights exist: lambdas and sizes ask for the squared singular value {} of W_{}",
                   deep_balanced_name, square, l);
    return square;
  }

  const std::vector<double>& lambdas_;
  std::int64_t modes_;
  std::vector<std::int64_t> to_input_, to_output_;
};

// The squared strengths of the layers in a mode of strength a: they differ by the lambdas, and their product is a^2. By
// bisection in that of the weakest, which is at most a^(2/L).
std::vector<double> squared_strengths(double a, const std::vector<double>& lambdas) {
  std::vector<double> above(lambdas.size() + 1);
  std::partial_sum(lambdas.begin(), lambdas.end(), above.begin() + 1);
  const double lowest = *std::ranges::min_element(above);
  for (double& value : above) value -= lowest;
  const auto too_weak = [&](double weakest) {
    double product = 1.0;
    for (const double value : above) product *= weakest + value;
    return product < a * a;
  };
  double low = 0.0, high = std::pow(a * a, 1.0 / static_cast<double>(above.size()));
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (too_weak(middle) ? low : high) = middle;
  }
  for (double& value : above) value += high;
  return above;
}

}  // namespace

std::vector<Tensor> deep_balanced_factors(const Tensor& product, const std::vector<std::int64_t>& hidden,
                                          const std::vector<double>& lambdas, Generator& generator) {
  if (product.dim() != 2 || product.dtype() != f64)
    engine::fail("{}: needs an f64 matrix, got {} {}", deep_balanced_name, name_of(product.dtype()),
                 product.shape().str());
  std::vector<std::int64_t> sizes{product.size(1)};
  sizes.insert(sizes.end(), hidden.begin(), hidden.end());
  sizes.push_back(product.size(0));
  check_deep(sizes, lambdas);
  const NoGrad guard;
  const SpareUnits spare(sizes, lambdas);
  const auto [U, S, V] = detail::full_svd(product.detach());
  std::vector<std::vector<double>> strengths(sizes.size() - 1);
  for (std::int64_t k = 0; k < spare.modes(); ++k) {
    const auto squares = squared_strengths(S.data<double>()[static_cast<std::size_t>(k)], lambdas);
    for (std::size_t l = 0; l < squares.size(); ++l) strengths[l].push_back(std::sqrt(squares[l]));
  }
  std::vector<Tensor> W;
  Tensor before = V;
  for (std::size_t l = 0; l < strengths.size(); ++l) {
    for (const double square : spare.squares(l + 1)) strengths[l].push_back(std::sqrt(square));
    const auto count = static_cast<std::int64_t>(strengths[l].size());
    const Tensor after = l + 1 < strengths.size() ? random_orthogonal({}, sizes[l + 1], generator) : U;
    W.push_back(matmul(after.narrow(-1, 0, count) * tensor(strengths[l]), before.narrow(-1, 0, count).t()));
    before = after;
  }
  return W;
}

std::vector<Tensor> deep_balanced(const std::vector<double>& lambdas, const std::vector<std::int64_t>& sizes,
                                  const DeepBalancedOptions& options, Generator& generator) {
  check_deep(sizes, lambdas);
  if (!(std::isfinite(options.sigma) && options.sigma > 0))
    engine::fail("{}: sigma must be finite and > 0 (got {})", deep_balanced_name, options.sigma);
  const NoGrad guard;
  Tensor product = eye(sizes.front());
  for (std::size_t l = 1; l < sizes.size(); ++l)
    product = matmul(options.sigma * randn({sizes[l], sizes[l - 1]}, generator), product);
  return deep_balanced_factors(product, {sizes.begin() + 1, sizes.end() - 1}, lambdas, generator);
}

}  // namespace sigmagrad::theory
