// SPDX-License-Identifier: BSD-3-Clause
// Does depth lower the effective rank of residual networks?
#include <sigmagrad/experiments/networks/study.hpp>

namespace sigmagrad::experiments::networks {
namespace {

const lab::Register registered{study({.id = "networks/resnet",
                                      .name = "ResNet",
                                      .depth = {.name = "depth",
                                                .help = "18, 34, 50 or 101",
                                                .quick = {18, 34},
                                                .paper = {18, 34, 50, 101},
                                                .minimum = 18,
                                                .maximum = 101},
                                      .make = resnet,
                                      .figures = {{18, "cifar10", "sgd"},
                                                  {19, "cifar100", "sgd"},
                                                  {22, "cifar10", "adam"},
                                                  {23, "cifar100", "adam"},
                                                  {26, "cifar10", "rmsprop"},
                                                  {27, "cifar100", "rmsprop"}},
                                      .observe = "OBSERVE",
                                      .seconds = {.quick = 30, .reduced = 3600, .paper = 3e8}})};

}  // namespace
}  // namespace sigmagrad::experiments::networks
