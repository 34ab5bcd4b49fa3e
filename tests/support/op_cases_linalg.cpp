// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/duality.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/matrices.hpp>

namespace sigmagrad::testing {
namespace {

double sum_of_sizes(const Values& x) {
  return std::accumulate(x.begin(), x.end(), 0.0, [](double s, double v) { return s + std::abs(v); });
}
double largest_size(Values x) {
  for (double& value : x) value = std::abs(value);
  return x.empty() ? 0.0 : largest(x);
}

double entropy_rank(Values weights) {
  const double sum = total(weights);
  double entropy = 0.0;
  for (const double x : weights)
    if (x > 0.0) entropy -= x / sum * std::log(x / sum);
  return std::exp(entropy);
}

Values squares(Values x) {
  for (double& value : x) value *= value;
  return x;
}

// What norms that take infinities and NaN answer: they are infinite or NaN, with the gradients given there.
Extremes norm_answers(const LongAxis& long_axis, const Choice& choice, Slope at_infinity = undefined) {
  return {homogeneous(1),
          {gives(0.0, 0.0), as_reference(finite), as_reference(finite), as_reference(at_infinity),
           as_reference(at_infinity), as_reference(undefined)},
          long_axis,
          choice};
}

// One number a matrix.
OpCase number(const std::string& name, const std::string& operation, Unary f,
              const std::function<double(const Matrix&)>& reference, const Extremes& extremes) {
  OpCase result = matrix_row(name, operation, f, extremes);
  result.reference = [reference](const Arrays& x) {
    return each_matrix(x[0], 0, [&](const Matrix& w) { return Values{reference(w)}; });
  };
  return result;
}

// One number from the singular values.
OpCase spectral(const std::string& name, const std::string& operation, Unary f, double (*reference)(const Values&),
                const Scaling& scaling, const Outcome& zeros, const Outcome& equal) {
  OpCase result = matrix_row(name, operation, f, spectral_answers(operation, scaling, zeros, equal));
  result.reference = [reference](const Arrays& x) {
    return each_matrix(x[0], 0, [&](const Matrix& w) { return Values{reference(singular_values(w))}; });
  };
  result.shapes.push_back({{2, 2}});  // a closed form
  result.misuses.push_back(refuses_nan(operation, f));
  return result;
}

OpCase svdvals_case() {
  OpCase result = spectral("svdvals", "svdvals", linalg::svdvals, nullptr, homogeneous(1), gives(0.0, finite),
                           as_reference(finite));
  result.reference = [](const Arrays& x) {
    return each_matrix(x[0], std::min(x[0].shape[-2], x[0].shape[-1]), singular_values);
  };
  result.shapes.insert(result.shapes.end(), {{{1, 4}}, {{4, 1}}, {{9, 8}}});
  return result;
}

OpCase lengths_case(const std::string& name, Unary f, bool of_columns) {
  OpCase result = matrix_row(name, name, f, norm_answers(folds_long_matrices(), takes_all()));
  result.reference = [of_columns](const Arrays& x) {
    return each_matrix(x[0], x[0].shape[of_columns ? -1 : -2],
                       [&](const Matrix& w) { return of_rows(of_columns ? transposed(w) : w, length); });
  };
  result.shapes.insert(result.shapes.end(), {{{1, 4}}, {{4, 1}}});
  return result;
}

// (sum x^p)^(1/p).
double power_mean(const Values& x, double p) {
  double sum = 0.0;
  for (const double value : x) sum += std::pow(std::abs(value), p);
  return std::pow(sum, 1.0 / p);
}

OpCase vector_norm_case(const std::string& name, double p, double (*reference)(const Values&), const Choice& choice,
                        Slope at_infinity) {
  OpCase result{.name = name,
                .f = [p](const Tensors& x) { return linalg::vector_norm(x[0], p); },
                .shapes = {{{5}}, {{1}}, {{2, 3}}, {{2, 1, 4}}, {{0, 3}}},
                .extremes = norm_answers(folds({{{100000}}, {{2, 100000}}}), choice, at_infinity),
                .operation = "vector_norm",
                .misuses = {{[] { linalg::vector_norm(ones({})); }, "vector_norm: needs a vector, got []"},
                            {[] { linalg::vector_norm(ones({3}), 0.0); }, "vector_norm: p must be > 0 (got 0)"}}};
  result.reference = [reference](const Arrays& x) { return fold(x[0], -1, false, reference); };
  return result;
}

// The 2 -> 1 norm from its definition over signs.
double largest_over_signs(const Matrix& w) {
  double best = 0.0;
  for (unsigned signs = 0; signs < 1u << w.size(); ++signs) {
    Values x(w.front().size());
    for (std::size_t i = 0; i < w.size(); ++i)
      for (std::size_t j = 0; j < x.size(); ++j) x[j] += signs >> i & 1 ? w[i][j] : -w[i][j];
    if (!(length(x) <= best)) best = length(x);  // NaN too
    if (std::isnan(best)) break;
  }
  return best;
}

// A row of a function of the k largest singular values, which names the k that it refuses.
OpCase of_largest(OpCase result, Tensor (*f)(const Tensor&, std::int64_t)) {
  for (const int k : {0, 3})
    result.misuses.push_back({[f, k] {
                                f(ones({2, 5}), k);
                              },
                              result.operation + ": k must be in 1 ... 2 for [2, 5] (got " + std::to_string(k) + ")"});
  return result;
}

OpCase ky_fan_case() {
  OpCase result = spectral(
      "ky_fan_2", "ky_fan_norm", [](const Tensor& w) { return linalg::ky_fan_norm(w, 2); },
      [](const Values& s) { return s[0] + s[1]; }, homogeneous(1), gives(0.0, finite), as_reference(finite));
  result.extremes.edges.single = refuses_any("ky_fan_norm: k must be in 1 ... 1 for ");
  return of_largest(result, linalg::ky_fan_norm);
}

// At k = 2 the share of two columns would be constant.
OpCase energy_share_case() {
  return of_largest(spectral(
                        "energy_share_1", "energy_share", [](const Tensor& w) { return linalg::energy_share(w, 1); },
                        [](const Values& s) { return s[0] * s[0] / dot(s, s); }, homogeneous(0),
                        gives(std::nan(""), undefined), as_reference(finite)),
                    linalg::energy_share);
}

// norm(w, kind) norm(w^-1, kind), of matrices far from singular.
OpCase cond_case(const std::string& name, linalg::NormKind kind, double (*reference)(const Matrix&)) {
  const auto f = [kind](const Tensor& w) { return linalg::cond(w, kind); };
  const Outcome singular = gives(std::numeric_limits<double>::infinity(), undefined);
  OpCase result =
      square_row(name, "cond", f,
                 {homogeneous(0), finite_only("cond", gives(std::nan(""), undefined), singular, as_reference(finite)),
                  folds({{{64, 64}}}), takes_all()});
  result.prepare = [](const Tensors& x) { return Tensors{x[0] + 7.0 * eye(x[0].size(-1), x[0].dtype())}; };
  result.bare = [f](const Tensors& x) { return f(x[0]); };
  result.f = [f](const Tensors& x) { return f(x[0] + 7.0 * eye(x[0].size(-1), x[0].dtype())); };
  result.reference = [reference](const Arrays& x) {
    return each_matrix(x[0], 0, [&](Matrix w) {
      for (std::size_t i = 0; i < w.size(); ++i) w[i][i] += 7.0;
      return Values{reference(w) * reference(gauss(w, identity(w.size())))};
    });
  };
  result.shapes = {{{4, 4}}, {{2, 2}}, {{2, 3, 3}}, {{2, 1, 3, 3}}, {{0, 3, 3}}};
  return result;
}

OpCase spectral_gap_case() {
  OpCase result = spectral(
      "spectral_gap", "spectral_gap", linalg::spectral_gap, [](const Values& s) { return (s[0] - s[1]) / s[0]; },
      homogeneous(0), gives(std::nan(""), undefined), as_reference(finite));
  result.extremes.edges.single = refuses_any("spectral_gap: needs at least 2 singular values, got ");
  result.misuses.push_back({[] {
                              linalg::spectral_gap(ones({1, 5}));
                            },
                            "spectral_gap: needs at least 2 singular values, got [1, 5]"});
  return result;
}

std::vector<OpCase> norm_cases() {
  using namespace linalg;
  using X = const Tensor&;
  const double infinity = std::numeric_limits<double>::infinity();
  const LongAxis of_matrices = folds_long_matrices();
  const Choice by_size = chooses({});
  // Zero has every direction: the gradient there is that of some choice of singular vectors.
  const Outcome zero = gives(0.0, finite), one_of_many = as_reference(finite);
  return {
      svdvals_case(),
      number(
          "norm_1", "norm", [](X w) { return norm(w, 1); },
          [](const Matrix& w) { return largest(of_rows(transposed(w), sum_of_sizes)); },
          norm_answers(of_matrices, by_size, finite)),
      number(
          "norm_inf", "norm", [](X w) { return norm(w, Inf); },
          [](const Matrix& w) { return largest(of_rows(w, sum_of_sizes)); },
          norm_answers(of_matrices, by_size, finite)),
      number(
          "norm_max", "norm", [](X w) { return norm(w, Max); },
          [](const Matrix& w) {
            Values sizes;
            for (const auto& row : w) sizes.push_back(largest_size(row));
            return largest(sizes);
          },
          norm_answers(of_matrices, by_size, finite)),
      number(
          "norm_fro", "norm", [](X w) { return norm(w); }, [](const Matrix& w) { return length(of_rows(w, length)); },
          norm_answers(of_matrices, takes_all())),
      spectral(
          "norm_2", "norm", [](X w) { return norm(w, 2); }, [](const Values& s) { return s.front(); }, homogeneous(1),
          zero, one_of_many),
      spectral(
          "norm_nuclear", "norm", [](X w) { return norm(w, Nuclear); }, total, homogeneous(1), zero, one_of_many),
      spectral(
          "schatten_1_5", "schatten_norm", [](X w) { return schatten_norm(w, 1.5); },
          [](const Values& s) { return power_mean(s, 1.5); }, homogeneous(1), gives(0.0, 0.0), one_of_many),
      spectral(
          "schatten_3", "schatten_norm", [](X w) { return schatten_norm(w, 3); },
          [](const Values& s) { return power_mean(s, 3); }, homogeneous(1), gives(0.0, 0.0), one_of_many),
      ky_fan_case(),
      number(
          "norm_1_to_2", "norm_1_to_2", norm_1_to_2,
          [](const Matrix& w) { return largest(of_rows(transposed(w), length)); }, norm_answers(of_matrices, by_size)),
      number("norm_2_to_1", "norm_2_to_1", norm_2_to_1, largest_over_signs, norm_answers(of_matrices, takes_all())),
      number(
          "norm_2_1", "norm_2_1", norm_2_1, [](const Matrix& w) { return total(of_rows(transposed(w), length)); },
          norm_answers(of_matrices, takes_all())),
      vector_norm_case("vector_norm_1", 1.0, sum_of_sizes, takes_all(), finite),
      vector_norm_case("vector_norm_2", 2.0, length, takes_all(), undefined),
      vector_norm_case(
          "vector_norm_inf", infinity, [](const Values& x) { return largest_size(x); }, by_size, finite),
      vector_norm_case(
          "vector_norm_1_5", 1.5, [](const Values& x) { return power_mean(x, 1.5); }, takes_all(), undefined),
      vector_norm_case(
          "vector_norm_3", 3.0, [](const Values& x) { return power_mean(x, 3.0); }, takes_all(), undefined),
      lengths_case("row_norms", row_norms, false),
      lengths_case("col_norms", col_norms, true),
  };
}

std::vector<OpCase> dual_norm_cases() {
  using namespace linalg;
  using X = const Tensor&;
  const LongAxis of_matrices = folds_long_matrices();
  const Choice by_size = chooses({});
  const Outcome zero = gives(0.0, finite), one_of_many = as_reference(finite);
  OpCase of_vectors = vector_norm_case(
      "dual_vector_norm", 1.5, [](const Values& x) { return power_mean(x, 3.0); }, takes_all(), undefined);
  of_vectors.f = [](const Tensors& x) { return dual_vector_norm(x[0], 1.5); };
  of_vectors.operation = "dual_vector_norm";
  of_vectors.misuses = {{[] { dual_vector_norm(ones({}), 2.0); }, "dual_vector_norm: needs a vector, got []"},
                        {[] { dual_vector_norm(ones({3}), 0.5); }, "dual_vector_norm: p must be >= 1 (got 0.5)"}};
  return {
      of_vectors,
      number(
          "dual_norm_1", "dual_norm", [](X w) { return dual_norm(w, 1); },
          [](const Matrix& w) {
            return total(of_rows(transposed(w), [](const Values& x) { return largest_size(x); }));
          },
          norm_answers(of_matrices, by_size, finite)),
      number(
          "dual_norm_inf", "dual_norm", [](X w) { return dual_norm(w, Inf); },
          [](const Matrix& w) { return total(of_rows(w, [](const Values& x) { return largest_size(x); })); },
          norm_answers(of_matrices, by_size, finite)),
      number(
          "dual_norm_max", "dual_norm", [](X w) { return dual_norm(w, Max); },
          [](const Matrix& w) { return total(of_rows(w, sum_of_sizes)); },
          norm_answers(of_matrices, takes_all(), finite)),
      number(
          "dual_norm_fro", "dual_norm", [](X w) { return dual_norm(w, Fro); },
          [](const Matrix& w) { return length(of_rows(w, length)); }, norm_answers(of_matrices, takes_all())),
      spectral(
          "dual_norm_2", "dual_norm", [](X w) { return dual_norm(w, 2); }, total, homogeneous(1), zero, one_of_many),
      spectral(
          "dual_norm_nuclear", "dual_norm", [](X w) { return dual_norm(w, Nuclear); },
          [](const Values& s) { return s.front(); }, homogeneous(1), zero, one_of_many),
  };
}

// Ratios of singular values, which do not depend on the scale.
std::vector<OpCase> ratio_cases() {
  using namespace linalg;
  using X = const Tensor&;
  const Outcome one_of_many = as_reference(finite);
  const Outcome no_ratio = gives(std::nan(""), undefined);
  const Outcome singular = meaningless("rounding decides whether the least singular value is exactly zero");
  return {
      cond_case("cond_1", 1, [](const Matrix& w) { return largest(of_rows(transposed(w), sum_of_sizes)); }),
      cond_case("cond_inf", Inf, [](const Matrix& w) { return largest(of_rows(w, sum_of_sizes)); }),
      cond_case("cond_fro", Fro, [](const Matrix& w) { return length(of_rows(w, length)); }),
      spectral(
          "cond", "cond", [](X w) { return cond(w); }, [](const Values& s) { return s.front() / s.back(); },
          homogeneous(0), no_ratio, singular),
      spectral(
          "log_cond", "log_cond", log_cond, [](const Values& s) { return std::log(s.front() / s.back()); },
          homogeneous(0), no_ratio, singular),
      spectral_gap_case(),
      spectral(
          "distance_to_singularity", "distance_to_singularity", [](X w) { return distance_to_singularity(w); },
          [](const Values& s) { return s.back(); }, homogeneous(1), gives(0.0, finite), singular),
      spectral(
          "distance_to_singularity_relative", "distance_to_singularity",
          [](X w) { return distance_to_singularity(w, Distance::Relative); },
          [](const Values& s) { return s.back() / s.front(); }, homogeneous(0), no_ratio, singular),
      spectral(
          "stable_rank", "stable_rank", stable_rank,
          [](const Values& s) { return dot(s, s) / (s.front() * s.front()); }, homogeneous(0), no_ratio, one_of_many),
      spectral(
          "effective_rank", "effective_rank", [](X w) { return effective_rank(w); },
          [](const Values& s) { return entropy_rank(s); }, homogeneous(0), no_ratio, one_of_many),
      spectral(
          "effective_rank_of_squares", "effective_rank", [](X w) { return effective_rank(w, EntropyOf::Squares); },
          [](const Values& s) { return entropy_rank(squares(s)); }, homogeneous(0), no_ratio, one_of_many),
      energy_share_case(),
  };
}

}  // namespace

std::vector<OpCase> linalg_cases() {
  auto rows = norm_cases();
  for (const auto family : {dual_norm_cases, ratio_cases})
    for (auto& row : family()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace sigmagrad::testing
