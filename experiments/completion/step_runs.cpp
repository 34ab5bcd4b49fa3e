// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/step_runs.hpp>

#include <algorithm>
#include <memory>
#include <vector>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

constexpr std::uint64_t entry_stream = 2;

// The observed entry that each trial's next step sees.
class OneEntry {
 public:
  OneEntry(std::span<const Trial> trials, std::int64_t d)
      : shown_(zeros({static_cast<std::int64_t>(trials.size()), d, d})), d_(d) {
    for (const Trial& trial : trials) generators_.push_back(trial.generator(entry_stream));
  }

  const Tensor& mask() const { return shown_; }

  void draw() {
    const auto entries = shown_.mutable_data<double>();
    std::ranges::fill(entries, 0.0);
    for (std::size_t t = 0; t < generators_.size(); ++t) {
      std::int64_t i = 0;
      generators_[t]->integers(0, d_, {&i, 1});
      entries[t * static_cast<std::size_t>(d_ * d_) + static_cast<std::size_t>(i * (d_ + 1))] = 1.0;
    }
  }

 private:
  Tensor shown_;
  std::int64_t d_;
  std::vector<std::unique_ptr<Generator>> generators_;
};

// Where the trials are as their loss first falls below the tolerance, or at the last step; and the largest loss of the
// steps that follow, which tells those that have converged from those that happened to pass.
class Ends {
 public:
  Ends(std::size_t trials, const Shape& products, double stop_at)
      : products_(zeros(products)), stop_at_(stop_at), loss_(trials), after_(trials), step_(trials, -1) {}

  bool complete(std::int64_t step) const {
    return std::ranges::all_of(step_, [&](std::int64_t stop) { return stop >= 0 && step >= stop + watched; });
  }

  void look(const Tensor& loss, const Tensor& products, std::int64_t step, bool last) {
    const auto now = loss.data<double>();
    for (std::size_t t = 0; t < step_.size(); ++t) {
      if (step_[t] < 0 && (last || now[t] < stop_at_)) stop(t, now[t], products, step);
      if (step_[t] >= 0 && step <= step_[t] + watched) after_[t] = std::max(after_[t], now[t]);
    }
  }

  void record(std::span<Trial> trials) const {
    completion::record(trials, stable_rank, linalg::stable_rank(products_));
    completion::record(trials, effective_rank, linalg::effective_rank(products_));
    for (std::size_t t = 0; t < trials.size(); ++t) {
      trials[t].record(final_loss, loss_[t]);
      trials[t].record(loss_afterwards, after_[t]);
      trials[t].record(steps_to_stop, static_cast<double>(step_[t]));
    }
  }

 private:
  static constexpr std::int64_t watched = 100;

  void stop(std::size_t t, double loss, const Tensor& products, std::int64_t step) {
    const std::size_t size = static_cast<std::size_t>(products.numel()) / step_.size();
    const auto from = products.data<double>().subspan(t * size, size);
    std::ranges::copy(from, products_.mutable_data<double>().subspan(t * size, size).begin());
    loss_[t] = loss;
    step_[t] = step;
  }

  Tensor products_;
  double stop_at_;
  std::vector<double> loss_, after_;
  std::vector<std::int64_t> step_;
};

}  // namespace

void record_steps(std::span<Trial> trials, const Factorization& model, const Completion& all,
                  optim::Optimizer& optimizer, const Steps& steps) {
  OneEntry entry(trials, model.dimension());
  const Completion seen{all.target, steps.one_entry ? entry.mask() : all.observed};
  auto step = capture([&]() -> std::vector<Tensor> {
    const auto products = model.product();
    const auto loss = seen.loss(products).sum();  // over the trials, so that each has its own gradient
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return {all.loss(products.detach()), products.detach()};
  });
  Ends ends(trials.size(), all.target.shape(), steps.tolerance);
  for (std::int64_t i = 0; !ends.complete(i); ++i) {
    if (steps.one_entry) entry.draw();
    step();
    ends.look(step.output(0), step.output(1), i, i == steps.most);
  }
  ends.record(trials);
}

void record_flow(std::span<Trial> trials, const Factorization& model, const Completion& all, double stop_at) {
  const auto flow = follow_flow(model, all, {.rtol = 1e-6, .loss_below = stop_at, .max_steps = 2500});
  Ends ends(trials.size(), all.target.shape(), stop_at);
  ends.look(flow.loss, model.product().detach(), 0, true);
  ends.record(trials);
}

}  // namespace sigmagrad::experiments::completion
