// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/flow_system.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim::detail {
namespace {

constexpr int first_power_steps = 10;
// The steps taken are the same, but for a few in 10 000, from every round to every eighth; at every round the products
// are a third of the time.
constexpr std::int64_t rounds_between_power_steps = 4;
// The share of the start vector that stays: a direction that the iteration has lost can come back as the Hessian
// changes.
constexpr double kept_of_start = 0.05;

Tensor total(const Tensor& loss) { return loss.dim() == 0 ? loss : loss.sum(); }

}  // namespace

double norm(const double* x, std::size_t n) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += x[i] * x[i];
  return engine::norm_from(sum, x, static_cast<std::int64_t>(n));
}

bool all_finite(const double* x, std::size_t n) {
  return std::all_of(x, x + n, [](double value) { return std::isfinite(value); });
}

double largest_size(const double* x, std::size_t n) {
  double largest = 0.0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(x[i]));
  return largest;
}

const std::vector<Tensor>& Replayed::operator()() {
  if (!eager_ && !replay()) eager_ = true;
  if (eager_) outputs_ = body_();
  return outputs_;
}

// An Error is the body's own, and comes again when it runs, or says that it cannot be replayed.
bool Replayed::replay() {
  try {
    step_();
  } catch (const Error&) {
    return false;
  }
  if (outputs_.empty()) outputs_ = step_.outputs();
  for (std::size_t i = 0; i < outputs_.size(); ++i) outputs_[i] = step_.output(i);
  return true;
}

FlowSystem::FlowSystem(std::function<Tensor()> loss, std::vector<Tensor> parameters, std::function<Tensor()> max_step)
    : loss_(std::move(loss)), max_step_(std::move(max_step)), parameters_(std::move(parameters)) {
  if (!loss_) engine::fail("gradient_flow: the loss is an empty function");
  check_parameters();
  const GradMode enabled(true);
  const Tensor start = loss_();
  if (!start.defined()) engine::fail("gradient_flow: the loss is undefined");
  adopt_shape(start.shape());
  loss_and_gradients_.emplace([this] {
    const GradMode on(true);
    const Tensor value = checked_loss();
    auto result = value.requires_grad() ? gradients(value, false) : std::vector<Tensor>(parts_.size());
    if (std::none_of(result.begin(), result.end(), [](const Tensor& g) { return g.defined(); }))
      engine::fail("gradient_flow: the loss does not depend on the parameters");
    result.push_back(value.detach());
    return result;
  });
  if (!max_step_) return;
  user_steps_.emplace([this] {
    const NoGrad guard;
    return std::vector<Tensor>{max_step_()};
  });
}

void FlowSystem::check_parameters() const {
  if (parameters_.empty()) engine::fail("gradient_flow: needs at least one parameter");
  std::set<const void*> seen;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& p = parameters_[i];
    if (!p.defined()) engine::fail("gradient_flow: parameter {} is undefined", i);
    if (!p.impl().leaf)
      engine::fail("gradient_flow: parameter {} of shape {} is not a leaf that requires grad", i, p.shape().str());
    if (p.dtype() != f64) engine::fail("gradient_flow: parameter {} is {}, expected f64", i, name_of(p.dtype()));
    if (p.numel() == 0) engine::fail("gradient_flow: parameter {} of shape {} has no entries", i, p.shape().str());
    if (!seen.insert(&p.impl()).second)
      engine::fail("gradient_flow: parameter {} of shape {} is given twice", i, p.shape().str());
  }
}

void FlowSystem::adopt_shape(const Shape& loss) {
  if (loss.rank() > 1 || loss.numel() == 0)
    engine::fail("gradient_flow: the loss must be a scalar or [T], got {}", loss.str());
  shape_ = loss;
  trials_ = static_cast<std::size_t>(loss.numel());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& p = parameters_[i];
    if (loss.rank() == 1 && (p.dim() == 0 || p.size(0) != loss[0]))
      engine::fail("gradient_flow: the loss is {}: parameter {} of shape {} must have a leading axis of {} trials",
                   loss.str(), i, p.shape().str(), loss[0]);
    parts_.push_back({p, size_, static_cast<std::size_t>(p.numel()) / trials_});
    size_ += parts_.back().length;
  }
}

