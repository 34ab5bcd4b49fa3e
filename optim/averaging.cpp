// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/averaging.hpp>

#include <algorithm>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/shadows.hpp>

namespace sigmagrad::optim {
namespace {

AverageWeight ema_weight(const EMAOptions& o) {
  if (!(o.decay >= 0.0 && o.decay <= 1.0)) engine::fail("EMA: decay must be in [0, 1] (got {})", o.decay);
  return [o](std::int64_t, std::int64_t count) { return count == 0 ? 1.0 : 1.0 - o.decay; };
}

AverageWeight swa_weight(const SWAOptions& o) {
  if (o.start < 0) engine::fail("SWA: start must be >= 0 (got {})", o.start);
  if (o.every < 1) engine::fail("SWA: every must be >= 1 (got {})", o.every);
  return [o](std::int64_t step, std::int64_t count) {
    const bool counts = step > o.start && (step - o.start) % o.every == 0;
    return counts ? 1.0 / static_cast<double>(count + 1) : 0.0;
  };
}

}  // namespace

struct Averages::State {
  State(const Optimizer& optimizer, AverageWeight weight_of_step)
      : shadows(optimizer), weight_of(std::move(weight_of_step)) {}

  void check_step();
  void take_step();

  Shadows shadows;
  AverageWeight weight_of;
  std::int64_t steps = 0, count = 0;
  double weight = 0.0;  // of the step that runs
  bool applied = false;
};

// The kernels hold plain pointers: the hooks, and so this state, live as long as the optimiser.
void Averages::State::check_step() {
  for (std::size_t i = 0; i < shadows.values.size(); ++i) shadows.check("Averages", i);
  engine::launch([this] {
    if (applied) engine::fail("Averages: a step while the averages are applied, expected none before they are back");
    const double next = weight_of(steps + 1, count);
    if (!(next >= 0.0 && next <= 1.0))
      engine::fail("Averages: the weight of step {} must be in [0, 1] (got {})", steps + 1, next);
    weight = next;
  });
}

void Averages::State::take_step() {
  engine::replay_changes(steps);
  engine::replay_changes(count);
  engine::launch([this] {
    ++steps;
    count += weight > 0.0 ? 1 : 0;
  });
  shadows.launch("Averages", [this]<class T>(T* average, const T* p, std::int64_t n) {
    if (weight == 0.0) return;
    const T share = static_cast<T>(weight);
    for (std::int64_t i = 0; i < n; ++i) average[i] = between(average[i], p[i], share);
  });
}

Averages::Averages(Optimizer& optimizer, AverageWeight weight) {
  if (!weight) engine::fail("Averages: needs a function of the step and the count");
  state_ = std::make_shared<State>(optimizer, std::move(weight));
  optimizer.before_step([state = state_] { state->check_step(); });
  optimizer.after_step([state = state_] { state->take_step(); });
}

const std::vector<Tensor>& Averages::values() const { return state_->shadows.values; }
std::int64_t Averages::count() const { return state_->count; }

void Averages::put_in() {
  if (state_->applied) engine::fail("Averages: applied already");
  swap();
}

void Averages::take_out() noexcept {
  try {
    swap();
  } catch (const Error&) {  // the model was converted meanwhile: the next step says so
  }
}

void Averages::swap() {
  engine::refuse_in_capture("Averages::apply", "apply them between the calls");
  const NoGrad guard;
  for (std::size_t i = 0; i < values().size(); ++i) state_->shadows.check("Averages", i);
  state_->applied = !state_->applied;
  state_->shadows.launch("Averages",
                         []<class T>(T* average, T* p, std::int64_t n) { std::swap_ranges(p, p + n, average); });
}

NamedTensors Averages::state_dict() const {
  engine::refuse_in_capture("state_dict", "take it between the calls");
  if (state_->applied) engine::fail("Averages: state_dict while the averages are applied");
  NamedTensors result{{"steps", full({}, static_cast<double>(state_->steps))},
                      {"count", full({}, static_cast<double>(state_->count))}};
  for (std::size_t i = 0; i < values().size(); ++i) result.emplace_back(std::to_string(i), values()[i].clone());
  return result;
}

void Averages::load_state_dict(const NamedTensors& saved) {
  const NoGrad guard;
  auto own = state_dict();
  copy_values("load_state_dict", own, saved);
  const std::int64_t steps = whole_number(own, "steps"), count = whole_number(own, "count");
  state_->steps = steps;
  state_->count = count;
  for (std::size_t i = 0; i < values().size(); ++i) state_->shadows.values[i].copy_(own[std::to_string(i)]);
}

EMA::EMA(Optimizer& optimizer, Options options) : Averages(optimizer, ema_weight(options)) {}

SWA::SWA(Optimizer& optimizer, Options options) : Averages(optimizer, swa_weight(options)) {}

}  // namespace sigmagrad::optim
