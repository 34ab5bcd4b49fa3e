// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/expm.hpp>
#include <sigmagrad/linalg/solve.hpp>
#include <sigmagrad/tests/support/matrices.hpp>

namespace sigmagrad::testing {
namespace {

using OfTensor = std::function<Tensor(const Tensor&)>;
using OfMatrix = std::function<Matrix(const Matrix&)>;

// A row of f: [..., n, n] -> [..., n, n] with an input mapped by `make` first; the reference sees that of `made`.
OpCase square_case(const std::string& name, const OfTensor& f, const OfMatrix& reference, const OfTensor& make,
                   const OfMatrix& made, const Extremes& extremes) {
  OpCase result = square_row(name, name, f, extremes);
  result.f = [f, make](const Tensors& x) { return f(make(x[0])); };
  result.prepare = [make](const Tensors& x) { return Tensors{make(x[0])}; };
  result.bare = [f](const Tensors& x) { return f(x[0]); };
  result.reference = [reference, made](const Arrays& x) {
    const auto n = x[0].shape[-1];
    return each_matrix(x[0], n, n, [&](const Matrix& w) { return reference(made(w)); });
  };
  return result;
}

// Far from singular.
Tensor dominant(const Tensor& w) { return w + 7.0 * eye(w.size(-1), w.dtype()); }
Matrix dominant(Matrix w) {
  for (std::size_t i = 0; i < w.size(); ++i) w[i][i] += 7.0;
  return w;
}

// Positive definite.
Tensor gram(const Tensor& w) { return matmul(w, w.t()) + eye(w.size(-2), w.dtype()); }
Matrix gram(const Matrix& w) {
  Matrix result = product(w, transposed(w));
  for (std::size_t i = 0; i < result.size(); ++i) result[i][i] += 1.0;
  return result;
}

Matrix cholesky(const Matrix& a) {
  Matrix l(a.size(), Values(a.size()));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const double rest = a[i][j] - dot(l[i], l[j]);
      l[i][j] = i == j ? std::sqrt(rest) : rest / l[j][j];
    }
  return l;
}

Matrix symmetric(const Matrix& w) {
  Matrix result = w;
  for (std::size_t i = 0; i < w.size(); ++i)
    for (std::size_t j = 0; j < w.size(); ++j) result[i][j] = 0.5 * (w[i][j] + w[j][i]);
  return result;
}

// Taylor's series at a / 16, squared four times.
Matrix exponential(const Matrix& a) {
  Matrix result = identity(a.size()), term = result;
  for (int k = 1; k < 40; ++k) {
    term = product(term, a);
    for (std::size_t i = 0; i < a.size(); ++i)
      for (std::size_t j = 0; j < a.size(); ++j) result[i][j] += term[i][j] /= 16.0 * k;
  }
  for (int i = 0; i < 4; ++i) result = product(result, result);
  return result;
}

// Answers of an algorithm that takes n^3 steps: entries must be finite, and all of them count.
Extremes decomposition(const std::string& operation, const Scaling& scaling, const Outcome& zeros,
                       const Outcome& equal) {
  return {scaling, finite_only(operation, zeros, equal, as_reference(finite)), folds({{{64, 64}}}, 20.0), takes_all()};
}

// Rows of signs that make the diagonal of R positive.
Tensor signs(const Tensor& R) { return sign(sum(R.narrow(-1, 0, R.size(-2)) * eye(R.size(-2), R.dtype()), -1)); }
Tensor positive_q(const Tensor& w) {
  const auto [Q, R] = linalg::qr(w);
  return Q * signs(R).unsqueeze(-2);
}
Tensor positive_r(const Tensor& w) {
  const auto R = linalg::qr(w).R;
  return R * signs(R).unsqueeze(-1);
}

// Gram and Schmidt, twice: rows of w' become rows of Q'.
Matrix gram_schmidt(const Matrix& w) {
  Matrix q;
  for (auto x : transposed(w)) {
    if (q.size() == w.size()) break;
    for (int pass = 0; pass < 2; ++pass)
      for (const auto& y : q) {
        const double along = dot(x, y);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] -= along * y[i];
      }
    const double size = length(x);
    for (double& value : x) value /= size;
    q.push_back(x);
  }
  return q;
}

OpCase qr_case(const std::string& name, const OfTensor& f, bool of_q, const Extremes& extremes) {
  OpCase result = matrix_row(name, "qr", f, extremes);
  result.reference = [of_q](const Arrays& x) {
    const auto m = x[0].shape[-2], n = x[0].shape[-1], k = std::min(m, n);
    return each_matrix(x[0], of_q ? m : k, of_q ? k : n, [of_q](const Matrix& w) {
      const auto q = gram_schmidt(w);
      if (of_q) return transposed(q);
      auto r = product(q, w);
      for (std::size_t i = 0; i < r.size(); ++i) std::fill_n(r[i].begin(), i, 0.0);
      return r;
    });
  };
  result.misuses.push_back(refuses_nan("qr", f));
  return result;
}

