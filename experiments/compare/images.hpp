// SPDX-License-Identifier: BSD-3-Clause
// What the built-in classifiers are trained on: images from files, or points of a mixture in their place.
#pragma once

#include <sigmagrad/experiments/completion/examples.hpp>
#include <sigmagrad/lab/compare/compare.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::compare {

using namespace lab;

/// f32, [n, channels, side, side], with labels from 0 to 9 as tensors.
struct Images {
  Tensor train_x, train_labels, test_x, test_labels;
  std::int64_t channels() const { return train_x.size(1); }
  std::int64_t side() const { return train_x.size(2); }
};

/// `examples` images to train on and at most 500 to test with, drawn for the trial from the parameter `data`: images of
/// 28 x 28 or 32 x 32 are averaged over squares of four, to `side` 7 or 8.
Images images_of(Trial& trial);

// Parameters of both classifiers.
inline const Text data{
    .name = "data",
    .help =
        "fashion-mnist (of Debian's dataset-fashion-mnist, the default where it is installed), mixture "
        "(points of 30 Gaussian clusters), or a folder with files of MNIST's form or the binary "
        "CIFAR-10",
    .quick = {completion::default_data()},
    .choices = {"fashion-mnist", "mixture"},
    .any_text = true};
inline const Int examples{.name = "examples",
                          .help = "to train on, drawn from all there are",
                          .quick = {500},
                          .paper = {5000},
                          .minimum = 10};

/// The cross-entropy of a net on the next `batch` rows, drawn from the generator, and on all images to test with.
template <class Net>
Training classifier(const Net& net, const Images& images, const std::shared_ptr<Generator>& rows, std::int64_t batch) {
  return {.parameters = net.parameters(),
          .loss =
              [=] {
                const auto chosen = randint(0, images.train_x.size(0), {batch}, *rows, f32);
                return cross_entropy(net(index_select(images.train_x, 0, chosen)),
                                     index_select(images.train_labels, 0, chosen));
              },
          .evaluate = [=] { return cross_entropy(net(images.test_x), images.test_labels).item(); },
          .captured = true};
}

}  // namespace sigmagrad::experiments::compare
