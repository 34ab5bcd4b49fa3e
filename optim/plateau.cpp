// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/plateau.hpp>

#include <algorithm>
#include <limits>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/shadows.hpp>

namespace sigmagrad::optim {
namespace {

ReduceLROnPlateauOptions checked(const ReduceLROnPlateauOptions& o) {
  const auto one_of = [](const char* name, const std::string& given, const char* a, const char* b) {
    if (given != a && given != b)
      engine::fail("ReduceLROnPlateau: {} must be \"{}\" or \"{}\" (got \"{}\")", name, a, b, given);
  };
  one_of("mode", o.mode, "min", "max");
  one_of("threshold_mode", o.threshold_mode, "rel", "abs");
  if (!(o.factor >= 0.0 && o.factor < 1.0))
    engine::fail("ReduceLROnPlateau: factor must be in [0, 1) (got {})", o.factor);
  if (o.patience < 0) engine::fail("ReduceLROnPlateau: patience must be >= 0 (got {})", o.patience);
  if (!(o.threshold >= 0.0)) engine::fail("ReduceLROnPlateau: threshold must be >= 0 (got {})", o.threshold);
  if (o.cooldown < 0) engine::fail("ReduceLROnPlateau: cooldown must be >= 0 (got {})", o.cooldown);
  if (!(o.min_lr >= 0.0)) engine::fail("ReduceLROnPlateau: min_lr must be >= 0 (got {})", o.min_lr);
  if (!(o.eps >= 0.0)) engine::fail("ReduceLROnPlateau: eps must be >= 0 (got {})", o.eps);
  return o;
}

}  // namespace

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, Options options)
    : optimizer_(&optimizer),
      options_(checked(options)),
      best_((options.mode == "min" ? 1.0 : -1.0) * std::numeric_limits<double>::infinity()) {}

bool ReduceLROnPlateau::better(double metric) const {
  const bool relative = options_.threshold_mode == "rel";
  if (options_.mode == "min")
    return metric < (relative ? best_ * (1.0 - options_.threshold) : best_ - options_.threshold);
  return metric > (relative ? best_ * (1.0 + options_.threshold) : best_ + options_.threshold);
}

void ReduceLROnPlateau::step(double metric) {
  engine::refuse_in_capture("ReduceLROnPlateau::step", "call it between the calls");
  if (better(metric)) {
    best_ = metric;
    bad_steps_ = 0;
  } else {
    ++bad_steps_;
  }
  if (cooldown_ > 0) {
    --cooldown_;
    bad_steps_ = 0;
  }
  if (bad_steps_ <= options_.patience) return;
  reduce();
  cooldown_ = options_.cooldown;
  bad_steps_ = 0;
}

void ReduceLROnPlateau::reduce() {
  for (auto& group : optimizer_->groups()) {
    const double before = group.lr(), after = std::max(before * options_.factor, options_.min_lr);
    if (before - after > options_.eps) group.set_lr(after);
  }
}

NamedTensors ReduceLROnPlateau::state_dict() const {
  engine::refuse_in_capture("state_dict", "take it between the calls");
  return {{"best", full({}, best_)},
          {"bad_steps", full({}, static_cast<double>(bad_steps_))},
          {"cooldown", full({}, static_cast<double>(cooldown_))}};
}

void ReduceLROnPlateau::load_state_dict(const NamedTensors& saved) {
  auto own = state_dict();
  copy_values("load_state_dict", own, saved);
  const std::int64_t bad_steps = whole_number(own, "bad_steps");
  cooldown_ = whole_number(own, "cooldown");
  bad_steps_ = bad_steps;
  best_ = own["best"].item();
}

}  // namespace sigmagrad::optim