double size_of(const Matrix& w) {
  double size = 0.0;
  for (const auto& row : w)
    for (const double value : row) size = std::max(size, std::abs(value));
  return size;
}

OpCase slogdet_case(const std::string& name, const OfTensor& f, double (*of_determinant)(double),
                    const Extremes& extremes) {
  OpCase result = square_row(name, "slogdet", f, extremes);
  const bool logarithm = name == "slogdet";
  result.reference = [of_determinant, logarithm](const Arrays& x) {
    return each_matrix(x[0], 0, [&](Matrix w) {
      double determinant = 0.0, shift = 0.0;
      const double scale = size_of(w);  // the determinant itself may leave the range
      for (auto& row : w)
        for (double& value : row) value /= scale;
      gauss(w, identity(w.size()), &determinant);
      if (logarithm) shift = static_cast<double>(w.size()) * std::log(scale);
      return Values{of_determinant(determinant) + shift};
    });
  };
  return result;
}

OpCase eigenvalues_case() {
  OpCase result = square_row(
      "eigh_values", "eigh", [](const Tensor& a) { return linalg::eigh(a).eigenvalues; },
      decomposition("eigh", homogeneous(1), gives(0.0, finite), as_reference(finite)));
  result.reference = [](const Arrays& x) {
    return each_matrix(x[0], x[0].shape[-1], [](const Matrix& a) { return two_sided_jacobi(symmetric(a)).values; });
  };
  return result;
}

// Squares of the eigenvectors' entries, which do not depend on signs.
OpCase eigenvectors_case() {
  OpCase result = square_row(
      "eigh_vectors", "eigh", [](const Tensor& a) { return square(linalg::eigh(a).eigenvectors); },
      decomposition("eigh", homogeneous(0), meaningless("any basis is one of eigenvectors"),
                    meaningless("any basis of the kernel is one of eigenvectors")));
  result.extremes.long_axis = folds({{{16, 16}}}, 500.0);  // as the gaps ask
  result.reference = [](const Arrays& x) {
    const auto n = x[0].shape[-1];
    return each_matrix(x[0], n, n, [](const Matrix& a) {
      Matrix v = transposed(two_sided_jacobi(symmetric(a)).vectors);
      for (auto& row : v)
        for (double& value : row) value *= value;
      return v;
    });
  };
  return result;
}

// Sums of the first three powers of the eigenvalues: traces of powers of the matrix.
OpCase eigvals_case(const std::string& name, const OfTensor& values) {
  const auto power_sums = [values](const Tensor& a) {
    const auto pairs = values(a);
    const auto re = pairs.select(-1, 0), im = pairs.select(-1, 1);
    return stack(
        {sum(re, -1), sum(im, -1), sum(square(re) - square(im), -1), sum(re * square(re) - 3.0 * re * square(im), -1)},
        -1);
  };
  OpCase result = square_row(name, name, power_sums,
                             decomposition(name, homogeneous(1), gives(0.0, finite),
                                           meaningless("sums of powers are asked of f, eigenvalues of `bare`")));
  result.prepare = [](const Tensors& x) { return x; };
  result.bare = [values](const Tensors& x) { return values(x[0]); };
  result.differentiable = false;
  result.entries = {{-1.0, 1.0}};
  result.reference = [](const Arrays& x) {
    return each_matrix(x[0], 4, [](const Matrix& a) {
      const auto trace = [](const Matrix& m) {
        double sum = 0.0;
        for (std::size_t i = 0; i < m.size(); ++i) sum += m[i][i];
        return sum;
      };
      const auto a2 = product(a, a);
      return Values{trace(a), 0.0, trace(a2), trace(product(a2, a))};
    });
  };
  return result;
}

