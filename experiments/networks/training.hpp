// SPDX-License-Identifier: BSD-3-Clause
// The training of paper 002, appendix C.1.1, and the ranks that it measures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <sigmagrad/experiments/networks/images.hpp>
#include <sigmagrad/io/history.hpp>
#include <sigmagrad/nn/sequential.hpp>

namespace sigmagrad::experiments::networks {

struct TrainingOptions {
  std::string optimizer = "sgd";  // "sgd", "adam" or "rmsprop", each with its own rate and weight decay
  std::int64_t epochs = 1;
  std::filesystem::path checkpoint = {};  // written after each epoch, and gone on from if it is there; empty: none
};

/// Trains by batches of 128 (all images if there are fewer; the last of an epoch may be smaller), with crops and flips,
/// and with the rate falling to 0 along a cosine. The history has for each epoch "train_accuracy", of the augmented
/// batches as the network met them, and "test_accuracy"; and from 0 on, before training, the mean over all layers but
/// the last of the effective ranks (exp of an entropy): of the kernel as paper 002 sees it, in x (out k k),
/// "effective_rank" with p = s / sum s and "effective_rank_squares" with p = s^2 / sum s^2, and of the kernel as
/// out x (in k k), as in the authors' program, "effective_rank_rows" and "effective_rank_rows_squares".
///
/// Orders and augmentations come from the thread's generator. A training that goes on from its checkpoint ends with the
/// bits of one that was not stopped, and a line on standard error says from where; a checkpoint that does not fit is
/// set aside, with a line that says why.
History train(const nn::Sequential& net, const Images& images, const TrainingOptions& options);

/// The share of the images whose class the network finds, in evaluation mode.
double accuracy(const nn::Sequential& net, const TensorDataset<2>& data, const Transform& normalize);

}  // namespace sigmagrad::experiments::networks
