// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/matrices.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

using Column = const std::vector<double>&;
using X = const Tensor&;

using Values = std::vector<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();

double sum_of(Column x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double mean_of(Column x) { return sum_of(x) / static_cast<double>(x.size()); }
// The first that is NaN, else by `better`.
template <class Better>
Values::const_iterator best_of(Column x, Better better) {
  const auto nan = std::find_if(x.begin(), x.end(), [](double v) { return std::isnan(v); });
  return nan != x.end() ? nan : std::min_element(x.begin(), x.end(), better);
}
double max_of(Column x) { return *best_of(x, std::greater()); }
double min_of(Column x) { return *best_of(x, std::less()); }
double argmax_of(Column x) { return static_cast<double>(best_of(x, std::greater()) - x.begin()); }

double argmin_of(Column x) { return static_cast<double>(best_of(x, std::less()) - x.begin()); }

bool has_nan(Column x) {
  return std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); });
}
Values in_order(Values x) {
  std::sort(x.begin(), x.end());
  return x;
}
double median_of(Column x) { return has_nan(x) ? std::nan("") : in_order(x)[(x.size() - 1) / 2]; }

// The two entries that the 0.3-quantile is between, and the share of the second.
struct Between {
  explicit Between(Column x) {
    const double place = 0.3 * (static_cast<double>(x.size()) - 1.0);
    const auto below = static_cast<std::size_t>(place);
    share = place - static_cast<double>(below);
    lower = has_nan(x) ? std::nan("") : in_order(x)[below];
    upper = has_nan(x) ? std::nan("") : in_order(x)[std::min(below + 1, x.size() - 1)];
  }
  double lower, upper, share;
};
double quantile_of(Column x) {
  const Between two(x);
  return two.share == 0.0 ? two.lower : (1.0 - two.share) * two.lower + two.share * two.upper;
}

double prod_of(Column x) { return std::accumulate(x.begin(), x.end(), 1.0, std::multiplies()); }
double any_positive(Column x) {
  return std::any_of(x.begin(), x.end(), [](double v) { return !(v <= 0.0); }) ? 1.0 : 0.0;
}
double all_positive(Column x) {
  return std::all_of(x.begin(), x.end(), [](double v) { return !(v <= 0.0); }) ? 1.0 : 0.0;
}

double squared_deviations(Column x) {
  const double mean = mean_of(x);
  return std::accumulate(x.begin(), x.end(), 0.0, [=](double s, double v) { return s + (v - mean) * (v - mean); });
}
double var_of(Column x) { return squared_deviations(x) / (static_cast<double>(x.size()) - 1.0); }
double std_of(Column x) { return std::sqrt(var_of(x)); }

// exp(x - max) over their sum; where the largest is infinite, the infinite ones share 1 (none if it is -infinity).
Values softmax_of(Column x) {
  const double largest = max_of(x);
  Values p;
  for (const double v : x)
    p.push_back(std::isinf(largest) ? static_cast<double>(largest > 0.0 && v == largest) : std::exp(v - largest));
  const double total = sum_of(p);
  for (double& v : p) v = total == 0.0 ? 0.0 : v / total;
  return p;
}
double logsumexp_of(Column x) {
  const double largest = max_of(x);
  double rest = -1.0;  // the largest itself counts 1
  for (const double v : x) rest += std::exp(v - largest);
  return std::isinf(largest) ? largest : largest + std::log1p(rest);
}

// Derivatives of the folds.
Values one_each(Column x) { return Values(x.size(), 1.0); }
Values share_each(Column x) { return Values(x.size(), 1.0 / static_cast<double>(x.size())); }
Values deviations(Column x, double factor) {
  Values result;
  const double mean = std::isfinite(mean_of(x)) ? mean_of(x) : std::nan("");  // beside an infinity all are NaN
  for (const double v : x) result.push_back((v - mean) * factor);
  return result;
}
Values var_slopes(Column x) { return deviations(x, 2.0 / (static_cast<double>(x.size()) - 1.0)); }
// 0 where all entries are equal.
Values std_slopes(Column x) {
  const double std = std_of(x);
  return std == 0.0 ? Values(x.size()) : deviations(x, 1.0 / (std * (static_cast<double>(x.size()) - 1.0)));
}
// 0 where all entries are 0.
Values norm_slopes(Column x) {
  const double norm = length(x);
  Values result;
  for (const double v : x) result.push_back(norm == 0.0 ? 0.0 : v / norm);
  return result;
}
// Ties share, and so do all that are NaN.
Values shares_of(Column x, double best) {
  Values result;
  for (const double v : x) result.push_back(v == best || (std::isnan(v) && std::isnan(best)) ? 1.0 : 0.0);
  const double ties = sum_of(result);
  for (double& v : result) v /= ties;
  return result;
}
Values max_slopes(Column x) { return shares_of(x, max_of(x)); }
Values min_slopes(Column x) { return shares_of(x, min_of(x)); }

