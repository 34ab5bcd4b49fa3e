// SPDX-License-Identifier: BSD-3-Clause
// A training step of a network for images of 32 x 32, f32, captured, by SGD with momentum: bench/peers/networks.py runs
// it beside PyTorch's. A JSON object on standard output has what each step took, its loss, and the most memory.
//   sigmagrad_networks_bench resnet18|vgg11 WIDTH THREADS STEPS [FILE LR]
// FILE (safetensors) has what a comparison of losses starts from: the parameters "0", "1", ..., in the network's order,
// "images" [steps, n, 3, 32, 32] and "labels" [steps, n], all in the type to compute in. Without it batches of 128 are
// drawn.
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/experiments/networks/architectures.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/memory.hpp>

namespace {

using namespace sigmagrad;

nn::Sequential network(const std::string& name, std::int64_t width) {
  if (name == "resnet18") return experiments::networks::resnet(18, width, {});
  if (name == "vgg11") return experiments::networks::vgg(11, width, {});
  throw Error(fmt::format("'{}' is no network here (resnet18 or vgg11)", name));
}

struct Batches {
  Tensor images, labels;  // [steps or 1, n, 3, 32, 32], [steps or 1, n]
};

Batches drawn() { return {randn({1, 128, 3, 32, 32}, f32), randint(0, 10, {1, 128}).to(f32)}; }

Batches given(const std::string& file, const nn::Sequential& net) {
  const auto tensors = load(file);
  net.to(tensors["images"].dtype());
  const NoGrad guard;
  std::size_t i = 0;
  for (auto& parameter : net.parameters()) parameter.copy_(tensors[std::to_string(i++)]);
  return {tensors["images"], tensors["labels"]};
}

nlohmann::json train(const std::string& name, std::int64_t width, int threads, std::int64_t steps, const char* file,
                     double lr) {
  manual_seed(1);
  set_num_threads(threads);
  const auto net = network(name, width);
  const auto batches = file == nullptr ? drawn() : given(file, net);
  optim::SGD optimizer(net.parameters(), {.lr = lr, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true});
  auto x = batches.images.select(0, 0).clone(), y = batches.labels.select(0, 0).clone();
  auto step = capture([&] {
    const auto loss = cross_entropy(net(x), y);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  std::vector<double> milliseconds, losses;
  for (std::int64_t i = 0; i < steps; ++i) {
    x.copy_(batches.images.select(0, i % batches.images.size(0)));
    y.copy_(batches.labels.select(0, i % batches.labels.size(0)));
    const auto start = std::chrono::steady_clock::now();
    losses.push_back(step().item());
    milliseconds.push_back(1e3 * std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return {{"milliseconds", milliseconds}, {"losses", losses}, {"peak_megabytes", testing::peak_memory() / 1024}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5 || argc == 6 || argc > 7) {
    std::cerr << "usage: sigmagrad_networks_bench resnet18|vgg11 WIDTH THREADS STEPS [FILE LR]\n";
    return 2;
  }
  try {
    const bool from_file = argc == 7;
    std::cout << train(argv[1], std::atoll(argv[2]), std::atoi(argv[3]), std::atoll(argv[4]),
                       from_file ? argv[5] : nullptr, from_file ? std::atof(argv[6]) : 0.05)
              << '\n';
  } catch (const std::exception& error) {
    std::cerr << "sigmagrad_networks_bench: " << error.what() << '\n';
    return 1;
  }
}
