// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/examples.hpp>

#include <cmath>
#include <filesystem>
#include <vector>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/experiments/images.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

constexpr std::int64_t clusters = 3, latent = 20, inputs = 192, mixture_size = 2000;
constexpr double spread = 0.3;

ImageFiles files_of(const std::string& data) {
  if (data == "fashion-mnist") return {.set = data, .folder = "installed", .normalized = true};
  const std::filesystem::path folder = data;
  if (!std::filesystem::is_directory(folder))
    engine::fail("completion: there are no data '{}' (fashion-mnist, mixture, or a folder)", data);
  const auto here = [&](const char* name) { return std::filesystem::exists(folder / name); };
  const bool like_mnist = here("train-images-idx3-ubyte.gz") || here("train-images-idx3-ubyte");
  return {.set = like_mnist ? "fashion-mnist" : "cifar10", .folder = data, .normalized = true};
}

Examples flat(const TensorDataset<2>& part) {
  const auto& [images, labels] = part.tensors();
  return {images.flatten(1), labels};
}

TrainAndTest mixture(std::int64_t count, Generator& generator) {
  const auto all = cluster_mixture(generator, 2 * count);
  const auto x = ((all.x - all.x.mean()) / all.x.std()).to(f32), labels = all.labels.to(f32);
  const auto half = [&](std::int64_t begin) {
    return Examples{x.narrow(0, begin, count).clone(), labels.narrow(0, begin, count).clone()};
  };
  return {half(0), half(count)};
}

}  // namespace

Examples cluster_mixture(Generator& generator, std::int64_t count) {
  const auto centers = randn({classes * clusters, latent}, generator);
  const auto embedding = randn({latent, inputs}, generator) / std::sqrt(static_cast<double>(latent));
  const auto cluster = randint(0, classes * clusters, {count}, generator);
  const auto x = matmul(index_select(centers, 0, cluster), embedding) + spread * randn({count, inputs}, generator);
  std::vector<double> labels(cluster.data<double>().begin(), cluster.data<double>().end());
  for (double& label : labels) label = std::fmod(label, static_cast<double>(classes));
  return {x, tensor(labels)};
}

TrainAndTest train_and_test(const std::string& data, std::int64_t count, Generator& generator) {
  if (data == "mixture") return mixture(count > 0 ? count : mixture_size, generator);
  const auto images = image_set(files_of(data));
  return {flat(some_of(images->train, count, generator)), flat(images->test)};
}

std::string default_data() { return installed_set_or("mixture"); }

Tensor noisy_labels(const Tensor& labels, double noise, Generator& generator) {
  const auto redrawn = bernoulli(full(labels.shape(), noise, labels.dtype()), generator);
  return where(redrawn, randint(0, classes, labels.shape(), generator, labels.dtype()), labels);
}

}  // namespace sigmagrad::experiments::completion