Tensor FlowSystem::checked_loss() const {
  Tensor loss = loss_();
  if (!loss.defined() || loss.shape() != shape_ || loss.dtype() != f64)
    engine::fail("gradient_flow: the loss is {}, expected {} f64",
                 loss.defined() ? loss.shape().str() + " " + std::string(name_of(loss.dtype())) : "undefined",
                 shape_.str());
  return loss;
}

// Undefined where nothing depends on a parameter.
std::vector<Tensor> FlowSystem::gradients(const Tensor& loss, bool create_graph) const {
  return grad(total(loss), parameters_, {.create_graph = create_graph, .allow_unused = true});
}

void FlowSystem::gather(const Tensor& from, const Part& part, double factor, Vector& rows) const {
  const double* entries = from.defined() ? engine::read<double>(from) : nullptr;
  for (std::size_t t = 0; t < trials_; ++t) {
    double* to = rows.data() + t * size_ + part.offset;
    for (std::size_t i = 0; i < part.length; ++i) to[i] = entries ? factor * entries[t * part.length + i] : 0.0;
  }
}

Vector FlowSystem::state() const {
  Vector rows(trials_ * size_);
  for (const Part& part : parts_) gather(part.parameter, part, 1.0, rows);
  return rows;
}

void FlowSystem::write(const Vector& state) const {
  for (const Part& part : parts_) {
    auto* to = engine::write<double>(part.parameter);
    for (std::size_t t = 0; t < trials_; ++t)
      std::copy_n(state.data() + t * size_ + part.offset, part.length, to + t * part.length);
  }
}

void FlowSystem::write_row(std::size_t trial, const double* row) const {
  for (const Part& part : parts_)
    std::copy_n(row + part.offset, part.length, engine::write<double>(part.parameter) + trial * part.length);
}

void FlowSystem::evaluate(const Vector& state, const Vector& accepted, Vector& velocity, Vector& loss) {
  ++evaluations_;
  write(state);
  const auto finite = [&](std::size_t t) { return all_finite(state.data() + t * size_, size_); };
  for (std::size_t t = 0; t < trials_; ++t)
    if (!finite(t)) write_row(t, accepted.data() + t * size_);
  const auto& outputs = (*loss_and_gradients_)();
  for (std::size_t k = 0; k < parts_.size(); ++k) gather(outputs[k], parts_[k], -1.0, velocity);
  std::copy_n(engine::read<double>(outputs.back()), trials_, loss.data());
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t t = 0; t < trials_; ++t) {
    if (finite(t)) continue;
    std::fill_n(velocity.data() + t * size_, size_, nan);
    loss[t] = nan;
  }
}

// Column j for all trials at once, whose Hessian has no entries between them: parameters of H e_j, one after the
// other.
std::vector<Tensor> FlowSystem::hessian_columns() const {
  const GradMode on(true);
  const auto g = gradients(checked_loss(), true);
  std::vector<Tensor> result;
  std::size_t unit = 0;
  for (std::size_t k = 0; k < parts_.size(); ++k)
    for (std::size_t i = 0; i < parts_[k].length; ++i, ++unit) {
      std::vector<Tensor> column(parts_.size());
      if (g[k].defined() && g[k].requires_grad())
        column = grad(g[k], parameters_, {.retain_graph = true, .allow_unused = true, .grad_outputs = units_[unit]});
      result.insert(result.end(), column.begin(), column.end());
    }
  return result;
}

