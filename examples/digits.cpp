// SPDX-License-Identifier: BSD-3-Clause
// Real data: handwritten digits in mini-batches, a cosine schedule after a warm-up, and a network that is kept. Its
// argument is the file, examples/data/digits.csv unless given.
#include <filesystem>
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

sg::nn::Sequential network() {
  return sg::nn::Sequential{sg::nn::Linear(64, 64), sg::nn::ReLU(), sg::nn::Linear(64, 10)};
}

double accuracy(const sg::nn::Sequential& net, const sg::TensorDataset<2>& data) {
  const auto [x, y] = data.tensors();
  const sg::NoGrad guard;
  return (net(x).argmax(1) == y).mean().item();
}

int main(int argc, char** argv) {
  const auto table = sg::load_csv(argc > 1 ? argv[1] : "examples/data/digits.csv");  // [1797, 64 pixels and the digit]
  sg::manual_seed(1);
  const sg::TensorDataset digits(table.slice(1, 0, 64) / 16.0, table.select(1, 64));
  const auto [train, test] = sg::random_split(digits, {0.8, 0.2});

  const int epochs = 15;
  sg::DataLoader batches(train, {.batch = 64, .shuffle = true, .drop_last = true});
  const auto net = network();
  sg::optim::AdamW optimizer(net.parameters(), {.lr = 0.005});
  const auto cosine = sg::optim::CosineAnnealingLR::rate({.T_max = (epochs - 1) * batches.size()});
  sg::optim::Schedule schedule(optimizer, sg::optim::warmup(batches.size(), cosine));

  auto x = sg::empty({64, 64}), y = sg::empty({64});  // the captured step reads each batch here
  auto step = sg::capture([&] {
    const auto loss = sg::cross_entropy(net(x), y);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  sg::History history;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    double loss = 0.0;
    for (const auto& [images, labels] : batches) {
      x.copy_(images);
      y.copy_(labels);
      loss += step().item() / static_cast<double>(batches.size());
      schedule.step();
    }
    history.record(epoch, {{"loss", loss}, {"accuracy", accuracy(net, test)}});
    if (epoch % 5 == 0) std::cout << "epoch " << epoch << " loss " << loss << '\n';
  }
  std::cout << "test accuracy above 0.96: " << (history["accuracy"].last() > 0.96 ? "yes" : "no") << '\n';

  const auto folder = std::filesystem::temp_directory_path() / "sigmagrad_digits";
  std::filesystem::create_directories(folder);
  history.save_csv(folder / "history.csv");  // step,loss,accuracy
  sg::save(net.state_dict(), folder / "net.safetensors");
  const auto loaded = network();
  loaded.load_state_dict(sg::load(folder / "net.safetensors"));
  std::cout << "the loaded network is as good: " << (accuracy(loaded, test) == accuracy(net, test) ? "yes" : "no")
            << '\n';
  std::filesystem::remove_all(folder);
}
