// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/examples.hpp>

#include <cmath>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

constexpr std::int64_t clusters = 3, latent = 20, inputs = 192, mixture_size = 2000;
constexpr double spread = 0.3;

// What both readers return.
template <class Images>
Examples examples_of(Images read) {
  return {std::move(read.images), tensor({read.labels.begin(), read.labels.end()}).to(f32)};
}

TrainAndTest read_images(const std::string& data) {
  using Part = MnistOptions::Part;
  if (data == "fashion-mnist")
    return {examples_of(load_fashion_mnist({.part = Part::Train, .dtype = f32})),
            examples_of(load_fashion_mnist({.part = Part::Test, .dtype = f32}))};
  const auto here = [&](const char* name) { return std::filesystem::exists(std::filesystem::path(data) / name); };
  if (here("train-images-idx3-ubyte.gz") || here("train-images-idx3-ubyte"))
    return {examples_of(load_mnist(data, {.part = Part::Train, .dtype = f32})),
            examples_of(load_mnist(data, {.part = Part::Test, .dtype = f32}))};
  return {examples_of(load_cifar10(data, {.part = Part::Train, .dtype = f32})),
          examples_of(load_cifar10(data, {.part = Part::Test, .dtype = f32}))};
}

// In place, for the images of a whole set are large: with the mean and the deviation of the images to train on.
void normalize(TrainAndTest& data) {
  const auto mean = data.train.x.mean({0, 2, 3}, true);
  data.train.x -= mean;
  data.test.x -= mean;
  const auto deviation = sqrt(square(data.train.x).mean({0, 2, 3}, true));
  const auto scale = where(deviation > 0.0, deviation, ones_like(deviation));
  for (auto* part : {&data.train, &data.test}) {
    part->x /= scale;
    part->x = part->x.flatten(1).clone();
  }
}

// Files are read once: trials share what is in them, in whatever thread they run.
const TrainAndTest& images_of(const std::string& data) {
  static std::mutex mutex;
  static std::map<std::string, TrainAndTest> known;
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(data); found != known.end()) return found->second;
  auto read = read_images(data);
  normalize(read);
  return known.emplace(data, std::move(read)).first->second;
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
  const auto& images = images_of(data);
  const auto n = images.train.x.size(0);
  if (count == 0 || count >= n) return images;
  const auto rows = randperm(n, generator, f32).narrow(0, 0, count).clone();
  return {{index_select(images.train.x, 0, rows), index_select(images.train.labels, 0, rows)}, images.test};
}

std::string default_data() { return fashion_mnist_folder() ? "fashion-mnist" : "mixture"; }

Tensor noisy_labels(const Tensor& labels, double noise, Generator& generator) {
  const auto redrawn = bernoulli(full(labels.shape(), noise, labels.dtype()), generator);
  return where(redrawn, randint(0, classes, labels.shape(), generator, labels.dtype()), labels);
}

}  // namespace sigmagrad::experiments::completion
