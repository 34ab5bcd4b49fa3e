// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/io/named_tensors.hpp>
#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

/// Which column of rates: that of optimisers that normalise each entry (Adam, AdamW, RMSprop, Adagrad), or of SGD.
enum class MupRule { Adam, SGD };

struct MupOptions {
  double lr = 1e-3;  // at base width
  MupRule rule = MupRule::Adam;
  bool output_multiplier = true;  // the model divides its output layer's product by the fan-in over the base's
};

/// Learning rates of the maximal update parametrisation (Yang et al. 2022, arXiv 2203.03466), under which the best rate
/// does not depend on the width. `base` are the parameters of the same model at the width where `lr` was found: axes
/// whose sizes differ are the ones that grow with the width. With r_in and r_out the sizes over the base's, the rate is
/// lr times
///                                          Adam      SGD
///   hidden: both axes grow                 1/r_in    r_out/r_in
///   input weights and biases: out grows    1         r_out
///   output weights: in grows               1         r_in          with the output multiplier (table 8)
///                                          1/r_in    1/r_in        without (table 3)
///   others: nothing grows                  1         1
/// Weights are [..., out, in], biases and gains vectors; leading axes must not grow. One group a rate, in order of
/// first appearance. Initial weights are the caller's: variance ~ 1/fan_in; for output weights without the multiplier
/// 1/fan_in^2, with it as at base width. Zero is as good for these. A name or number of axes that differs from the
/// base's is an Error.
std::vector<GroupOptions> mup_groups(const NamedTensors& parameters, const NamedTensors& base,
                                     const MupOptions& options = {});

}  // namespace sigmagrad::optim
