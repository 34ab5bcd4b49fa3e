// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/tests/support/matrices.hpp>

namespace sigmagrad::testing {
namespace {

using OfValue = std::function<double(double, std::size_t)>;

OpCase function_case(const std::string& name, const std::function<Tensor(const Tensor&)>& f, const OfValue& of_value,
                     const Scaling& scaling, const Outcome& equal, bool flipped = false) {
  OpCase result = matrix_row(name, name, f, spectral_answers(name, scaling, gives(0.0, finite), equal));
  result.reference = [of_value, flipped](const Arrays& x) {
    const auto m = x[0].shape[-2], n = x[0].shape[-1];
    return each_matrix(x[0], flipped ? n : m, flipped ? m : n, [&](const Matrix& w) {
      const auto y = spectral_function(w, of_value);
      return flipped ? transposed(y) : y;
    });
  };
  result.shapes.insert(result.shapes.end(), {{{1, 4}}, {{4, 1}}, {{2, 2}}});
  result.misuses.push_back(refuses_nan(name, f));
  return result;
}

}  // namespace

std::vector<OpCase> spectral_function_cases() {
  using namespace linalg;
  std::vector<OpCase> rows{
      function_case(
          "prox_nuclear", [](const Tensor& w) { return prox_nuclear(w, 1.1); },
          [](double s, std::size_t) { return std::max(s - 1.1, 0.0); }, by_reference(), as_reference(finite)),
      function_case(
          "low_rank_approximation", [](const Tensor& w) { return low_rank_approximation(w, 2); },
          [](double s, std::size_t i) { return i < 2 ? s : 0.0; }, homogeneous(1), as_reference(finite)),
      function_case(
          "polar_factor", [](const Tensor& w) { return polar_factor(w); },
          [](double s, std::size_t) { return s > 1e-10 ? 1.0 : 0.0; }, homogeneous(0), as_reference(finite)),
      function_case(
          "pinv", [](const Tensor& w) { return pinv(w); },
          [](double s, std::size_t) { return s > 1e-10 ? 1.0 / s : 0.0; }, homogeneous(-1), as_reference(finite), true),
  };
  rows[0].misuses.push_back({[] { prox_nuclear(eye(2), -1.0); }, "prox_nuclear: tau must be >= 0 (got -1)"});
  rows[1].misuses.push_back(
      {[] { low_rank_approximation(eye(2), -1); }, "low_rank_approximation: k must be >= 0 (got -1)"});
  rows[1].shapes.resize(6);  // a row, a column and 2 x 2 are their own approximations of rank 2
  rows[1].shapes[3] = {{2, 3, 4}};
  rows.back().misuses.push_back({[] { pinv(eye(2), -1.0); }, "pinv: rcond must be >= 0 (got -1)"});
  return rows;
}

}  // namespace sigmagrad::testing
