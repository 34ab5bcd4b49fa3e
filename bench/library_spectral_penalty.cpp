// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/linalg/spectrum.hpp>

namespace sigmagrad::bench {
namespace {

class SpectralPenaltyStep final : public Step {
 public:
  SpectralPenaltyStep(const SpectralPenalty& problem, Way way)
      : w_(tensor(problem.parameters, {problem.d, problem.d}).requires_grad_()),
        factor_(problem.factor),
        centre_(problem.centre),
        captured_(capture([this] { return penalise(); })),
        way_(way) {}

  void operator()() override { loss_ = (way_ == Way::Captured ? captured_() : penalise()).item(); }
  double loss() const override { return loss_; }
  std::vector<double> parameters() const override {
    const Tensor gradient = w_.grad();
    const auto entries = gradient.data<double>();
    return {entries.begin(), entries.end()};
  }

 private:
  Tensor penalise() {
    w_.zero_grad();
    const auto penalty = factor_ * square(linalg::log_cond(w_) - centre_);
    penalty.backward();
    return penalty;
  }

  Tensor w_;
  double factor_, centre_;
  CapturedStep captured_;
  Way way_;
  double loss_ = 0;
};

}  // namespace

std::unique_ptr<Step> library(const SpectralPenalty& problem, Way way) {
  return std::make_unique<SpectralPenaltyStep>(problem, way);
}

}  // namespace sigmagrad::bench
