// SPDX-License-Identifier: BSD-3-Clause
// The convolutions of a ResNet-18 on images of 32 x 32, f32, batch 128, forward and backward, and what stands between
// them: conv/<width>/<in>x<side>to<out>k<kernel>s<stride>; two_threads/conv/... is a layer with normalisation and ReLU
// on one thread and on two. bench/peers/convolutions.py runs the same in PyTorch.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/convolution.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/normalization.hpp>
#include <sigmagrad/autograd/operations/pooling.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/threads/threads.hpp>

namespace sigmagrad::bench {
namespace {

constexpr std::int64_t batch = 128;

struct Layer {
  std::int64_t in, side, out, kernel, stride;
  std::string name(std::int64_t width) const {
    return "conv/" + std::to_string(width) + '/' + std::to_string(in) + 'x' + std::to_string(side) + "to" +
           std::to_string(out) + 'k' + std::to_string(kernel) + 's' + std::to_string(stride);
  }
};

std::vector<Layer> layers(std::int64_t width) {
  std::vector<Layer> all{{3, 32, width, 3, 1}, {width, 32, width, 3, 1}};
  for (std::int64_t side = 32; side > 4; side /= 2, width *= 2)
    for (const Layer& layer : {Layer{width, side, 2 * width, 3, 2}, Layer{width, side, 2 * width, 1, 2},
                               Layer{2 * width, side / 2, 2 * width, 3, 1}})
      all.push_back(layer);
  return all;
}

// y = f(inputs) and the gradients of all inputs, for a gradient of y that is there.
template <class F>
void both_ways(benchmark::State& state, const std::vector<Tensor>& inputs, F f) {
  const Tensor along = ones(f().shape(), f32);
  for (auto _ : state) benchmark::DoNotOptimize(grad(f(), inputs, {.grad_outputs = along}));
}

void convolution(benchmark::State& state, const Layer& layer) {
  const Tensor x = randn({batch, layer.in, layer.side, layer.side}, f32).requires_grad_(layer.in > 3);
  const Tensor weight = randn({layer.out, layer.in, layer.kernel, layer.kernel}, f32).requires_grad_();
  const Conv2dOptions options{.stride = layer.stride, .padding = layer.kernel / 2};
  both_ways(state, layer.in > 3 ? std::vector{x, weight} : std::vector{weight},
            [&] { return conv2d(x, weight, {}, options); });
}

void normalization(benchmark::State& state, std::int64_t channels, std::int64_t side) {
  const Tensor x = randn({batch, channels, side, side}, f32).requires_grad_();
  const Tensor weight = ones({channels}, f32).requires_grad_(), bias = zeros({channels}, f32).requires_grad_();
  const Tensor mean = zeros({channels}, f32), var = ones({channels}, f32);
  both_ways(state, {x, weight, bias}, [&] { return batch_norm(x, mean, var, weight, bias, {.training = true}); });
}

void pooling(benchmark::State& state, std::int64_t channels, std::int64_t side) {
  const Tensor x = randn({batch, channels, side, side}, f32).requires_grad_();
  both_ways(state, {x}, [&] { return max_pool2d(x, 2); });
}

// A layer's step on one thread and on two by turns, and how many times as fast it is on two.
void on_two_threads(benchmark::State& state, const Layer& layer) {
  using Clock = std::chrono::steady_clock;
  const Tensor x = randn({batch, layer.in, layer.side, layer.side}, f32).requires_grad_();
  const Tensor weight = randn({layer.out, layer.in, layer.kernel, layer.kernel}, f32).requires_grad_();
  const Tensor scale = ones({layer.out}, f32).requires_grad_(), shift = zeros({layer.out}, f32).requires_grad_();
  const Conv2dOptions options{.stride = layer.stride, .padding = layer.kernel / 2};
  const auto f = [&] {
    return relu(batch_norm(conv2d(x, weight, {}, options), {}, {}, scale, shift, {.training = true}));
  };
  const Tensor along = ones(f().shape(), f32);
  std::array<double, 2> best{1e9, 1e9};
  for (auto _ : state)
    for (const int n : {1, 2}) {
      set_num_threads(n);
      const auto start = Clock::now();
      benchmark::DoNotOptimize(grad(f(), {x, weight, scale, shift}, {.grad_outputs = along}));
      double& least = best[static_cast<std::size_t>(n - 1)];
      least = std::min(least, std::chrono::duration<double>(Clock::now() - start).count());
    }
  set_num_threads(1);
  state.counters["ms_1"] = 1e3 * best[0];
  state.counters["ms_2"] = 1e3 * best[1];
  state.counters["times_as_fast"] = best[0] / best[1];
}

int register_all() {
  for (const std::int64_t width : {16, 64}) {
    for (const Layer& layer : layers(width))
      benchmark::RegisterBenchmark(layer.name(width).c_str(), convolution, layer)->Unit(benchmark::kMillisecond);
    for (const Layer& layer : {Layer{width, 32, width, 3, 1}, Layer{8 * width, 4, 8 * width, 3, 1}})
      benchmark::RegisterBenchmark(("two_threads/" + layer.name(width)).c_str(), on_two_threads, layer)
          ->Unit(benchmark::kMillisecond);
    const std::string channels = std::to_string(width);
    for (const std::int64_t side : {32, 4}) {
      const std::string shape = channels + '/' + std::to_string(width * 32 / side) + 'x' + std::to_string(side);
      benchmark::RegisterBenchmark(("batch_norm/" + shape).c_str(), normalization, width * 32 / side, side)
          ->Unit(benchmark::kMillisecond);
      benchmark::RegisterBenchmark(("max_pool/" + shape).c_str(), pooling, width * 32 / side, side)
          ->Unit(benchmark::kMillisecond);
    }
  }
  return 0;
}

[[maybe_unused]] const int registered = register_all();

}  // namespace
}  // namespace sigmagrad::bench
