// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/sam.hpp>

#include <algorithm>
#include <memory>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/models.hpp>

namespace sigmagrad::optim {
namespace {

// Moves parameters, and back when it dies; at a replay, where nothing dies, also after an Error.
class Excursion {
 public:
  Excursion(std::vector<Tensor> parameters, const std::vector<Tensor>& moves) : parameters_(std::move(parameters)) {
    const NoGrad guard;
    for (const auto& parameter : parameters_) origins_.push_back(parameter.detach().clone());
    engine::launch([away = away_] { *away = true; });
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      parameters_[i].add_(moves[i]);
      mend_at_replay(parameters_[i], origins_[i]);
    }
  }
  ~Excursion() {
    const NoGrad guard;
    for (std::size_t i = 0; i < parameters_.size(); ++i) parameters_[i].copy_(origins_[i]);
    engine::launch([away = away_] { *away = false; });
  }
  Excursion(const Excursion&) = delete;
  Excursion& operator=(const Excursion&) = delete;

 private:
  // The memory is the replay's, and holds the origin as long as the parameter is away.
  void mend_at_replay(const Tensor& parameter, const Tensor& origin) const {
    engine::dispatch(parameter.dtype(), [&]<class T>(T) {
      engine::replay_mends(
          [away = away_, p = engine::write<T>(parameter), o = engine::read<T>(origin), n = parameter.numel()] {
            if (*away) std::copy_n(o, n, p);
          });
    });
  }

  std::vector<Tensor> parameters_, origins_;
  std::shared_ptr<bool> away_ = std::make_shared<bool>(false);
};

std::vector<Tensor> with_gradient(const Optimizer& optimizer) {
  std::vector<Tensor> result;
  for (const auto& group : optimizer.groups())
    for (const auto& parameter : group.params())
      if (parameter.grad().defined()) result.push_back(parameter);
  return result;
}

// The moves e of the parameters.
std::vector<Tensor> uphill(const std::vector<Tensor>& parameters, const SAMOptions& o) {
  const NoGrad guard;
  std::vector<Tensor> slopes, moves;
  for (const auto& p : parameters) slopes.push_back(o.adaptive ? abs(p) * p.grad() : p.grad());
  const Tensor factor = o.rho / (joint_norm("SAM", slopes, 2.0, o.per_model) + 1e-12);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Tensor move = o.adaptive ? abs(parameters[i]) * slopes[i] : slopes[i];
    moves.push_back((o.per_model ? along_models(factor, move) : factor.to(move.dtype())) * move);
  }
  return moves;
}

}  // namespace

SAM::SAM(Optimizer& optimizer, Options options) : optimizer_(&optimizer), options_(options) {
  if (!(options.rho >= 0.0)) engine::fail("SAM: rho must be >= 0 (got {})", options.rho);
}

Tensor SAM::step(const std::function<Tensor()>& closure) {
  const GradMode recording(true);
  const Tensor loss = closure();
  if (auto parameters = with_gradient(*optimizer_); !parameters.empty()) {
    const auto moves = uphill(parameters, options_);
    const Excursion away(std::move(parameters), moves);
    closure();
  }
  optimizer_->step();
  return loss;
}

}  // namespace sigmagrad::optim
