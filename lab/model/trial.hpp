// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/io/history.hpp>
#include <sigmagrad/lab/model/metrics.hpp>
#include <sigmagrad/lab/model/quantity.hpp>
#include <sigmagrad/lab/model/variables.hpp>

namespace sigmagrad::lab {

/// Where random numbers come from: the library's counter-based generator, or NumPy's legacy RandomState.
enum class Stream { Philox, Numpy };

std::string_view to_text(Stream stream);

/// All that a trial's numbers may depend on.
struct TrialKey {
  Params params = {};
  std::int64_t index = 0;
  std::uint64_t seed = 42;
  Stream stream = Stream::Philox;
};

/// One trial of an experiment: its parameters, its random numbers, and what it records.
///
///   void trial(Trial& t) { t.record(loss, train(t[depth], t[scale], *t.generator())); }
class Trial {
 public:
  Trial() = default;
  Trial(TrialKey key) : key_(std::move(key)) {}  // NOLINT(google-explicit-constructor): a key is all of it
  Trial(TrialKey key, std::function<std::filesystem::path()> checkpoint)
      : key_(std::move(key)), checkpoint_(std::move(checkpoint)) {}

  const Params& params() const { return key_.params; }
  std::int64_t index() const { return key_.index; }
  const TrialKey& key() const { return key_; }

  /// The value of a parameter, of its type.
  template <class V>
  decltype(auto) operator[](const V& variable) const {
    return key_.params[variable];
  }

  /// An independent stream for each `offset`: RandomState(seed + 100 index + offset), or Philox keyed by
  /// (seed, index, offset). Groups share their streams: trial k meets the same draws under all parameters. Fresh trials
  /// have streams of their own. The thread's default generator is seeded from the trial as well.
  std::unique_ptr<Generator> generator(std::uint64_t offset = 0) const;

  /// A file of the trial's own, to keep what it would go on from if the run is stopped: the next run of the same folder
  /// finds it there, and once the trial is stored as done it is removed. Its folder is made. Empty if the run writes
  /// nothing.
  std::filesystem::path checkpoint() const;

  /// A number that is not finite fails the trial; a second one of the same name is an Error.
  void record(const Quantity& quantity, double value) { metrics_.add(quantity.name, value); }
  void record(const Curve& curve, double at, double value) { metrics_.add_at(curve.name, at, value); }
  /// All points of one curve of a training loop: `t.record(loss, history["loss"])`.
  void record(const Curve& curve, const History::Curve& points) {
    for (std::size_t i = 0; i < points.size(); ++i) record(curve, points.steps[i], points.values[i]);
  }
  const Metrics& metrics() const { return metrics_; }
  Metrics take_metrics() { return std::move(metrics_); }

 private:
  TrialKey key_;
  std::function<std::filesystem::path()> checkpoint_;
  Metrics metrics_;
};

/// A fresh trial has the streams of the usual trial so many places later: no two share one in groups that are smaller.
inline constexpr std::uint64_t beyond_the_printed = 1000;

/// Whether the parameters are those of fresh trials.
bool is_fresh(const Params& params);

}  // namespace sigmagrad::lab
