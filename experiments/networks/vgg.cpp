// SPDX-License-Identifier: BSD-3-Clause
// Does depth lower the effective rank of convolutional networks without skip connections?
#include <sigmagrad/experiments/networks/study.hpp>

namespace sigmagrad::experiments::networks {
namespace {

const lab::Register registered{study(
    {.id = "networks/vgg",
     .name = "VGG",
     .depth = {.name = "depth", .help = "11, 13, 16 or 19", .quick = {11, 13, 16, 19}, .minimum = 11, .maximum = 19},
     .make = vgg,
     .figures = {{20, "cifar10", "sgd"},
                 {21, "cifar100", "sgd"},
                 {24, "cifar10", "adam"},
                 {25, "cifar100", "adam"},
                 {28, "cifar10", "rmsprop"},
                 {29, "cifar100", "rmsprop"}},
     .observe = "OBSERVE",
     .seconds = {.quick = 30, .reduced = 3600, .paper = 5e7}})};

}  // namespace
}  // namespace sigmagrad::experiments::networks
