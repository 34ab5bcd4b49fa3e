// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/expm.hpp>
#include <sigmagrad/linalg/solve.hpp>
#include <sigmagrad/linalg/tikhonov.hpp>
#include <sigmagrad/tests/support/matrices.hpp>

// Determinants, LU factors, powers and least squares.
namespace sigmagrad::testing {
namespace {

// P, L and U with a = P L U, by rows.
struct Factors {
  Matrix p, l, u;
};

Factors eliminated(Matrix a) {
  const std::size_t m = a.size(), n = a.front().size(), k = std::min(m, n);
  Factors f{Matrix(m, Values(m)), Matrix(m, Values(k)), Matrix(k, Values(n))};
  std::vector<std::size_t> order(m);
  for (std::size_t i = 0; i < m; ++i) order[i] = i;
  for (std::size_t c = 0; c < k; ++c) {
    std::size_t pivot = c;
    for (std::size_t i = c; i < m; ++i)
      if (std::abs(a[i][c]) > std::abs(a[pivot][c])) pivot = i;
    std::swap(a[c], a[pivot]);
    std::swap(f.l[c], f.l[pivot]);
    std::swap(order[c], order[pivot]);
    f.l[c][c] = 1.0;
    f.u[c] = a[c];
    std::fill_n(f.u[c].begin(), c, 0.0);
    for (std::size_t i = c + 1; i < m; ++i) {
      f.l[i][c] = a[c][c] == 0.0 ? 0.0 : a[i][c] / a[c][c];
      for (std::size_t j = 0; j < n; ++j) a[i][j] -= f.l[i][c] * a[c][j];
    }
  }
  for (std::size_t i = 0; i < m; ++i) f.p[order[i]][i] = 1.0;
  return f;
}

OpCase lu_row(const std::string& name, const std::function<Tensor(const Tensor&)>& f, Matrix Factors::*part,
              const Extremes& extremes) {
  OpCase row = matrix_row(name, "lu", f, extremes);
  row.reference = [part, name](const Arrays& x) {
    const auto m = x[0].shape[-2], n = x[0].shape[-1], k = std::min(m, n);
    return each_matrix(x[0], name == "lu_u" ? k : m,
                       name == "lu_u"   ? n
                       : name == "lu_l" ? k
                                        : m,
                       [part](const Matrix& w) { return eliminated(w).*part; });
  };
  row.misuses.push_back(refuses_nan("lu", f));
  return row;
}

std::vector<OpCase> lu_rows() {
  const Outcome singular = as_reference("lu: matrix is singular");
  const Choice by_pivots = chooses({});  // a factor does not see the columns or rows of the other
  const auto answers = [&](double degree, const LongAxis& long_axis, const Choice& choice) {
    return Extremes{homogeneous(degree), finite_only("lu", singular, singular, as_reference(finite)), long_axis,
                    choice};
  };
  const LongAxis small = folds({{{16, 16}}}, 500.0);  // as the pivots ask
  OpCase p = lu_row(
      "lu_p", [](const Tensor& a) { return linalg::lu(a).P; }, &Factors::p,
      {homogeneous(0), finite_only("lu", as_reference(), as_reference(), as_reference()), small, piecewise_constant()});
  p.differentiable = false;
  OpCase l = lu_row(
      "lu_l", [](const Tensor& a) { return linalg::lu(a).L; }, &Factors::l, answers(0, small, by_pivots));
  OpCase u = lu_row(
      "lu_u", [](const Tensor& a) { return linalg::lu(a).U; }, &Factors::u, answers(1, small, by_pivots));
  for (OpCase* row : {&l, &u})  // a column of one row has no entries of L that move
    row->extremes.edges.single = as_reference(finite);
  return {p, l, u};
}

double size_of(const Matrix& w) {
  double size = 0.0;
  for (const auto& row : w)
    for (const double value : row) size = std::max(size, std::abs(value));
  return size;
}

// The product of the pivots, in units of the largest entry.
double determinant(Matrix w) {
  const double scale = size_of(w);
  if (scale == 0.0) return 0.0;
  for (auto& row : w)
    for (double& value : row) value /= scale;
  const auto [p, l, u] = eliminated(w);
  double value = 1.0;
  for (std::size_t i = 0; i < w.size(); ++i) value *= u[i][i];
  std::vector<std::size_t> order;
  for (const auto& row : p)
    order.push_back(static_cast<std::size_t>(std::find(row.begin(), row.end(), 1.0) - row.begin()));
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (order[j] > order[i]) value = -value;
  int power = 0;
  value = std::frexp(value, &power);
  for (std::size_t i = 0; i < w.size(); ++i) {
    int each = 0;
    value *= std::frexp(scale, &each);
    power += each;
  }
  return std::ldexp(value, power);
}

OpCase det_row(const std::string& name, const std::function<Tensor(const Tensor&)>& make) {
  const Extremes answers{by_reference(),
                         finite_only("det", as_reference(finite), as_reference(finite), as_reference(finite)),
                         folds({{{8, 8}}}, 500.0), takes_all()};
  OpCase row = square_row(
      name, "det", [](const Tensor& w) { return linalg::det(w); }, answers);
  row.prepare = [make](const Tensors& x) { return Tensors{make(x[0])}; };
  row.bare = row.f;
  row.f = [make](const Tensors& x) { return linalg::det(make(x[0])); };
  return row;
}

std::vector<OpCase> det_rows() {
  OpCase row = det_row("det", [](const Tensor& w) { return w; });
  row.reference = [](const Arrays& x) {
    return each_matrix(x[0], 0, [](const Matrix& w) { return Values{determinant(w)}; });
  };
  return {row};
}

// a^+ b, singular values below 1e-9 of the largest taken as zero.
Matrix least_squares(const Matrix& a, const Matrix& b) {
  const double largest = singular_values(a).front();
  const auto inverse = [largest](double s, std::size_t) { return s > 1e-9 * largest ? 1.0 / s : 0.0; };
  return product(transposed(spectral_function(a, inverse)), b);
}

Matrix rows_of(const Array& x, std::int64_t from) {
  const auto m = x.shape[-2], n = x.shape[-1];
  Matrix rows;
  for (std::int64_t i = 0; i < m; ++i) {
    const auto first = x.values.begin() + from * m * n + i * n;
    rows.emplace_back(first, first + n);
  }
  return rows;
}

using Solver = Matrix (*)(const Matrix& a, const Matrix& b);

OpCase system_row(const std::string& name, const std::string& operation, const std::function<Tensor(const Tensors&)>& f,
                  const Sets& shapes, const Extremes& answers,
                  const std::function<Matrix(const Arrays&, std::int64_t)>& matrix, Solver solved) {
  OpCase row{.name = name, .f = f, .shapes = shapes, .extremes = answers, .operation = operation};
  row.reference = [matrix, solved](const Arrays& x) {
    const Array& b = x.back();
    const Shape batch = b.shape.head(b.shape.rank() - 2);
    const auto columns = static_cast<std::int64_t>(x[x.size() - 2].shape[-1]);
    std::vector<Matrix> solutions;
    for (std::int64_t i = 0; i < batch.numel(); ++i) solutions.push_back(solved(matrix(x, i), rows_of(b, i)));
    const Shape shape = batch.inserted(-1, columns).inserted(-1, b.shape[-1]);
    return Array(shape, [&](const Index& index) {
      std::int64_t entry = 0;
      for (int axis = 0; axis < batch.rank(); ++axis)
        entry = entry * batch[axis] + index[static_cast<std::size_t>(axis)];
      return solutions[static_cast<std::size_t>(entry)][static_cast<std::size_t>(index.end()[-2])]
                      [static_cast<std::size_t>(index.back())];
    });
  };
  return row;
}

std::vector<OpCase> lstsq_rows() {
  const auto lstsq = [](const Shape& a, const Shape& b) { return [a, b] { linalg::lstsq(ones(a), ones(b)); }; };
  OpCase row = system_row(
      "lstsq", "lstsq", [](const Tensors& x) { return linalg::lstsq(x[0], x[1]); },
      {{{4, 4}, {4, 3}},
       {{5, 3}, {5, 2}},
       {{3, 5}, {3, 2}},
       {{2, 3, 2}, {2, 3, 1}},
       {{1, 1}, {1, 1}},
       {{0, 3, 2}, {0, 3, 1}}},
      {homogeneous_in_each({-1, 1}), finite_only("lstsq", gives(0.0, 0.0), as_reference(finite), as_reference(finite)),
       folds({{{2000, 2}, {2000, 1}}, {{2, 2000}, {2, 1}}}, 20.0), takes_all()},
      [](const Arrays& x, std::int64_t i) { return rows_of(x[0], i); }, least_squares);
  row.misuses = {{lstsq({3}, {3}), "lstsq: needs a matrix, got [3]"},
                 {lstsq({3, 2}, {2, 2}), "lstsq: sizes differ: [3, 2] and [2, 2] (3 != 2)"},
                 {lstsq({3, 2}, {}), "lstsq: needs a vector or a matrix on the right, got []"},
                 {lstsq({2, 3, 3}, {4, 3, 1}), "lstsq: shapes do not broadcast: [2] and [4]"},
                 {[] {
                    linalg::lstsq(ones({3, 2}), ones({3}), -1.0);
                  },
                  "lstsq: rcond must be >= 0 (got -1)"}};
  OpCase deficient = system_row(
      "lstsq_of_rank_2", "lstsq", [](const Tensors& x) { return linalg::lstsq(matmul(x[0], x[1]), x[2]); },
      {{{5, 2}, {2, 4}, {5, 3}}, {{3, 2}, {2, 3}, {3, 1}}, {{2, 3, 2}, {2, 2, 4}, {2, 3, 1}}}, row.extremes,
      [](const Arrays& x, std::int64_t i) {
        return x.size() == 2 ? rows_of(x[0], i) : product(rows_of(x[0], i), rows_of(x[1], i));
      },
      least_squares);
  deficient.extremes.long_axis = folds({{{50, 2}, {2, 40}, {50, 1}}}, 100.0);
  deficient.prepare = [](const Tensors& x) { return Tensors{matmul(x[0], x[1]), x[2]}; };
  deficient.bare = row.f;
  deficient.mixes_dtypes = true;  // two of three inputs meet in a product
  return {row, deficient};
}

constexpr double mu = 0.5;

// (a'a + mu)^-1 b.
Matrix inverse_normal(const Matrix& a, const Matrix& b) {
  Matrix normal = product(transposed(a), a);
  for (std::size_t i = 0; i < normal.size(); ++i) normal[i][i] += mu;
  return gauss(normal, b);
}

OpCase tikhonov_cond_row() {
  OpCase row = matrix_row(
      "tikhonov_cond", "tikhonov_cond", [](const Tensor& w) { return linalg::tikhonov_cond(w, mu); },
      {by_reference(), finite_only("tikhonov_cond", gives(1.0, finite), as_reference(finite), as_reference(finite)),
       folds_long_matrices(20.0), takes_all()});
  row.reference = [](const Arrays& x) {
    return each_matrix(x[0], 0, [](const Matrix& w) {
      const Values s = singular_values(w);
      const double root = std::sqrt(mu), least = w.size() < w.front().size() ? 0.0 : s.back();
      const double ratio = std::hypot(s.front(), root) / std::hypot(least, root);
      return Values{ratio * ratio};
    });
  };
  row.misuses.push_back({[] {
                           linalg::tikhonov_cond(ones({2, 2}), 0.0);
                         },
                         "tikhonov_cond: mu must be positive and finite (got 0)"});
  return row;
}

std::vector<OpCase> tikhonov_rows() {
  const auto call = [](const Shape& a, const Shape& b, double weight = 1.0) {
    return [=] { linalg::tikhonov(ones(a), ones(b), weight); };
  };
  const auto first = [](const Arrays& x, std::int64_t i) { return rows_of(x[0], i); };
  OpCase row = system_row(
      "tikhonov", "tikhonov", [](const Tensors& x) { return linalg::tikhonov(x[0], x[1], mu); },
      {{{4, 4}, {4, 3}},
       {{5, 3}, {5, 2}},
       {{3, 5}, {3, 2}},
       {{2, 3, 2}, {2, 3, 1}},
       {{1, 1}, {1, 1}},
       {{0, 3, 2}, {0, 3, 1}}},
      {laws({{1.0, {1}}}), finite_only("tikhonov", gives(0.0, 0.0), as_reference(finite), as_reference(finite)),
       folds({{{2000, 2}, {2000, 1}}, {{2, 2000}, {2, 1}}}, 20.0), takes_all()},
      first, [](const Matrix& a, const Matrix& b) { return inverse_normal(a, product(transposed(a), b)); });
  row.misuses = {{call({3}, {3}), "tikhonov: needs a matrix, got [3]"},
                 {call({3, 2}, {2, 2}), "tikhonov: sizes differ: [3, 2] and [2, 2] (3 != 2)"},
                 {call({3, 2}, {}), "tikhonov: needs a vector or a matrix on the right, got []"},
                 {call({2, 3, 3}, {4, 3, 1}), "tikhonov: shapes do not broadcast: [2] and [4]"},
                 {call({3, 2}, {3}, 0.0), "tikhonov: mu must be positive and finite (got 0)"}};
  OpCase bias = system_row(
      "tikhonov_bias", "tikhonov_bias", [](const Tensors& x) { return linalg::tikhonov_bias(x[0], x[1], mu); },
      {{{4, 4}, {4, 3}}, {{5, 3}, {3, 2}}, {{3, 5}, {5, 2}}, {{2, 3, 2}, {2, 2, 1}}, {{1, 1}, {1, 1}}},
      {laws({{1.0, {1}}}), finite_only("tikhonov_bias", gives(0.0, finite), as_reference(finite), as_reference(finite)),
       folds({{{2000, 2}, {2, 1}}, {{2, 2000}, {2000, 1}}}, 20.0), takes_all()},
      first,
      [](const Matrix& a, const Matrix& b) {
        Matrix result = inverse_normal(a, b);
        for (auto& values : result)
          for (double& value : values) value *= -mu;
        return result;
      });
  bias.misuses = {{[] {
                     linalg::tikhonov_bias(ones({3, 2}), ones({3}), 1.0);
                   },
                   "tikhonov_bias: sizes differ: [3, 2] and [3] (2 != 3)"}};
  return {row, bias, tikhonov_cond_row()};
}

Tensor dominant(const Tensor& w) { return w + 7.0 * eye(w.size(-1), w.dtype()); }

std::vector<OpCase> power_rows() {
  const auto power = [](std::int64_t n) { return [n](const Tensor& a) { return linalg::matrix_power(a, n); }; };
  OpCase cube =
      matrix_row("matrix_power", "matrix_power", power(3),
                 {by_reference_if_small("the result leaves the range"),
                  {as_reference(finite), as_reference(finite), as_reference(finite),
                   meaningless("the order of the sums decides between infinity and NaN"),
                   meaningless("the order of the sums decides between infinity and NaN"), as_reference(undefined)},
                  folds({{{64, 64}}}, 20.0),
                  takes_all()});
  const OpCase square = square_row("matrix_power_of_minus_2", "matrix_power", power(-2), cube.extremes);
  cube.shapes = square.shapes;
  cube.misuses = {square.misuses[0], square.misuses[1]};
  cube.reference = [](const Arrays& x) {
    const auto n = x[0].shape[-1];
    return each_matrix(x[0], n, n, [](const Matrix& w) { return product(product(w, w), w); });
  };
  OpCase inverse = square;
  inverse.extremes = {homogeneous(-2),
                      finite_only("matrix_power", refuses("matrix_power: matrix is singular"),
                                  refuses("matrix_power: matrix is singular"), as_reference(finite)),
                      folds({{{64, 64}}}, 20.0), takes_all()};
  inverse.prepare = [](const Tensors& x) { return Tensors{dominant(x[0])}; };
  inverse.bare = [power](const Tensors& x) { return power(-2)(x[0]); };
  inverse.f = [power](const Tensors& x) { return power(-2)(dominant(x[0])); };
  inverse.reference = [](const Arrays& x) {
    const auto n = x[0].shape[-1];
    return each_matrix(x[0], n, n, [](Matrix w) {
      for (std::size_t i = 0; i < w.size(); ++i) w[i][i] += 7.0;
      const Matrix once = gauss(w, identity(w.size()));
      return product(once, once);
    });
  };
  return {cube, inverse};
}

}  // namespace

std::vector<OpCase> solving_cases() {
  std::vector<OpCase> rows;
  for (const auto& family : {det_rows(), lu_rows(), power_rows(), lstsq_rows(), tikhonov_rows()})
    rows.insert(rows.end(), family.begin(), family.end());
  return rows;
}

}  // namespace sigmagrad::testing
