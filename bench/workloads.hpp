// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sigmagrad::bench {

// A training loop with its model, data and buffers.
class Step {
 public:
  virtual ~Step();
  virtual void operator()() = 0;                       // one training step
  virtual double loss() const = 0;                     // of the last step, before its update
  virtual std::vector<double> parameters() const = 0;  // all, in order of registration; the gradient if none is updated
};

using StepFactory = std::function<std::unique_ptr<Step>()>;

// One training step computed in several ways from the same start; an empty factory is a way that does not exist.
struct Workload {
  std::string name;
  StepFactory limit;     // hand-derived gradients and BLAS calls
  StepFactory eager;     // the library, building the graph at every step
  StepFactory captured;  // the library, replaying a captured step
};

const std::vector<Workload>& workloads();

// Microseconds a step are medians over the blocks; a ratio is the median of the ratios of neighbouring blocks, which
// the machine's slow changes of speed leave alone.
struct WorkloadResult {
  std::string name;
  std::optional<double> limit_us, eager_us, captured_us;
  std::optional<double> eager_ratio, captured_ratio;
};

WorkloadResult measure(const Workload& workload, double seconds);

struct Options {
  std::string filter{};  // measures the workloads whose name contains it
  double seconds = 2;    // for each workload
};

// Throws Error where no workload matches the filter.
std::vector<WorkloadResult> run_workloads(const Options& options = {});

}  // namespace sigmagrad::bench
