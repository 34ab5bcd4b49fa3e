// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/capture/capture.hpp>

#include <string>

#include <sigmagrad/autograd/capture/replay.hpp>
#include <sigmagrad/autograd/capture/trace.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

CapturedStep::CapturedStep(Body body, CaptureOptions options) : body_(std::move(body)) {
  const int calls = options.verified_calls.value_or(3);
  if (calls < 1) engine::fail("capture: verified_calls must be >= 1 (got {})", calls);
  if (options.verified_calls && !options.verify)
    engine::fail("capture: verified_calls = {} needs verify = true", calls);
  if (options.verify) unverified_ = calls;
}
CapturedStep::CapturedStep(CapturedStep&&) noexcept = default;
CapturedStep& CapturedStep::operator=(CapturedStep&&) noexcept = default;
CapturedStep::~CapturedStep() = default;

Tensor CapturedStep::operator()() {
  if (engine::capturing) {  // a step within the body of another is part of that one
    replay_.reset();
    outputs_ = body_();
  } else if (!replay_ || (replay_->trace() && unverified_ == 0) || !replay_->fits()) {
    replay_.reset();
    capture_body(nullptr);
  } else if (unverified_ > 0) {
    verify();
  } else {
    replay_->run();
  }
  return outputs_.empty() ? Tensor() : outputs_.front();
}

// With a trace of its results as long as calls are to be verified.
void CapturedStep::capture_body(const engine::Trace* verified) {
  outputs_.clear();
  const auto trace = unverified_ > 0 ? std::make_shared<engine::Trace>(verified) : nullptr;
  auto replay = std::make_unique<engine::Replay>(trace);
  std::vector<Tensor> results;
  {
    const engine::Tracing tracing(trace.get());
    results = body_();
  }
  replay->finish(results);
  if (trace) trace->finish();
  replay_ = std::move(replay);
  outputs_ = std::move(results);
}

// Runs the replay, and the body from where the replay began. What the body leaves stays; an Error leaves what was there
// before.
void CapturedStep::verify() {
  const auto replay = std::move(replay_);
  const auto seen = [&] {
    auto result = replay->left();
    for (std::size_t i = 0; i < outputs_.size(); ++i) result.emplace_back("output " + std::to_string(i), outputs_[i]);
    return result;
  };
  const engine::PutBack put_back = replay->keep();
  try {
    replay->run();
    const auto left = seen();
    put_back();
    capture_body(replay->trace());
    engine::expect_same(left, seen());
  } catch (...) {
    put_back();
    replay_.reset();
    outputs_.clear();
    throw;
  }
  --unverified_;
}

Tensor CapturedStep::output(std::size_t i) const {
  if (i >= outputs_.size())
    engine::fail("capture: output({}) of {} tensors that the body returned at its last call", i, outputs_.size());
  return outputs_[i];
}

std::size_t CapturedStep::kernels() const { return replay_ ? replay_->size() : 0; }

}  // namespace sigmagrad
