// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <numeric>
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/reductions.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

using Column = const std::vector<double>&;
using X = const Tensor&;

double sum_of(Column x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double mean_of(Column x) { return sum_of(x) / static_cast<double>(x.size()); }
double max_of(Column x) { return *std::max_element(x.begin(), x.end()); }
double min_of(Column x) { return *std::min_element(x.begin(), x.end()); }
double argmax_of(Column x) { return static_cast<double>(std::max_element(x.begin(), x.end()) - x.begin()); }

double squared_deviations(Column x) {
  const double mean = mean_of(x);
  return std::accumulate(x.begin(), x.end(), 0.0, [=](double s, double v) { return s + (v - mean) * (v - mean); });
}
double var_of(Column x) { return squared_deviations(x) / (static_cast<double>(x.size()) - 1.0); }
double std_of(Column x) { return std::sqrt(var_of(x)); }

double logsumexp_of(Column x) {
  return std::log(std::accumulate(x.begin(), x.end(), 0.0, [](double s, double v) { return s + std::exp(v); }));
}

std::vector<Misuse> wrong_axis(const std::string& operation, Tensor (*f)(X, int, bool)) {
  return {{[f] {
             f(ones({2, 3}), 2, false);
           },
           operation + ": axis 2 is out of range for 2 axes"},
          {[f] { f(ones({}), -1, false); }, operation + ": axis -1 is out of range for 0 axes"}};
}

/// Rows of f(x), f(x, axis) for the last axis and the one before, and f(x, axis, keepdim); `least` entries are needed.
struct Reduction {
  std::string name;
  Unary whole;
  Tensor (*along)(X, int, bool);
  double (*reference)(Column);
  int least = 0;
  bool differentiable = true;
  std::string operation = name;  // as its errors name it
};

OpCase along_axis(const Reduction& r, const std::string& suffix, int axis, bool keepdim) {
  OpCase row{.name = r.name + suffix,
             .f = [=](const Tensors& x) { return r.along(x[0], axis, keepdim); },
             .reference = [=](const Arrays& x) { return fold(x[0], axis, keepdim, r.reference); },
             .shapes = {{{3, 4}}, {{2, 3, 4}}, {{17, 9}}, {{0, 4}}},
             .differentiable = r.differentiable,
             .misuses = wrong_axis(r.operation, r.along)};
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
               .differentiable = r.differentiable,
               .batched = false};
  if (r.least < 2) whole.shapes.insert(whole.shapes.end(), {{{}}, {{1}}, {{1, 1}}});
  if (r.least == 0) whole.shapes.insert(whole.shapes.end(), {{{0}}, {{2, 0}}});
  if (r.name == "sum") whole.shapes.push_back({{1100}});  // more than one block of the pairwise sum
  return {whole, along_axis(r, "_rows", -1, false), along_axis(r, "_columns", -2, false),
          along_axis(r, "_keepdim", -1, true)};
}

std::vector<OpCase> normalising_cases() {
  const auto scaled = [](bool logarithm) {
    return [=](const Arrays& x) {
      const Array norm = fold(x[0], -1, true, logsumexp_of);
      return Array(x[0].shape, [&](const Index& i) {
        const double log_softmax = x[0].at(i) - norm.at(broadcast_index(i, norm.shape));
        return logarithm ? log_softmax : std::exp(log_softmax);
      });
    };
  };
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
       .reference = scaled(false),
       .shapes = shapes,
       .misuses = {{[] { softmax(ones({3}), 1); }, "softmax: axis 1 is out of range for 1 axes"}}},
      {.name = "log_softmax",
       .f = [](const Tensors& x) { return log_softmax(x[0], -1); },
       .reference = scaled(true),
       .shapes = shapes,
       .misuses = {{[] { log_softmax(ones({3}), 1); }, "log_softmax: axis 1 is out of range for 1 axes"}}},
      {.name = "cumsum",
       .f = [](const Tensors& x) { return cumsum(x[0], -2); },
       .reference = running_sum,
       .shapes = shapes,
       .misuses = {{[] { cumsum(ones({3}), 1); }, "cumsum: axis 1 is out of range for 1 axes"}}},
  };
}

std::vector<Reduction> reductions() {
  return {
      {"sum", [](X x) { return sum(x); }, [](X x, int axis, bool keep) { return sum(x, axis, keep); }, sum_of},
      {"mean", [](X x) { return mean(x); }, [](X x, int axis, bool keep) { return mean(x, axis, keep); }, mean_of},
      {"var", [](X x) { return var(x); }, [](X x, int axis, bool keep) { return var(x, axis, keep); }, var_of, 2},
      {"std", [](X x) { return std(x); }, [](X x, int axis, bool keep) { return std(x, axis, keep); }, std_of, 2},
      {"max", [](X x) { return max(x); }, [](X x, int axis, bool keep) { return max(x, axis, keep); }, max_of, 1},
      {"min", [](X x) { return min(x); }, [](X x, int axis, bool keep) { return min(x, axis, keep); }, min_of, 1},
      {"argmax", [](X x) { return argmax(x); }, [](X x, int axis, bool keep) { return argmax(x, axis, keep); },
       argmax_of, 1, false},
      {"logsumexp", [](X x) { return logsumexp(x); }, [](X x, int axis, bool keep) { return logsumexp(x, axis, keep); },
       logsumexp_of, 1},
  };
}

}  // namespace

std::vector<OpCase> reduction_cases() {
  auto rows = normalising_cases();
  for (const auto& reduction : reductions())
    for (auto& row : rows_of(reduction)) rows.push_back(std::move(row));
  const Reduction sum_member{"Tensor_sum",
                             [](X x) { return x.sum(); },
                             [](X x, int axis, bool keep) { return x.sum(axis, keep); },
                             sum_of,
                             0,
                             true,
                             "sum"};
  const Reduction mean_member{"Tensor_mean",
                              [](X x) { return x.mean(); },
                              [](X x, int axis, bool keep) { return x.mean(axis, keep); },
                              mean_of,
                              0,
                              true,
                              "mean"};
  const Reduction biased{"var_biased",
                         [](X x) { return var(x.flatten(), 0, false, 0); },
                         [](X x, int axis, bool keep) { return var(x, axis, keep, 0); },
                         [](Column x) { return squared_deviations(x) / static_cast<double>(x.size()); },
                         1,
                         true,
                         "var"};
  for (const auto& reduction : {sum_member, mean_member, biased})
    for (auto& row : rows_of(reduction)) rows.push_back(std::move(row));
  return rows;
}

}  // namespace sigmagrad::testing
