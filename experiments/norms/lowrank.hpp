// SPDX-License-Identifier: BSD-3-Clause
// The parts of norms/lowrank: truncated singular value decompositions against competitors, adapters of low rank in
// training, and compressed networks.
#pragma once

#include <sigmagrad/experiments/norms/inequality.hpp>

namespace sigmagrad::experiments::norms {

/// The truncation to half the rank against random competitors of that rank, in every norm at once.
std::vector<Inequality> approximation_rows();

/// Competitors of a Gaussian matrix in one norm after the other: random ones, and X Y that gradient descent looks for.
namespace competitors {
void check(Trial& t);
inline const std::vector<std::string> kinds{"random sketch", "truncation of a matrix close by", "gradient descent"};
std::vector<std::string> norms();
/// Error of the truncation over that of the best competitor of this kind.
Quantity reached(const std::string& kind, const std::string& norm);
}  // namespace competitors

/// W + A B with W frozen is trained towards a change of full rank.
namespace adapter {
void check(Trial& t);
inline const Curve white{.name = "excess_white", .label = "white inputs", .over = "step"};
inline const Curve correlated{.name = "excess_correlated", .label = "correlated inputs", .over = "step"};
inline const Quantity weighted{.name = "excess_weighted",
                               .label = "excess of the loss over the least one, correlated inputs"};
inline const Quantity numbers{.name = "adapter_numbers", .label = "numbers trained, over r (m + n)"};
inline constexpr std::int64_t early = 30, late = 30000;  // steps
}  // namespace adapter

/// A trained ReLU network whose layers are replaced by two of lower rank.
namespace compression {
void check(Trial& t);
inline const Curve accuracy{
    .name = "accuracy", .label = "by rank", .over = "part of the numbers kept", .bounds = {0, 1}};
inline const Quantity whole{.name = "accuracy_whole", .label = "accuracy of the whole network"};
inline const Quantity half{.name = "accuracy_half", .label = "accuracy with half of the numbers"};
inline const Quantity tenth{.name = "accuracy_tenth", .label = "accuracy with a tenth of the numbers"};
inline const Quantity by_energy{.name = "accuracy_energy", .label = "accuracy with 90% of each layer's squares"};
inline const Quantity numbers_by_energy{.name = "numbers_energy", .label = "numbers kept for that"};
inline const Quantity layer_error{.name = "layer_error",
                                  .label = "deviation of a layer's error from s_(k+1), over s_1"};
inline const Quantity numbers{.name = "compressed_numbers", .label = "deviation of the numbers from k (m + n)"};
}  // namespace compression

}  // namespace sigmagrad::experiments::norms
