// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/bench/workloads.hpp>

namespace sigmagrad::bench {
namespace {

template <class Problem>
Workload workload(std::string name, int d) {
  return {.name = std::move(name),
          .limit = [d] { return limit(Problem(d)); },
          .eager = [d] { return library(Problem(d), Way::Eager); },
          .captured = [d] { return library(Problem(d), Way::Captured); }};
}

}  // namespace

Step::~Step() = default;

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all = {
      workload<Completion>("completion_d2_L3", 2),      workload<Completion>("completion_d5_L3", 5),
      workload<Completion>("completion_d10_L3", 10),    workload<Completion>("completion_d100_L3", 100),
      workload<Regression>("regression_d32_B64", 32),   workload<Regression>("regression_d64_B64", 64),
      workload<Regression>("regression_d128_B64", 128), workload<Regression>("regression_d512_B64", 512),
      workload<Relu2>("relu2_d64_B64_adam", 64),
  };
  return all;
}

}  // namespace sigmagrad::bench