void FlowSystem::hessian(const Vector& state, Vector& result) {
  if (!hessian_) {
    for (const Part& part : parts_)
      for (std::size_t i = 0; i < part.length; ++i) {
        units_.push_back(zeros(part.parameter.shape()));
        for (std::size_t t = 0; t < trials_; ++t) units_.back().mutable_data<double>()[t * part.length + i] = 1.0;
      }
    hessian_.emplace([this] { return hessian_columns(); });
  }
  write(state);
  const auto& columns = (*hessian_)();
  product_.resize(trials_ * size_);
  for (std::size_t j = 0; j < size_; ++j) {
    for (std::size_t k = 0; k < parts_.size(); ++k) gather(columns[j * parts_.size() + k], parts_[k], 1.0, product_);
    for (std::size_t t = 0; t < trials_; ++t)
      std::copy_n(product_.data() + t * size_, size_, result.data() + (t * size_ + j) * size_);
  }
}

// H v of all trials for v = directions_.
std::vector<Tensor> FlowSystem::products() const {
  const GradMode on(true);
  const auto g = gradients(checked_loss(), true);
  Tensor sum;
  for (std::size_t k = 0; k < g.size(); ++k) {
    if (!g[k].defined() || !g[k].requires_grad()) continue;
    const Tensor term = (g[k] * directions_[k]).sum();
    sum = sum.defined() ? sum + term : term;
  }
  return sum.defined() ? grad(sum, parameters_, {.allow_unused = true}) : std::vector<Tensor>(g.size());
}

void FlowSystem::start_power_steps() {
  start_.resize(size_);
  Generator(0).normal(start_);
  const double scale = norm(start_.data(), size_);
  for (double& value : start_) value /= scale;
  direction_.resize(trials_ * size_);
  product_.resize(trials_ * size_);
  for (std::size_t t = 0; t < trials_; ++t) std::copy_n(start_.data(), size_, direction_.data() + t * size_);
  for (const Part& part : parts_) directions_.push_back(zeros(part.parameter.shape()));
  products_.emplace([this] { return products(); });
}

// v <- H v / |H v| and a share of the start; |H v| / |v| is at most the largest eigenvalue in size.
void FlowSystem::power_step(Vector* steps) {
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    auto* to = engine::write<double>(directions_[k]);
    const Part& part = parts_[k];
    for (std::size_t t = 0; t < trials_; ++t)
      std::copy_n(direction_.data() + t * size_ + part.offset, part.length, to + t * part.length);
  }
  const auto& outputs = (*products_)();
  for (std::size_t k = 0; k < parts_.size(); ++k) gather(outputs[k], parts_[k], 1.0, product_);
  for (std::size_t t = 0; t < trials_; ++t) {
    const double* product = product_.data() + t * size_;
    double* direction = direction_.data() + t * size_;
    const double grown = norm(product, size_), before = norm(direction, size_);
    if (!std::isfinite(grown)) continue;
    if (steps) (*steps)[t] = 2.0 * before / grown;
    for (std::size_t i = 0; i < size_; ++i)
      direction[i] = (grown > 0.0 ? product[i] / grown : 0.0) + kept_of_start * start_[i];
  }
}

void FlowSystem::largest_steps(std::int64_t round, const Vector& state, Vector& steps) {
  if (user_steps_) {
    write(state);
    const Tensor& given = (*user_steps_)().front();
    if (!given.defined() || given.dtype() != f64 || (given.dim() > 0 && given.shape() != shape_))
      engine::fail(
          "gradient_flow: max_step returned {}, expected a scalar{} of f64",
          given.defined() ? given.shape().str() + " " + std::string(name_of(given.dtype())) : "an undefined tensor",
          shape_.rank() == 0 ? "" : " or " + shape_.str());
    const double* values = engine::read<double>(given);
    for (std::size_t t = 0; t < trials_; ++t) steps[t] = values[given.dim() == 0 ? 0 : t];
    return;
  }
  if (round % rounds_between_power_steps != 0) return;
  write(state);
  if (!products_) {
    start_power_steps();
    for (int i = 1; i < first_power_steps; ++i) power_step(nullptr);
  }
  power_step(&steps);
}

}  // namespace sigmagrad::optim::detail
