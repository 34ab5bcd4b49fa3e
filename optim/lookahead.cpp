// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/lookahead.hpp>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/shadows.hpp>

namespace sigmagrad::optim {
namespace {

constexpr std::string_view prefix = "lookahead.";

LookaheadOptions checked(const LookaheadOptions& o) {
  if (o.k < 1) engine::fail("Lookahead: k must be >= 1 (got {})", o.k);
  if (!(o.alpha >= 0.0 && o.alpha <= 1.0)) engine::fail("Lookahead: alpha must be in [0, 1] (got {})", o.alpha);
  return o;
}

}  // namespace

struct Lookahead::State {
  State(const Optimizer& optimizer, const Options& given) : slow(optimizer), options(given) {}

  void take_step();

  Shadows slow;
  Options options;
  std::int64_t steps = 0;
};

// The kernels hold plain pointers: the hook, and so this state, lives as long as the optimiser.
void Lookahead::State::take_step() {
  for (std::size_t i = 0; i < slow.values.size(); ++i) slow.check("Lookahead", i);
  engine::replay_changes(steps);
  engine::launch([this] { ++steps; });
  slow.launch("Lookahead", [this]<class T>(T* kept, T* p, std::int64_t n) {
    if (steps % options.k != 0) return;
    const T alpha = static_cast<T>(options.alpha);
    for (std::int64_t i = 0; i < n; ++i) p[i] = kept[i] = between(kept[i], p[i], alpha);
  });
}

Lookahead::Lookahead(Optimizer& optimizer, Options options)
    : optimizer_(&optimizer), state_(std::make_shared<State>(optimizer, checked(options))) {
  optimizer.after_step([state = state_] { state->take_step(); });
}

NamedTensors Lookahead::own_state() const {
  NamedTensors result{{std::string(prefix) + "steps", full({}, static_cast<double>(state_->steps))}};
  for (std::size_t i = 0; i < state_->slow.values.size(); ++i)
    result.emplace_back(std::string(prefix) + std::to_string(i), state_->slow.values[i].clone());
  return result;
}

NamedTensors Lookahead::state_dict() const {
  NamedTensors result = optimizer_->state_dict();
  for (auto& entry : own_state()) result.push_back(std::move(entry));
  return result;
}

void Lookahead::load_state_dict(const NamedTensors& saved) {
  engine::refuse_in_capture("load_state_dict", "load between the calls");
  const NoGrad guard;
  NamedTensors own = own_state(), own_saved, others;
  for (const auto& entry : saved) (entry.first.starts_with(prefix) ? own_saved : others).push_back(entry);
  copy_values("load_state_dict", own, own_saved);
  const std::int64_t steps = whole_number(own, "lookahead.steps");
  optimizer_->load_state_dict(others);
  state_->steps = steps;
  for (std::size_t i = 0; i < state_->slow.values.size(); ++i) state_->slow.values[i].copy_(own[i + 1].second);
}

}  // namespace sigmagrad::optim
