// SPDX-License-Identifier: BSD-3-Clause
// Who trains a small convolutional network best?
#include <sigmagrad/experiments/compare/candidates.hpp>
#include <sigmagrad/experiments/compare/images.hpp>

namespace sigmagrad::experiments::compare {
namespace {

const Int channels{.name = "channels", .help = "of the two layers", .quick = {4}, .paper = {16}, .minimum = 1};

Training make(Trial& t) {
  const auto images = images_of(t);
  const auto half = images.side() / 2;
  const nn::Sequential net{nn::Conv2d(images.channels(), t[channels], 3, {.padding = 1, .dtype = f32}),
                           nn::ReLU(),
                           nn::MaxPool2d(2),
                           nn::Conv2d(t[channels], t[channels], 3, {.padding = 1, .dtype = f32}),
                           nn::ReLU(),
                           nn::Flatten(),
                           nn::Linear(t[channels] * half * half, 10, {.dtype = f32})};
  return classifier(net, images, t.generator(1), 16);
}

const Problem network{.name = "convnet",
                      .parameters = {data, examples, channels},
                      .make = make,
                      .steps = {.quick = 80, .paper = 3000},
                      .target = 0.23};

const Register comparison{lab::compare(
    "compare/convnet", {network}, optimizers(seldom_roots),
    {.title = "Optimisers on a convolutional network",
     .question = "Who trains a small convolutional network best?",
     .observe = "Muon takes the last layer alone, whose parameter is a matrix; kernels and biases go to Adam. On the "
                "mixture SGD ends at 0.025, below momentum and Muon, and ties with Adam (0.057).",
     .trials = {.quick = 12, .paper = 20},
     .seconds = {.quick = 5, .paper = 9000},
     .claims = {{.claim = "Adam trains a convolutional network to a lower loss than SGD without momentum",
                 .source = "a common belief",
                 .says = "better",
                 .holds = loss_ratio("adam", "sgd") < 1.0,
                 .why = "Validation losses on the same seeds after the same steps, each at its own best rate."}},
     .quick = {"sgd", "momentum", "adam", "muon", "adam (default)"}})};

}  // namespace
}  // namespace sigmagrad::experiments::compare
