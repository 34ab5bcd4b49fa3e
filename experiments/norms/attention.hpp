// SPDX-License-Identifier: BSD-3-Clause
// The parts of norms/attention: X [tokens, width], logits X W_Q W_K' X' / sqrt(width of a head), rows of their softmax.
#pragma once

#include <sigmagrad/experiments/norms/inequality.hpp>

namespace sigmagrad::experiments::norms {

/// X W_Q (X W_K)' / sqrt(d_k) for W_Q, W_K [width, d_k].
Tensor attention_logits(const Tensor& X, const Tensor& Wq, const Tensor& Wk);

/// Layers of self-attention, with and without skip connections and MLPs.
namespace collapse {
void check(Trial& t);
/// ||X - 1 x'|| / ||X|| for the mean token x: 0 where all tokens are equal, and the rank is one.
inline const Curve bare{.name = "rest_bare", .label = "attention alone", .over = "depth"};
inline const Curve with_mlp{.name = "rest_mlp", .label = "with MLP", .over = "depth"};
inline const Curve with_skip{.name = "rest_skip", .label = "with skip connections", .over = "depth"};
inline const Curve scaled{
    .name = "rest_scaled", .label = "with skip connections, attention over sqrt(32)", .over = "depth"};
inline const Curve with_both{.name = "rest_both", .label = "with both", .over = "depth"};
inline const Curve rank_bare{.name = "rank_bare", .label = "attention alone", .over = "depth"};
inline const Curve rank_with_mlp{.name = "rank_mlp", .label = "with MLP", .over = "depth"};
inline const Curve rank_with_skip{.name = "rank_skip", .label = "with skip connections", .over = "depth"};
inline const Curve rank_scaled{
    .name = "rank_scaled", .label = "with skip connections, attention over sqrt(32)", .over = "depth"};
inline const Curve rank_with_both{.name = "rank_both", .label = "with both", .over = "depth"};
inline const Quantity power{.name = "power", .label = "exponent of one layer's rest in that of its input"};
}  // namespace collapse

/// Softmax by the size of its logits.
namespace saturation {
std::vector<Inequality> rows();
void check(Trial& t);
inline const Curve entropy{.name = "entropy", .label = "entropy of a row over log n", .over = "||W_Q W_K'||_2"};
inline const Curve slope{.name = "slope", .label = "norm of the softmax's Jacobian", .over = "||W_Q W_K'||_2"};
inline const Quantity apart{.name = "entropy_apart", .label = "least entropy where W_Q W_K' does not see the tokens"};
inline const std::vector<double> sizes{0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0};
}  // namespace saturation

/// Keys and queries in other coordinates.
namespace coordinates {
void check(Trial& t);
inline const Quantity logits{.name = "logits_rotated", .label = "change of the logits by a rotation"};
inline const Quantity invariant{.name = "norms_rotated", .label = "change of unitarily invariant norms by a rotation"};
inline const Quantity entrywise{.name = "entries_rotated", .label = "change of the largest entry by a rotation"};
inline const Quantity sheared{.name = "logits_sheared", .label = "change of the logits by W_Q M, W_K M'^-1"};
inline const Quantity norms_sheared{.name = "norms_sheared", .label = "change of the nuclear norm by it"};
}  // namespace coordinates

/// Keys and values of low rank.
namespace cache {
void check(Trial& t);
inline const Curve of_cache{.name = "output_error", .label = "output, truncated cache", .over = "rank"};
inline const Curve of_weights{.name = "output_error_weights", .label = "output, truncated weights", .over = "rank"};
inline const Curve least{.name = "cache_error", .label = "cache, truncated", .over = "rank"};
inline const Curve learned{.name = "cache_error_learned", .label = "cache, learned maps", .over = "rank"};
inline const Curve by_weights{.name = "cache_error_weights", .label = "cache, truncated weights", .over = "rank"};
inline const std::vector<std::int64_t> ranks{2, 4, 8, 16};
}  // namespace cache

/// Ranks of logits and of attention, untrained and after two tasks.
namespace attention_rank {
void check(Trial& t);
inline const Quantity beyond{.name = "beyond_head", .label = "s_(d_k + 1) over s_1 of the logits"};
inline const Quantity softmax_rank{.name = "softmax_rank", .label = "rank of the softmax over the number of tokens"};
inline const Quantity logits_ratio{.name = "logits_ratio",
                                   .label = "nuclear over Frobenius norm of logits, over sqrt(n)"};
inline const Quantity untrained{.name = "ratio_untrained", .label = "untrained"};
inline const Quantity averaging{.name = "ratio_averaging", .label = "trained to average"};
inline const Quantity lookup{.name = "ratio_lookup", .label = "trained to look up"};
inline const Quantity lookup_loss{.name = "loss_lookup", .label = "loss after training to look up, relative"};
}  // namespace attention_rank

}  // namespace sigmagrad::experiments::norms
