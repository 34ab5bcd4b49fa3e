// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/capture/trace.hpp>

#include <cstring>
#include <string_view>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::engine {
namespace {

constexpr std::string_view advice =
    "a number of the host is a constant of a replay: keep it in a tensor, or read it by Scalar::reference";

std::string name_of(const Seen& seen) { return fmt::format("{} {}", seen.what, seen.shape.str()); }

[[noreturn]] void fail_at_difference(const Seen& replay, const Seen& body) {
  dispatch(replay.dtype, [&]<class T>(T) {
    const std::size_t size = sizeof(T);
    std::size_t i = 0;
    while (std::memcmp(replay.entries.data() + i * size, body.entries.data() + i * size, size) == 0) ++i;
    T ours{}, theirs{};
    std::memcpy(&ours, replay.entries.data() + i * size, size);
    std::memcpy(&theirs, body.entries.data() + i * size, size);
    fail("capture: {} differs at entry {}: {} in the replay, {} in the body; {}", name_of(replay), i, ours, theirs,
         advice);
  });
  __builtin_unreachable();
}

}  // namespace

Seen::Seen(std::string what_, const Shape& shape_, Dtype dtype_, const void* from)
    : what(std::move(what_)),
      shape(shape_),
      dtype(dtype_),
      entries(static_cast<std::size_t>(shape.numel()) * item_size(dtype)) {
  std::memcpy(entries.data(), from, entries.size());
}

Seen::Seen(std::string what_, const Tensor& tensor) : what(std::move(what_)) {
  if (tensor.defined()) *this = Seen(what, tensor.shape(), tensor.dtype(), tensor.impl().read());
}

void expect_same(const Seen& replay, const Seen& body) {
  if (replay.what != body.what || replay.shape != body.shape || replay.dtype != body.dtype ||
      replay.entries.size() != body.entries.size())
    fail("capture: the body gave {} where its replay gave {}; {}", name_of(body), name_of(replay), advice);
  if (replay.entries != body.entries) fail_at_difference(replay, body);
}

void expect_same(const std::vector<Seen>& replay, const std::vector<Seen>& body) {
  if (replay.size() != body.size())
    fail("capture: the body returned another number of tensors than at its captured call; {}", advice);
  for (std::size_t i = 0; i < replay.size(); ++i) expect_same(replay[i], body[i]);
}

void Trace::add(std::string operation, const Tensor& result) {
  if (!capturing) return;  // it is done once, and not by a replay
  const std::size_t i = results_.size();
  const void* const from = result.impl().read();
  Seen& seen = results_.emplace_back(std::move(operation), result.shape(), result.dtype(), from);
  launch([to = seen.entries.data(), from, bytes = seen.entries.size()] { std::memcpy(to, from, bytes); });
  if (!replay_) return;
  if (i >= replay_->results_.size()) fail("capture: the body gave {}, its replay did not; {}", name_of(seen), advice);
  expect_same(replay_->results_[i], seen);
}

void Trace::finish() {
  const std::size_t size = results_.size();
  if (replay_ && size < replay_->results_.size())
    fail("capture: the replay gave {}, its body did not; {}", name_of(replay_->results_[size]), advice);
  replay_ = nullptr;
}

}  // namespace sigmagrad::engine
