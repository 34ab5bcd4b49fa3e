// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/theorem_checks.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

void Largest::see(const Quantity& quantity, double value) {
  const auto known = std::ranges::find(values_, quantity.name, [](const auto& one) { return one.first.name; });
  if (known == values_.end())
    values_.emplace_back(quantity, value);
  else if (!(value <= known->second) && !std::isnan(known->second))
    known->second = value;
}

double Largest::of(const Quantity& quantity) const {
  return std::ranges::find(values_, quantity.name, [](const auto& one) { return one.first.name; })->second;
}

void Largest::record(Trial& t) const {
  for (const auto& [quantity, value] : values_) t.record(quantity, value);
}

double uniform(Generator& generator, double low, double high) {
  return low + (high - low) * rand({}, generator).item();
}

double log_uniform(Generator& generator, double low, double high) {
  return low * std::pow(high / low, rand({}, generator).item());
}

std::int64_t integer(Generator& generator, std::int64_t low, std::int64_t high) {
  return static_cast<std::int64_t>(randint(low, high + 1, {}, generator).item());
}

Tensor orthogonal(std::int64_t d, Generator& generator) { return linalg::qr(randn({d, d}, generator)).Q; }

double entry(const Tensor& matrix, std::int64_t i, std::int64_t j) {
  return matrix.data<double>()[static_cast<std::size_t>(i * matrix.size(-1) + j)];
}

double largest_entry(const Tensor& x) { return max(abs(x)).item(); }

double relative_error(const Tensor& x, const Tensor& y) { return largest_entry(x - y) / largest_entry(y); }

optim::GradientFlow watch(const Factorization& model, const Completion& task, optim::GradientFlowOptions options,
                          const std::vector<double>& times, const std::function<void(double)>& look) {
  options.at = times;
  options.callback = [&](double time, std::int64_t) {
    const NoGrad guard;
    look(time);
  };
  const auto flow = follow_flow(model, task, options);
  const NoGrad guard;
  look(flow.t.item());
  return flow;
}

bool has_fitted(const optim::GradientFlow& flow) { return flow.reason.front() == optim::FlowStop::Loss; }

}  // namespace sigmagrad::experiments::completion
