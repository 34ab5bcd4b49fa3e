// SPDX-License-Identifier: BSD-3-Clause
// What grad() takes over what backward() takes, on the same graph: grad_over_backward/<nodes>/<leaves>.
#include <algorithm>
#include <ctime>
#include <limits>
#include <vector>

#include <benchmark/benchmark.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad {
namespace {

// Multiply-adds of one entry, two nodes each, which take the leaves in turn.
Tensor chain(const std::vector<Tensor>& leaves, std::int64_t nodes) {
  Tensor x = leaves[0];
  for (std::size_t i = 0; i < static_cast<std::size_t>(nodes) / 2; ++i)
    x = x * leaves[i % leaves.size()] + leaves[(i + 1) % leaves.size()];
  return x;
}

template <class F>
double processor_seconds(const F& f) {
  timespec begin{}, end{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  f();
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return static_cast<double>(end.tv_sec - begin.tv_sec) + 1e-9 * static_cast<double>(end.tv_nsec - begin.tv_nsec);
}

// The walk alone, which releases the graph.
double by_backward(std::vector<Tensor>& leaves, std::int64_t nodes) {
  const Tensor x = chain(leaves, nodes);
  const double seconds = processor_seconds([&] { x.backward(); });
  for (auto& leaf : leaves) leaf.zero_grad();
  return seconds;
}

double by_grad(const std::vector<Tensor>& leaves, std::int64_t nodes) {
  const Tensor x = chain(leaves, nodes);
  return processor_seconds([&] { benchmark::DoNotOptimize(grad(x, leaves)); });
}

// The shortest times count. A graph lies in memory in the opposite order of the one before, and one of the two orders
// is faster: so each way has graphs of both.
void grad_over_backward(benchmark::State& state) {
  const std::int64_t nodes = state.range(0);
  std::vector<Tensor> leaves(static_cast<std::size_t>(state.range(1)));
  for (auto& leaf : leaves) leaf = full({}, 0.5).requires_grad_();
  double backward = std::numeric_limits<double>::infinity(), gradients = backward;
  for (auto _ : state) {
    backward = std::min(backward, by_backward(leaves, nodes));
    gradients = std::min(gradients, by_grad(leaves, nodes));
    const double last = by_grad(leaves, nodes);
    gradients = std::min(gradients, last);
    backward = std::min(backward, by_backward(leaves, nodes));
    state.SetIterationTime(last);
  }
  state.counters["ratio"] = gradients / backward;
  state.counters["ns_per_node"] = 1e9 * gradients / static_cast<double>(nodes);
}

BENCHMARK(grad_over_backward)
    ->ArgsProduct({{10'000, 100'000, 1'000'000}, {4, 64, 1000}})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sigmagrad