OpCase solve_case() {
  OpCase result{.name = "solve",
                .f = [](const Tensors& x) { return linalg::solve(dominant(x[0]), x[1]); },
                .shapes = {{{4, 4}, {4, 3}},
                           {{2, 2}, {2, 1}},
                           {{1, 1}, {1, 2}},
                           {{2, 3, 3}, {2, 3, 2}},
                           {{0, 2, 2}, {0, 2, 1}},
                           {{3, 3}, {3, 0}}},
                .extremes = {homogeneous_in_each({-1, 1}),
                             finite_only("solve", refuses("solve: matrix is singular"),
                                         refuses("solve: matrix is singular"), as_reference(finite)),
                             folds({{{64, 64}, {64, 2}}, {{2, 2}, {2, 100000}}}), takes_all()},
                .prepare =
                    [](const Tensors& x) {
                      return Tensors{dominant(x[0]), x[1]};
                    },
                .bare = [](const Tensors& x) { return linalg::solve(x[0], x[1]); }};
  result.reference = [](const Arrays& x) {
    return Array(x[1].shape, [&](const Index& index) {
      const auto in_batch = [&](const Array& a) {
        return Array(a.shape.tail(a.shape.rank() - 2), [&](const Index& entry) {
          Index at(index.begin(), index.end() - 2);
          at.insert(at.end(), entry.begin(), entry.end());
          return a.at(at);
        });
      };
      const auto rows = [](const Array& a) {
        Matrix m(static_cast<std::size_t>(a.shape[0]), Values(static_cast<std::size_t>(a.shape[1])));
        for (std::size_t i = 0; i < a.values.size(); ++i) m[i / m[0].size()][i % m[0].size()] = a.values[i];
        return m;
      };
      const auto x_matrix = gauss(dominant(rows(in_batch(x[0]))), rows(in_batch(x[1])));
      return x_matrix[static_cast<std::size_t>(index.end()[-2])][static_cast<std::size_t>(index.back())];
    });
  };
  const auto solve = [](const Shape& a, const Shape& b) { return [a, b] { linalg::solve(ones(a), ones(b)); }; };
  result.misuses = {{solve({3}, {3}), "solve: needs a matrix, got [3]"},
                    {solve({2, 3}, {3}), "solve: needs a square matrix, got [2, 3]"},
                    {solve({3, 3}, {2, 2}), "solve: sizes differ: [3, 3] and [2, 2] (3 != 2)"},
                    {solve({3, 3}, {}), "solve: needs a vector or a matrix on the right, got []"},
                    {solve({2, 3, 3}, {4, 3, 1}), "solve: shapes do not broadcast: [2] and [4]"},
                    {solve({3, 3}, {3, 1}), "solve: matrix is singular"},
                    refuses_nan("solve",
                                [](const Tensor& w) {
                                  return linalg::solve(w, ones({3, 1}));
                                }),
                    refuses_nan("solve", [](const Tensor& w) { return linalg::solve(eye(3), w); })};
  return result;
}

}  // namespace

std::vector<OpCase> factorization_cases() {
  using namespace linalg;
  const OfTensor as_is = [](const Tensor& w) { return w; };
  const OfMatrix as_given = [](const Matrix& w) { return w; };
  const double infinity = std::numeric_limits<double>::infinity();
  const Outcome not_definite = refuses("cholesky: matrix is not positive definite"),
                dependent = gives(0.0, "qr: no gradient where the matrix is singular up to rounding");
  const Outcome nearly = meaningless("rounding decides whether it is positive definite");
  const Outcome arbitrary = meaningless("dependent columns have no unique Q"),
                singular = gives(-infinity, "slogdet: matrix is singular");
  const auto piecewise = [](const auto&... arguments) {
    Extremes answers = decomposition(arguments...);
    answers.choice = piecewise_constant();
    return answers;
  };
  const OfTensor make_dominant = [](const Tensor&w) { return dominant(w); },
                 make_gram = [](const Tensor&w) { return gram(w); };
  Extremes of_first_columns = decomposition("qr", homogeneous(0), arbitrary, arbitrary);
  of_first_columns.choice = chooses({});  // the others are R's alone
  std::vector<OpCase> rows{
      eigenvalues_case(),
      eigenvectors_case(),
      eigvals_case("eigvals", eigvals),
      eigvals_case("eig", [](const Tensor& a) { return eig(a).eigenvalues; }),
      square_case(
          "cholesky", linalg::cholesky, cholesky, make_gram, [](const Matrix& w) { return gram(w); },
          decomposition("cholesky", homogeneous(0.5), not_definite, nearly)),
      qr_case("qr_q", positive_q, true, of_first_columns),
      qr_case("qr_r", positive_r, false, decomposition("qr", homogeneous(1), dependent, arbitrary)),
      solve_case(),
      square_case(
          "inv", inv, [](const Matrix& w) { return gauss(w, identity(w.size())); }, make_dominant,
          [](const Matrix& w) { return dominant(w); },
          decomposition("inv", homogeneous(-1), refuses("inv: matrix is singular"),
                        refuses("inv: matrix is singular"))),
      slogdet_case(
          "slogdet", [](const Tensor& w) { return slogdet(w).logabsdet; },
          [](double d) { return std::log(std::abs(d)); }, decomposition("slogdet", by_reference(), singular, singular)),
      slogdet_case(
          "slogdet_sign", [](const Tensor& w) { return slogdet(w).sign; }, [](double d) { return d < 0 ? -1.0 : 1.0; },
          piecewise("slogdet", homogeneous(0), gives(0.0, 0.0), gives(0.0, 0.0))),
      square_case("expm", expm, exponential, as_is, as_given,
                  decomposition("expm", by_reference_if_small("the result leaves the range"), as_reference(finite),
                                as_reference(finite))),
  };
  rows[10].differentiable = false;
  return rows;
}

}  // namespace sigmagrad::testing
