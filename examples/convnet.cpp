// SPDX-License-Identifier: BSD-3-Clause
// A small convolutional network on Fashion-MNIST: augmented batches made by another thread, a captured step, 90% of the
// test images in a few minutes on one core; then saved, loaded, and its kernels inspected. Its argument is a folder
// with the four files of MNIST's form. Without it they are Debian's, or where these are not installed drawn bars.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

struct Pictures {
  sg::TensorDataset<2> train, test;
};

sg::TensorDataset<2> loaded(const std::filesystem::path& folder, sg::MnistOptions::Part part) {
  const auto data = sg::load_mnist(folder, {.part = part, .dtype = sg::f32});
  return sg::TensorDataset(data.images, sg::tensor({data.labels.begin(), data.labels.end()}).to(sg::f32));
}

// Ten classes of noisy pictures: a bar at one of ten heights.
sg::TensorDataset<2> bars(std::int64_t n) {
  const auto labels = sg::randint(0, 10, {n});
  const auto distance = sg::abs(sg::arange(28).reshape({28, 1}) - (2.5 * labels + 3.0).reshape({n, 1, 1, 1}));
  const auto images = 0.4 * (distance <= 1.0) + 0.6 * sg::rand({n, 1, 28, 28});
  return sg::TensorDataset(images.to(sg::f32), labels.to(sg::f32));
}

// What 3 x 3 kernels make of an image, normalised and cut at 0.
sg::nn::Sequential block(std::int64_t in, std::int64_t out) {
  return sg::nn::Sequential{sg::nn::Conv2d(in, out, 3, {.padding = 1, .bias = false}), sg::nn::BatchNorm2d(out),
                            sg::nn::ReLU()};
}

sg::nn::Sequential network() {
  const sg::nn::Sequential net{block(1, 16),
                               sg::nn::MaxPool2d(2),
                               block(16, 32),
                               sg::nn::Residual(block(32, 32)),
                               sg::nn::MaxPool2d(2),
                               sg::nn::Flatten(),
                               sg::nn::Linear(32 * 7 * 7, 10)};
  net.to(sg::f32);
  return net;
}

double accuracy(const sg::nn::Sequential& net, const sg::TensorDataset<2>& data, const sg::Transform& seen) {
  const sg::NoGrad guard;
  net.eval();
  double right = 0.0;
  for (const auto& [images, labels] : sg::DataLoader(data, {.batch = 200, .transforms = {seen}}))
    right += (net(images).argmax(1) == labels.to(sg::f64)).sum().item();
  net.train();
  return right / static_cast<double>(data.size());
}

void train(const sg::nn::Sequential& net, const Pictures& data, const sg::Transform& seen, int epochs) {
  const std::int64_t batch = 64;
  sg::DataLoader batches(data.train, {.batch = batch,
                                      .shuffle = true,
                                      .drop_last = true,
                                      .workers = 1,
                                      .transforms = {sg::random_horizontal_flip(), seen}});
  sg::optim::AdamW optimizer(net.parameters(), {.lr = 0.002});
  sg::optim::CosineAnnealingLR schedule(optimizer, {.T_max = epochs * batches.size()});
  auto x = sg::empty({batch, 1, 28, 28}, sg::f32), y = sg::empty({batch}, sg::f32);  // the step reads each batch here
  auto step = sg::capture([&] {
    const auto loss = sg::cross_entropy(net(x), y);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    double loss = 0.0;
    for (const auto& [images, labels] : batches) {
      x.copy_(images);
      y.copy_(labels);
      loss += step().item() / static_cast<double>(batches.size());
      schedule.step();
    }
    std::cerr << "epoch " << epoch << ": loss " << loss << ", test accuracy " << accuracy(net, data.test, seen) << '\n';
  }
}

int main(int argc, char** argv) {
  sg::manual_seed(1);
  auto folder = sg::fashion_mnist_folder();
  if (argc > 1) folder = argv[1];
  if (!folder)
    std::cout << "Fashion-MNIST is not installed (apt install dataset-fashion-mnist): these are drawn bars\n";
  using Part = sg::MnistOptions::Part;
  const Pictures data =
      folder ? Pictures{loaded(*folder, Part::Train), loaded(*folder, Part::Test)} : Pictures{bars(640), bars(200)};

  const auto images = data.train.tensors()[0];
  const auto seen = sg::normalize({images.mean().item()}, {sg::std(images).item()});
  const auto net = network();
  train(net, data, seen, 4);
  const double right = accuracy(net, data.test, seen);
  std::cout << "test accuracy above 0.9: " << (right > 0.9 ? "yes" : "no") << '\n';

  const auto file = std::filesystem::temp_directory_path() / "sigmagrad_convnet.safetensors";
  sg::save(net.state_dict(), file);
  const auto again = network();
  again.load_state_dict(sg::load(file));
  std::filesystem::remove(file);
  std::cout << "the loaded network is as good: " << (accuracy(again, data.test, seen) == right ? "yes" : "no") << '\n';

  for (const auto& [name, matrix] : sg::inspect(again))
    std::cout << name << ": " << matrix.rows << " x " << matrix.columns << ", effective rank "
              << std::round(matrix.effective_rank) << '\n';
}