Values median_slopes(Column x) { return shares_of(x, median_of(x)); }
Values quantile_slopes(Column x) {
  const Between two(x);
  const Values lower = shares_of(x, two.lower), upper = shares_of(x, two.upper);
  Values result;
  for (std::size_t i = 0; i < x.size(); ++i) result.push_back((1.0 - two.share) * lower[i] + two.share * upper[i]);
  return result;
}
Values prod_slopes(Column x) {
  Values result;
  for (std::size_t i = 0; i < x.size(); ++i) {
    Values others = x;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    result.push_back(prod_of(others));
  }
  return result;
}

std::vector<Misuse> wrong_axis(const std::string& operation, Tensor (*f)(X, int, bool)) {
  return {{[f] {
             f(ones({2, 3}), 2, false);
           },
           operation + ": axis 2 is out of range for 2 axes"},
          {[f] { f(ones({}), -1, false); }, operation + ": axis -1 is out of range for 0 axes"}};
}

Extremes answers(const Scaling& scaling, const Choice& choice, const Shape& along) {
  return {scaling, everywhere(as_reference()), folds({{along}}), choice};
}

// Rows of f(x), f(x, axis) for the last axis and the one before, and f(x, axis, keepdim); `least` entries are needed.
struct Reduction {
  std::string name;
  Unary whole;
  Tensor (*along)(X, int, bool);
  double (*reference)(Column);
  Values (*slopes)(Column);
  Scaling scaling;
  Choice choice;
  int least = 0;
  bool differentiable = true;
  std::string operation = name;  // as its errors name it
};

OpCase along_axis(const Reduction& r, const std::string& suffix, int axis, bool keepdim) {
  OpCase row{.name = r.name + suffix,
             .f = [=](const Tensors& x) { return r.along(x[0], axis, keepdim); },
             .reference = [=](const Arrays& x) { return fold(x[0], axis, keepdim, r.reference); },
             .shapes = {{{3, 4}}, {{2, 3, 4}}, {{17, 9}}, {{0, 4}}},
             .extremes = answers(r.scaling, r.choice, axis == -2 ? Shape{100000, 2} : Shape{2, 100000}),
             .pullback = pullback_of_fold(axis, keepdim, r.slopes),
             .differentiable = r.differentiable,
             .misuses = wrong_axis(r.operation, r.along)};
  if (r.name == "var" || r.name == "std")
    row.extremes.edges.single = refuses_any(r.name + ": the 1 entries along axis ");
  if (r.name == "prod") row.extremes.long_axis = folds({{axis == -2 ? Shape{200, 2} : Shape{2, 200}}});  // in the range
  if (axis == -2) row.shapes.back() = {{4, 0}};
  if (r.least < 2) row.shapes.push_back({{1, 1}});
  if (r.least == 0) row.shapes.insert(row.shapes.end(), {{{4, 0}}, {{0, 4}}});
  if (r.least == 1 && r.operation == r.name)
    row.misuses.push_back({[r] { r.along(ones({2, 0}), -1, false); }, r.name + ": axis 1 of [2, 0] is empty"});
  return row;
}

std::vector<OpCase> rows_of(const Reduction& r) {
  OpCase whole{.name = r.name,
               .f = [=](const Tensors& x) { return r.whole(x[0]); },
               .reference = [=](const Arrays& x) { return fold(x[0], r.reference); },
               .shapes = {{{3, 4}}, {{2, 3, 2}}, {{2}}},
               .extremes = answers(r.scaling, r.choice, {100000}),
               .pullback = pullback_of_fold(r.slopes),
               .differentiable = r.differentiable,
               .batched = false};
  if (r.least < 2) whole.shapes.insert(whole.shapes.end(), {{{}}, {{1}}, {{1, 1}}});
  if (r.least == 0) whole.shapes.insert(whole.shapes.end(), {{{0}}, {{2, 0}}});
  if (r.name == "prod") whole.extremes.long_axis = folds({{{200}}});
  if (r.name == "sum") whole.shapes.push_back({{1100}});  // more than one block of the pairwise sum
  if (r.name == "var" || r.name == "std")
    whole.extremes.edges.single =
        refuses(r.name + ": the 1 entries along axis 0 of [1] are not more than the correction, 1");
  return {whole, along_axis(r, "_rows", -1, false), along_axis(r, "_columns", -2, false),
          along_axis(r, "_keepdim", -1, true)};
}

// log(softmax(x)), to full precision where an entry is far above the others.
Values log_softmax_of(Column x) {
  const double largest = max_of(x);
  if (std::isinf(largest)) {
    Values result = softmax_of(x);
    for (double& v : result) v = std::log(v);
    return result;
  }
  double rest = -1.0;
  for (const double v : x) rest += std::exp(v - largest);
  Values result;
  for (const double v : x) result.push_back((v - largest) - std::log1p(rest));
  return result;
}

