// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/extremes.hpp>

#include <array>
#include <limits>

namespace sigmagrad::testing {

Scaling homogeneous(double degree) { return {Scaling::Kind::Laws, {{degree}}}; }

Scaling homogeneous_in_each(const std::vector<double>& degrees) {
  std::vector<Scaling::Law> all;
  double sum = 0.0;
  for (std::size_t i = 0; i < degrees.size(); ++i) {
    all.push_back({degrees[i], {i}});
    sum += degrees[i];
  }
  all.push_back({sum, {}});
  return laws(std::move(all));
}

Scaling laws(std::vector<Scaling::Law> each) { return {Scaling::Kind::Laws, std::move(each)}; }
Scaling by_reference() { return {Scaling::Kind::Reference, {}}; }
Scaling by_reference_if_small(std::string reason) { return {Scaling::Kind::SmallReference, {}, std::move(reason)}; }
Scaling refuses_scales(std::string large, std::string small) {
  return {Scaling::Kind::Refused, {}, std::move(large), std::move(small)};
}
Scaling no_scaling(std::string reason) { return {Scaling::Kind::Meaningless, {}, std::move(reason)}; }

Outcome as_reference(Slope slope) { return {Outcome::Kind::Reference, slope}; }
Outcome gives(double value, Slope slope) { return {Outcome::Kind::Number, slope, value}; }
Outcome refuses(std::string message) { return {Outcome::Kind::Refused, plain, 0.0, std::move(message)}; }
Outcome refuses_any(std::string beginning) { return {Outcome::Kind::RefusedSo, plain, 0.0, std::move(beginning)}; }
Outcome meaningless(std::string reason) { return {Outcome::Kind::Meaningless, plain, 0.0, std::move(reason)}; }

Edges everywhere(const Outcome& outcome) { return {outcome, outcome, outcome, outcome, outcome, outcome}; }

Edges linear_edges() {
  Edges edges = everywhere(as_reference(unchanged));
  edges.single = as_reference(finite);  // other shapes, whose gradient is not at hand
  return edges;
}

Edges finite_only(const std::string& operation, Outcome zeros, Outcome equal, Outcome single) {
  const Outcome error = refuses(operation + ": input has non-finite entries");
  return {std::move(zeros), std::move(equal), std::move(single), error, error, error};
}

LongAxis folds(std::vector<std::vector<Shape>> shapes, double factor) { return LongAxis(std::move(shapes), factor); }
LongAxis folds_nothing() { return LongAxis({}, 0.0); }

Choice chooses(std::vector<double> poisons) { return {Choice::Kind::Chooses, std::move(poisons)}; }
Choice takes_all() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return {Choice::Kind::TakesAll, {infinity, -infinity, std::numeric_limits<double>::quiet_NaN()}};
}
Choice piecewise_constant() { return {Choice::Kind::Constant, {}}; }

Pullback pullback_of(Derivative derivative) {
  return [derivative](const Arrays& x, const Array& weights) {
    return Arrays{Array(x[0].shape, [&](const Index& i) { return weights.at(i) * derivative(x[0].at(i)); })};
  };
}

Pullback pullback_of(Derivatives2 derivatives) {
  return [derivatives](const Arrays& x, const Array& weights) {
    Arrays result{filled(x[0].shape, 0.0), filled(x[1].shape, 0.0)};
    for (std::int64_t k = 0; k < weights.shape.numel(); ++k) {
      const Index i = index_of(k, weights.shape);
      const Index left = broadcast_index(i, x[0].shape), right = broadcast_index(i, x[1].shape);
      result[0].entry(left) += weights.at(i) * derivatives[0](x[0].at(left), x[1].at(right));
      result[1].entry(right) += weights.at(i) * derivatives[1](x[0].at(left), x[1].at(right));
    }
    return result;
  };
}

Pullback pullback_of_fold(int axis, bool keepdim, FoldDerivative derivative) {
  return [=](const Arrays& x, const Array& weights) {
    Arrays result{filled(x[0].shape, 0.0)};
    const auto at = static_cast<std::size_t>(axis < 0 ? axis + x[0].shape.rank() : axis);
    for (std::int64_t k = 0; k < weights.shape.numel(); ++k) {
      Index index = index_of(k, weights.shape);
      const double weight = weights.at(index);
      if (!keepdim) index.insert(index.begin() + static_cast<std::ptrdiff_t>(at), 0);
      std::vector<double> column;
      const std::int64_t n = x[0].shape[static_cast<int>(at)];
      for (index[at] = 0; index[at] < n; ++index[at]) column.push_back(x[0].at(index));
      const auto slopes = derivative(column);
      for (index[at] = 0; index[at] < n; ++index[at])
        result[0].entry(index) = weight * slopes[static_cast<std::size_t>(index[at])];
    }
    return result;
  };
}

Pullback pullback_of_fold(FoldDerivative derivative) {
  return [=](const Arrays& x, const Array& weights) {
    Arrays result{x[0]};
    result[0].values = derivative(x[0].values);
    for (double& value : result[0].values) value *= weights.values[0];
    return result;
  };
}

}  // namespace sigmagrad::testing
