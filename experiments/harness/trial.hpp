// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/experiments/harness/parameters.hpp>

namespace sigmagrad::experiments {

/// Where random numbers come from: the library's counter-based generator, or NumPy's legacy RandomState.
enum class Stream { Philox, Numpy };

std::string_view to_text(Stream stream);
std::string_view to_text(Preset preset);

/// All that a trial's numbers may depend on. The thread's default generator is seeded from it as well.
struct Trial {
  Params params = {};
  std::int64_t index = 0;
  std::uint64_t seed = 42;
  Stream stream = Stream::Philox;

  /// An independent stream for each `offset`: RandomState(seed + 100 index + offset), or Philox keyed by
  /// (seed, index, offset). Groups share their streams: trial k meets the same draws under all parameters.
  std::unique_ptr<Generator> generator(std::uint64_t offset = 0) const;
};

}  // namespace sigmagrad::experiments
