// SPDX-License-Identifier: BSD-3-Clause
// Does depth lower the effective rank of convolutional networks without skip connections?
#include <sigmagrad/experiments/networks/study.hpp>

namespace sigmagrad::experiments::networks {
namespace {

const lab::Int depths{.name = "depth",
                      .help = "11, 13, 16 or 19",
                      .quick = {11, 13},
                      .reduced = {11, 13, 16, 19},
                      .paper = {11, 13, 16, 19},
                      .minimum = 11,
                      .maximum = 19};

const lab::Register registered{study(
    {.id = "networks/vgg",
     .name = "VGG",
     .depth = depths,
     .make = vgg,
     .figures = {{20, "cifar10", "sgd"},
                 {21, "cifar100", "sgd"},
                 {24, "cifar10", "adam"},
                 {25, "cifar100", "adam"},
                 {28, "cifar10", "rmsprop"},
                 {29, "cifar100", "rmsprop"}},
     .observe = "At the reduced size (an eighth of the width, 2560 images of Fashion-MNIST, 10 epochs) the mean "
                "effective rank "
                "is 33, 28, 33, 37 with 11, 13, 16 and 19 layers after SGD, which is the order before training, too. "
                "Training takes a twentieth of it by SGD and 0.1 to 0.3% by Adam, from deeper networks no more than "
                "from others.",
     .seconds = {.quick = 20, .reduced = 500, .paper = 2e7}})};

}  // namespace
}  // namespace sigmagrad::experiments::networks
