// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <atomic>

#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/loops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::engine {
namespace {

std::uint32_t next_number() {
  static std::atomic<std::uint32_t> last = 0;
  return ++last;
}

const void* this_thread() { return &capturing; }

}  // namespace

Program::~Program() {
  for (const Call& destructor : destructors_) destructor.function(destructor.kernel);
}

void* Program::reserve(std::size_t bytes) {
  constexpr std::size_t unit = sizeof(std::max_align_t), chunk = 1024;
  const std::size_t units = (bytes + unit - 1) / unit;
  if (used_ + units > capacity_) {
    capacity_ = std::max(units, chunk);
    chunks_.emplace_back(new std::max_align_t[capacity_]);
    used_ = 0;
  }
  return chunks_.back().get() + std::exchange(used_, used_ + units);
}

Replay::Replay(std::shared_ptr<Trace> trace)
    : number_(next_number()), thread_(this_thread()), trace_(std::move(trace)) {
  capturing = capturing_or_hidden = this;
}

Replay::~Replay() {
  stop();
  for (auto& [bytes, list] : free_)
    for (void* memory : list) pool_release(memory, bytes);
}

void Replay::stop() {
  if (capturing_or_hidden == this) capturing = capturing_or_hidden = nullptr;
}

// The tensor's entries in memory of the replay's own, without history.
Tensor Replay::own(const TensorImpl& tensor) const {
  if (!tensor.snapshot && tensor.block->replay() == number_)
    return Tensor(TensorImpl::make(tensor.shape, tensor.dtype, tensor.block));
  auto copy = TensorImpl::make(tensor.shape, tensor.dtype);
  launch(
      [to = copy->block->data(), from = tensor.read(), bytes = copy->block->bytes()] { copy_bytes(to, from, bytes); });
  return Tensor(std::move(copy));
}

void Replay::finish(std::vector<Tensor>& results) {
  if (lost_generator_)
    fail(
        "capture: a Generator was made and destroyed in the body, so a replay could not draw from it; make it outside");
  for (Tensor& result : results)
    if (result.defined()) result = own(result.impl());
  for (Gradient& gradient : gradients_) {
    auto& grad = gradient.tensor.impl().grad;
    if (grad) grad->inherit();
    if (grad && grad->snapshot) grad = own(*grad).ref();
    gradient.after = grad;
  }
  stop();
  body_changes_ = body_changes;
  for (Block* block : made_) written_.push_back(Ref<Block>::share(block));
  for (const auto& [block, external] : externals_)
    if (external.written) written_.push_back(external.block);
  made_.clear();
}

bool Replay::fits() const {
  if (thread_ != this_thread()) fail("capture: a captured step runs on the thread that made its first call");
  if (!replayable_ || body_changes_ != body_changes) return false;
  for (const auto& [what, holds] : expected_)
    if (holds && !holds()) return false;
  for (const Gradient& gradient : gradients_)
    if (gradient.used && !(gradient.tensor.impl().grad == gradient.before)) return false;
  const auto gone = [](const Shape& shape) {
    fail("capture: a tensor {} that the body used is gone; keep it, and copy new values into it with copy_",
         shape.str());
  };
  for (const Snapshot& snapshot : snapshots_) {
    if (snapshot.tensor.ref()->unique()) gone(snapshot.tensor.shape());
    if (snapshot.tensor.impl().entries() != snapshot.entries) return false;
  }
  for (const auto& [block, external] : externals_)  // written_ holds a reference too
    if (external.block->count() == (external.written ? 2u : 1u)) gone(external.shape);
  return true;
}

void Replay::run() {
  for (const auto& block : written_) block->begin_write();
  try {
    program_.run();
  } catch (...) {
    for (const auto& mend : mends_) mend();
    throw;
  }
  for (const Gradient& gradient : gradients_)
    if (auto& grad = gradient.tensor.impl().grad; !(grad == gradient.after)) grad = gradient.after;
}

}  // namespace sigmagrad::engine
