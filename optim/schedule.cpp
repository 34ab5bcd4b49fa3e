// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/schedule.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim {
namespace {

// The rates of all groups for that step.
std::vector<double> rates_at(const Rate& rate, std::int64_t k, const std::vector<double>& base) {
  std::vector<double> result;
  for (const double b : base) {
    result.push_back(rate(k, b));
    if (!(result.back() >= 0.0))
      engine::fail("schedule: rates must be >= 0 (got {} at step {} for the base {})", result.back(), k, b);
  }
  return result;
}

}  // namespace

Schedule::Schedule(Optimizer& optimizer, Rate rate) : optimizer_(&optimizer), rate_(std::move(rate)) {
  if (!rate_) engine::fail("schedule: needs a function of the step and the base");
  for (const auto& group : optimizer.groups()) base_.push_back(group.lr());
  set(0);
}

void Schedule::set(std::int64_t steps) {
  const auto rates = rates_at(rate_, steps, base_);
  for (std::size_t i = 0; i < rates.size(); ++i) optimizer_->groups()[i].set_lr(rates[i]);
  steps_ = steps;
}

NamedTensors Schedule::state_dict() const {
  engine::refuse_in_capture("state_dict", "take it between the calls");
  NamedTensors result{{"steps", full({}, static_cast<double>(steps_))}};
  for (std::size_t i = 0; i < base_.size(); ++i) result.emplace_back("base." + std::to_string(i), full({}, base_[i]));
  return result;
}

void Schedule::load_state_dict(const NamedTensors& saved) {
  auto own = state_dict();
  copy_values("load_state_dict", own, saved);
  const double steps = own["steps"].item();
  if (!(steps >= 0.0 && steps < 0x1p53 && steps == std::floor(steps)))
    engine::fail("load_state_dict: \"steps\" must be a whole number >= 0 (got {})", steps);
  std::vector<double> base;
  for (std::size_t i = 0; i < base_.size(); ++i) base.push_back(own["base." + std::to_string(i)].item());
  rates_at(rate_, static_cast<std::int64_t>(steps), base);  // an Error leaves all as it was
  base_ = std::move(base);
  steps_ = static_cast<std::int64_t>(steps);
}

Rate sequential(std::vector<Rate> rates, std::vector<std::int64_t> milestones) {
  if (rates.empty()) engine::fail("sequential: needs a rate");
  for (const auto& rate : rates)
    if (!rate) engine::fail("sequential: a rate is an empty function");
  if (rates.size() != milestones.size() + 1)
    engine::fail("sequential: {} rates need {} milestones (got {})", rates.size(), rates.size() - 1, milestones.size());
  if (!std::is_sorted(milestones.begin(), milestones.end()) || (!milestones.empty() && milestones.front() < 0))
    engine::fail("sequential: milestones must be >= 0 and ascend");
  return [rates = std::move(rates), milestones = std::move(milestones)](std::int64_t k, double base) {
    const auto next = std::upper_bound(milestones.begin(), milestones.end(), k);
    const std::int64_t begin = next == milestones.begin() ? 0 : *std::prev(next);
    return rates[static_cast<std::size_t>(next - milestones.begin())](k - begin, base);
  };
}

Rate warmup(std::int64_t steps, Rate then, double start_factor) {
  if (steps < 0) engine::fail("warmup: steps must be >= 0 (got {})", steps);
  if (!(start_factor >= 0.0)) engine::fail("warmup: start_factor must be >= 0 (got {})", start_factor);
  const Rate rise = [steps, start_factor](std::int64_t k, double base) {
    return base * (start_factor + (1.0 - start_factor) * static_cast<double>(k) / static_cast<double>(steps));
  };
  return sequential({rise, std::move(then)}, {steps});
}

}  // namespace sigmagrad::optim
