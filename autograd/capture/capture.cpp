// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/capture/capture.hpp>

#include <sigmagrad/autograd/capture/replay.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

CapturedStep::CapturedStep(Body body) : body_(std::move(body)) {}
CapturedStep::CapturedStep(CapturedStep&&) noexcept = default;
CapturedStep& CapturedStep::operator=(CapturedStep&&) noexcept = default;
CapturedStep::~CapturedStep() = default;

Tensor CapturedStep::operator()() {
  if (engine::capturing) {  // a step within the body of another is part of that one
    replay_.reset();
    outputs_ = body_();
  } else if (replay_ && replay_->fits()) {
    replay_->run();
  } else {
    capture_body();
  }
  return outputs_.empty() ? Tensor() : outputs_.front();
}

void CapturedStep::capture_body() {
  replay_.reset();
  outputs_.clear();
  auto replay = std::make_unique<engine::Replay>();
  auto results = body_();
  replay->finish(results);
  replay_ = std::move(replay);
  outputs_ = std::move(results);
}

Tensor CapturedStep::output(std::size_t i) const {
  if (i >= outputs_.size())
    engine::fail("capture: output({}) of {} tensors that the body returned at its last call", i, outputs_.size());
  return outputs_[i];
}

std::size_t CapturedStep::kernels() const { return replay_ ? replay_->size() : 0; }

}  // namespace sigmagrad