// A function of each last axis as a whole, with the product of weights and its Jacobian.
Array each_row(const Array& x, const std::function<Values(Column)>& f) {
  const std::int64_t n = x.shape[-1];
  Array result = x;
  for (std::size_t at = 0; at < x.values.size(); at += static_cast<std::size_t>(n)) {
    const auto begin = x.values.begin() + static_cast<std::ptrdiff_t>(at);
    const auto row = f(Values(begin, begin + n));
    std::copy(row.begin(), row.end(), result.values.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return result;
}

Arrays softmax_pullback(const Arrays& x, const Array& weights, bool logarithm) {
  const Array p = each_row(x[0], softmax_of);
  const auto n = static_cast<std::size_t>(x[0].shape[-1]);
  Arrays result{x[0]};
  for (std::size_t begin = 0; begin < p.values.size(); begin += n) {
    double total = 0.0;
    for (std::size_t i = begin; i < begin + n; ++i) total += weights.values[i] * (logarithm ? 1.0 : p.values[i]);
    for (std::size_t i = begin; i < begin + n; ++i)
      result[0].values[i] =
          logarithm ? weights.values[i] - p.values[i] * total : p.values[i] * (weights.values[i] - total);
  }
  return result;
}

// Running products along the last axis but one.
OpCase cumprod_case() {
  const auto product = [](const Array& x, Index i, std::int64_t without) {
    double result = 1.0;
    std::int64_t& at = i[i.size() - 2];
    const std::int64_t last = at;
    for (at = 0; at <= last; ++at)
      if (at != without) result *= x.at(i);
    return result;
  };
  return {.name = "cumprod",
          .f = [](const Tensors& x) { return cumprod(x[0], -2); },
          .reference =
              [product](const Arrays& x) {
                return Array(x[0].shape, [&](const Index& i) { return product(x[0], i, -1); });
              },
          .shapes = {{{3, 4}}, {{2, 3, 4}}, {{1, 1}}, {{0, 4}}},
          .extremes = {by_reference(), everywhere(as_reference()), folds({{{200, 2}}}), takes_all()},
          .pullback =
              [product](const Arrays& x, const Array& weights) {
                return Arrays{Array(x[0].shape, [&](Index i) {
                  double total = 0.0;
                  std::int64_t& at = i[i.size() - 2];
                  const std::int64_t own = at;
                  for (; at < x[0].shape[-2]; ++at) total += weights.at(i) * product(x[0], i, own);
                  return total;
                })};
              },
          .misuses = {{[] { cumprod(ones({3}), 1); }, "cumprod: axis 1 is out of range for 1 axes"}}};
}

std::vector<OpCase> normalising_cases() {
  const auto running_sum = [](const Arrays& x) {
    return Array(x[0].shape, [&](Index i) {
      double total = 0.0;
      const std::int64_t last = i[i.size() - 2];
      for (i[i.size() - 2] = 0; i[i.size() - 2] <= last; ++i[i.size() - 2]) total += x[0].at(i);
      return total;
    });
  };
  const std::vector<std::vector<Shape>> shapes = {{{3, 4}}, {{2, 3, 4}}, {{1, 1}}, {{0, 4}}};
  return {
      {.name = "softmax",
       .f = [](const Tensors& x) { return softmax(x[0], -1); },
       .reference = [](const Arrays& x) { return each_row(x[0], softmax_of); },
       .shapes = shapes,
       .extremes = answers(by_reference(), takes_all(), {2, 100000}),
       .pullback = [](const Arrays& x, const Array& w) { return softmax_pullback(x, w, false); },
       .misuses = {{[] { softmax(ones({3}), 1); }, "softmax: axis 1 is out of range for 1 axes"}}},
      {.name = "log_softmax",
       .f = [](const Tensors& x) { return log_softmax(x[0], -1); },
       .reference = [](const Arrays& x) { return each_row(x[0], log_softmax_of); },
       .shapes = shapes,
       .extremes = answers(by_reference(), takes_all(), {2, 100000}),
       .pullback = [](const Arrays& x, const Array& w) { return softmax_pullback(x, w, true); },
       .misuses = {{[] { log_softmax(ones({3}), 1); }, "log_softmax: axis 1 is out of range for 1 axes"}}},
      {.name = "cumsum",
       .f = [](const Tensors& x) { return cumsum(x[0], -2); },
       .reference = running_sum,
       .shapes = shapes,
       .extremes = {homogeneous(1), linear_edges(), folds({{{100000, 2}}}), takes_all()},
       .misuses = {{[] { cumsum(ones({3}), 1); }, "cumsum: axis 1 is out of range for 1 axes"}}},
  };
}

std::vector<Reduction> reductions() {
  return {
      {"sum", [](X x) { return sum(x); }, [](X x, int axis, bool keep) { return sum(x, axis, keep); }, sum_of, one_each,
       homogeneous(1), takes_all()},
      {"mean", [](X x) { return mean(x); }, [](X x, int axis, bool keep) { return mean(x, axis, keep); }, mean_of,
       share_each, homogeneous(1), takes_all()},
      {"var", [](X x) { return var(x); }, [](X x, int axis, bool keep) { return var(x, axis, keep); }, var_of,
       var_slopes, homogeneous(2), takes_all(), 2},
      {"std", [](X x) { return std(x); }, [](X x, int axis, bool keep) { return std(x, axis, keep); }, std_of,
       std_slopes, homogeneous(1), takes_all(), 2},
      {"norm", [](X x) { return x.norm(); }, [](X x, int axis, bool keep) { return x.norm(axis, keep); },
       [](Column x) { return length(x); }, norm_slopes, homogeneous(1), takes_all()},
      {"max", [](X x) { return max(x); }, [](X x, int axis, bool keep) { return max(x, axis, keep); }, max_of,
       max_slopes, homogeneous(1), chooses({-infinity}), 1},
      {"min", [](X x) { return min(x); }, [](X x, int axis, bool keep) { return min(x, axis, keep); }, min_of,
       min_slopes, homogeneous(1), chooses({infinity}), 1},
      {"argmax", [](X x) { return argmax(x); }, [](X x, int axis, bool keep) { return argmax(x, axis, keep); },
       argmax_of, one_each, homogeneous(0), piecewise_constant(), 1, false},
      {"argmin", [](X x) { return argmin(x); }, [](X x, int axis, bool keep) { return argmin(x, axis, keep); },
       argmin_of, one_each, homogeneous(0), piecewise_constant(), 1, false},
      {"median", [](X x) { return median(x); }, [](X x, int axis, bool keep) { return median(x, axis, keep); },
       median_of, median_slopes, homogeneous(1), chooses({}), 1},
      {"quantile", [](X x) { return quantile(x, 0.3); },
       [](X x, int axis, bool keep) { return quantile(x, 0.3, axis, keep); }, quantile_of, quantile_slopes,
       homogeneous(1), chooses({}), 1},
      {"prod", [](X x) { return prod(x); }, [](X x, int axis, bool keep) { return prod(x, axis, keep); }, prod_of,
       prod_slopes, by_reference(), takes_all()},
      {"any", [](X x) { return any(relu(x)); }, [](X x, int axis, bool keep) { return any(relu(x), axis, keep); },
       any_positive, one_each, homogeneous(0), piecewise_constant(), 0, false},
      {"all", [](X x) { return all(relu(x)); }, [](X x, int axis, bool keep) { return all(relu(x), axis, keep); },
       all_positive, one_each, homogeneous(0), piecewise_constant(), 0, false},
      {"logsumexp", [](X x) { return logsumexp(x); }, [](X x, int axis, bool keep) { return logsumexp(x, axis, keep); },
       logsumexp_of, softmax_of, by_reference(), takes_all(), 1},
  };
}

}  // namespace

std::vector<OpCase> reduction_cases() {
  auto rows = normalising_cases();
  rows.push_back(cumprod_case());
  for (const auto& reduction : reductions())
    for (auto& row : rows_of(reduction)) rows.push_back(std::move(row));
  const Reduction sum_member{"Tensor_sum",
                             [](X x) { return x.sum(); },
                             [](X x, int axis, bool keep) { return x.sum(axis, keep); },
                             sum_of,
                             one_each,
                             homogeneous(1),
                             takes_all(),
                             0,
                             true,
                             "sum"};
  const Reduction mean_member{"Tensor_mean",
                              [](X x) { return x.mean(); },
                              [](X x, int axis, bool keep) { return x.mean(axis, keep); },
                              mean_of,
                              share_each,
                              homogeneous(1),
                              takes_all(),
                              0,
                              true,
                              "mean"};
  const Reduction biased{"var_biased",
                         [](X x) { return var(x.flatten(), 0, false, 0); },
                         [](X x, int axis, bool keep) { return var(x, axis, keep, 0); },
                         [](Column x) { return squared_deviations(x) / static_cast<double>(x.size()); },
                         [](Column x) { return deviations(x, 2.0 / static_cast<double>(x.size())); },
                         homogeneous(2),
                         takes_all(),
                         1,
                         true,
                         "var"};
  for (const auto& reduction : {sum_member, mean_member, biased})
    for (auto& row : rows_of(reduction)) rows.push_back(std::move(row));
  return rows;
}

}  // namespace sigmagrad::testing
