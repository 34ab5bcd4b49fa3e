// SPDX-License-Identifier: BSD-3-Clause
// What the studies of residual and of plain networks share: each is one family of networks at several depths.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/experiments/networks/images.hpp>
#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::experiments::networks {

// In a header, so that they are there before the experiments that are made of them.
inline const lab::Text images{
    .name = "images",
    .help =
        "fashion-mnist (the default where Debian's dataset-fashion-mnist is installed), cifar10, "
        "cifar100, or synthetic: noise of CIFAR's shape, whose class is which colours repeat each other",
    .quick = {default_set()},
    .paper = {"cifar10", "cifar100"},
    .choices = {"fashion-mnist", "synthetic"}};
inline const lab::Text data{.name = "data",
                            .help = "folder of the files of cifar10, cifar100 (binary version) or fashion-mnist",
                            .quick = {"installed"},
                            .any_text = true};
inline const lab::Text optimizer{.name = "optimizer",
                                 .help =
                                     "with what the text leaves open as in the authors' program. sgd: rate 0.1, "
                                     "Nesterov's momentum 0.9, weight decay 5e-4; adam: rate 1e-3, betas 0.9 and "
                                     "0.99, decay 1e-5; rmsprop: rate 1e-3, momentum 0.9, decay 1e-5",
                                 .quick = {"sgd"},
                                 .reduced = {"sgd", "adam"},
                                 .paper = {"sgd", "adam", "rmsprop"},
                                 .choices = {"adam", "rmsprop"}};
inline const lab::Int divisor{.name = "narrower",
                              .help = "the widths of all layers are divided by it: by 1, the first has 64 channels",
                              .quick = {8},
                              .paper = {1},
                              .minimum = 1,
                              .maximum = 64};
inline const lab::Int epochs{
    .name = "epochs", .help = "passes over the images", .quick = {10}, .paper = {200}, .minimum = 1};
inline const lab::Int samples{
    .name = "samples",
    .help = "images to train on, and at most as many to test with; 0: all (1000 synthetic ones)",
    .quick = {1024},
    .reduced = {2560},
    .paper = {0},
    .minimum = 0};

inline const lab::Quantity train_accuracy{.name = "train_accuracy", .label = "training accuracy", .bounds = {0, 1}};
inline const lab::Quantity test_accuracy{.name = "test_accuracy", .label = "test accuracy", .bounds = {0, 1}};
inline const lab::Quantity rank{.name = "effective_rank", .label = "mean effective rank of a layer"};
inline const lab::Quantity rank_squares{.name = "effective_rank_squares",
                                        .label = "mean effective rank of squared singular values"};
inline const lab::Quantity rank_rows{.name = "effective_rank_rows",
                                     .label = "mean effective rank of kernels as out x (in k k)"};
inline const lab::Quantity rank_rows_squares{
    .name = "effective_rank_rows_squares", .label = "mean effective rank of kernels as out x (in k k), squared values"};
inline const lab::Quantity rank_change{.name = "effective_rank_change", .label = "mean effective rank, end / start"};
inline const lab::Curve train_on_way{
    .name = "train_accuracy", .label = "training accuracy", .over = "epoch", .bounds = {0, 1}};
inline const lab::Curve test_on_way{
    .name = "test_accuracy", .label = "test accuracy", .over = "epoch", .bounds = {0, 1}};

/// One of the paper's figures: what it is trained on, and how.
struct PaperFigure {
  int number = 0;
  std::string images = {}, optimizer = {};
};

struct Family {
  std::string id = {}, name = {};  // "networks/resnet", "ResNet"
  lab::Int depth = {};
  std::function<nn::Sequential(std::int64_t depth, std::int64_t width, const ImageForm& form)> make = {};
  std::vector<PaperFigure> figures = {};
  std::string observe = {};
  lab::PerPreset<double> seconds = {};
};

lab::Experiment study(const Family& family);

}  // namespace sigmagrad::experiments::networks
