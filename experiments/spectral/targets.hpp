// SPDX-License-Identifier: BSD-3-Clause
// The targets of spectral/structures. The papers name the structures without saying how they were drawn, so there are
// several generators of block-diagonal ones.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {

inline const Text structure{
    .name = "structure", .help = "how the target is drawn", .quick = {"heterogeneous", "low-rank", "block-diagonal"}};
inline const Int block{
    .name = "block", .help = "size of a block-diagonal target's blocks", .quick = {16, 8}, .minimum = 1};
inline const Text entries{.name = "entries",
                          .help = "of blocks: standard normal, or scaled to rows of squared length 2",
                          .quick = {"unit", "scaled"}};

/// By the parameters `structure` and `d`, and for block-diagonal targets `block` and `entries`:
///   heterogeneous   `heterogeneous_target`
///   low-rank        A B / sqrt(d d/4), A [d, d/4] drawn before B [d/4, d], both standard normal: rows of length 1
///   block-diagonal  blocks of normal entries, from the first on: standard, or with variance 2 / block, for rows of
///                   squared length 2
Tensor draw_target(const Params& params, Generator& generator);

/// One way to draw a target: its name in figures and its parameters.
struct Structure {
  std::string name;
  Selection selection;
  bool has_condition_number = true;  // a low-rank target has none
};
Structure heterogeneous();
Structure low_rank();
Structure blocks(std::int64_t size, const std::string& scale = "unit");

/// Those that were run, but for blocks with scaled entries.
std::vector<Structure> structures_of(const Results& results);

}  // namespace sigmagrad::experiments::spectral
