// SPDX-License-Identifier: BSD-3-Clause
// Higham 2005, "The scaling and squaring method for the matrix exponential revisited", algorithm 2.3.
#include <algorithm>
#include <array>
#include <cmath>
#include <sigmagrad/autograd/detail/gemm.hpp>
#include <sigmagrad/linalg/detail/expm.hpp>
#include <sigmagrad/linalg/detail/lapack.hpp>
#include <sigmagrad/linalg/detail/workspace.hpp>
#include <vector>

namespace sigmagrad::linalg::detail {
namespace {

using Matrix = std::vector<double>;

/// The largest 1-norms for which the approximants of these degrees are accurate to double precision (table 2.3).
struct Limit {
  int degree;
  double norm;
};
constexpr std::array<Limit, 4> small_degrees{
    {{3, 1.495585217958292e-2}, {5, 2.539398330063230e-1}, {7, 9.504178996162932e-1}, {9, 2.097847961257068e0}}};
constexpr Limit largest_degree{13, 5.371920351148152e0};

struct Space {
  Matrix a, even, odd, product;
  std::array<Matrix, 4> powers;  // A^2, A^4, A^6, A^8
};

double one_norm(const Matrix& a, std::int64_t n) {
  double largest = 0.0;
  for (std::int64_t j = 0; j < n; ++j) {
    double sum = 0.0;
    for (std::int64_t i = 0; i < n; ++i) sum += std::abs(a[static_cast<std::size_t>(i * n + j)]);
    largest = std::max(largest, sum);
  }
  return largest;
}

void multiply(const Matrix& a, const Matrix& b, Matrix& c, std::int64_t n) {
  sigmagrad::detail::Gemm{n, n, n, false, false}(1, a.data(), 0, b.data(), 0, c.data());
}

void add(Matrix& to, double factor, const Matrix& x) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * x[i];
}

void add_identity(Matrix& to, double factor, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) to[static_cast<std::size_t>(i * (n + 1))] += factor;
}

/// Coefficients of the numerator: c_j = (2q - j)! q! / ((2q)! (q - j)! j!).
std::array<double, 14> coefficients(int degree) {
  std::array<double, 14> c{1.0};
  for (int j = 0; j < degree; ++j)
    c[static_cast<std::size_t>(j + 1)] = c[static_cast<std::size_t>(j)] * (degree - j) / ((2.0 * degree - j) * (j + 1));
  return c;
}

/// sum over j of c[2j + first] A^2j, j <= 3 or 4 powers. At degree 13 the terms from A^8 on are A^6 times another sum.
void even_sum(Space& space, int degree, std::size_t first, Matrix& result, std::int64_t n) {
  const auto c = coefficients(degree);
  const auto most = static_cast<std::size_t>(degree / 2);
  std::fill(result.begin(), result.end(), 0.0);
  if (degree == 13) {
    for (std::size_t j = 4; j <= 6; ++j) add(result, c[2 * j + first], space.powers[j - 4]);
    multiply(space.powers[2], result, space.product, n);
    std::swap(result, space.product);
  }
  for (std::size_t j = std::min<std::size_t>(most, degree == 13 ? 3 : 4); j > 0; --j)
    add(result, c[2 * j + first], space.powers[j - 1]);
  add_identity(result, c[first], n);
}

/// r(A) = (even - odd)^-1 (even + odd), where odd = A times a sum of even powers.
void pade(Space& space, int degree, std::int64_t n) {
  multiply(space.a, space.a, space.powers[0], n);
  const int powers = degree == 13 ? 3 : degree / 2;
  for (int j = 1; j < powers; ++j)
    multiply(space.powers[static_cast<std::size_t>(j - 1)], space.powers[0], space.powers[static_cast<std::size_t>(j)],
             n);
  even_sum(space, degree, 1, space.odd, n);
  multiply(space.a, space.odd, space.product, n);
  std::swap(space.odd, space.product);
  even_sum(space, degree, 0, space.even, n);
  for (std::size_t i = 0; i < space.odd.size(); ++i) {
    space.product[i] = space.even[i] + space.odd[i];
    space.even[i] -= space.odd[i];
  }
  if (!solve(space.even.data(), n, space.product.data(), n, space.a.data(), "expm"))
    sigmagrad::detail::fail("expm: the denominator of a [{}, {}] matrix is singular", n, n);
}

}  // namespace

template <class T>
void expm(const T* a, std::int64_t n, T* out) {
  if (n == 0) return;
  check_input("expm", a, n, n);
  thread_local Space space;
  const auto count = static_cast<std::size_t>(n * n);
  for (auto* matrix : {&space.even, &space.odd, &space.product}) matrix->resize(count);
  for (auto& power : space.powers) power.resize(count);
  space.a.assign(a, a + n * n);
  double norm = one_norm(space.a, n);
  int squarings = 0;
  const auto halve = [&](int times) {
    squarings += times;
    for (double& x : space.a) x = std::ldexp(x, -times);
  };
  if (!std::isfinite(norm)) {  // of finite entries
    halve(64);
    norm = one_norm(space.a, n);
  }
  const auto* limit = std::find_if(small_degrees.begin(), small_degrees.end(), [&](Limit l) { return norm <= l.norm; });
  if (limit == small_degrees.end()) {
    limit = &largest_degree;
    if (norm > limit->norm) halve(1 + std::ilogb(norm / limit->norm));
  }
  pade(space, limit->degree, n);
  for (int i = 0; i < squarings; ++i) {
    multiply(space.a, space.a, space.product, n);
    std::swap(space.a, space.product);
  }
  std::transform(space.a.begin(), space.a.end(), out, [](double x) { return static_cast<T>(x); });
}

template void expm(const double*, std::int64_t, double*);
template void expm(const float*, std::int64_t, float*);

}  // namespace sigmagrad::linalg::detail
