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
  if (detail::recording) {  // a step within the body of another is part of that one
    tape_.reset();
    outputs_ = body_();
  } else if (tape_ && tape_->fits()) {
    tape_->replay();
  } else {
    record();
  }
  return outputs_.empty() ? Tensor() : outputs_.front();
}

void CapturedStep::record() {
  tape_.reset();
  outputs_.clear();
  auto tape = std::make_unique<detail::Tape>();
  auto results = body_();
  tape->finish(results);
  tape_ = std::move(tape);
  outputs_ = std::move(results);
}

Tensor CapturedStep::output(std::size_t i) const {
  if (i >= outputs_.size())
    detail::fail("capture: output({}) of {} tensors that the body returned at its last call", i, outputs_.size());
  return outputs_[i];
}

std::size_t CapturedStep::kernels() const { return tape_ ? tape_->size() : 0; }

}  // namespace sigmagrad
