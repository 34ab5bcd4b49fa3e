// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/compare/protocol.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include <time.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/model/statistics.hpp>

namespace sigmagrad::lab::detail {

namespace {

constexpr std::int64_t first_tuning_index = 1'000'000;

}  // namespace

Trial comparison_trial(const TrialKey& key) {
  if (key.index + static_cast<std::int64_t>(beyond_the_printed) >= first_tuning_index)
    engine::fail("compare: trial {} has the seed of a tuning trial; at most {} trials can be compared", key.index,
                 first_tuning_index - static_cast<std::int64_t>(beyond_the_printed));
  return Trial(key);
}

Trial tuning_trial(const TrialKey& key, std::int64_t j, std::int64_t seeds) {
  auto tuning = key;
  tuning.index = first_tuning_index + key.index * seeds + j;
  return Trial(std::move(tuning));
}

void seed_default_generator(const Trial& trial) {
  constexpr auto purpose = std::numeric_limits<std::uint64_t>::max();
  default_generator().seed(trial.key().seed, static_cast<std::uint64_t>(trial.index()), purpose);
}

std::optional<double> loss_of_setting(const std::vector<std::optional<double>>& losses) {
  std::vector<double> finite;
  for (const auto& loss : losses)
    if (loss) finite.push_back(*loss);
  return finite.empty() || finite.size() < losses.size() ? std::nullopt : std::optional(statistics(finite).median);
}

std::size_t best_setting(const Validation& validation) {
  std::size_t best = 0;
  std::pair<std::size_t, double> least{std::numeric_limits<std::size_t>::max(), 0};  // diverged, median
  for (std::size_t i = 0; i < validation.size(); ++i) {
    std::vector<double> losses;
    for (const auto& loss : validation[i])
      if (loss) losses.push_back(*loss);
    const auto lost = validation[i].size() - losses.size();
    const double median = losses.empty() ? std::numeric_limits<double>::infinity() : statistics(losses).median;
    if (std::pair(lost, median) < least) {
      least = {lost, median};
      best = i;
    }
  }
  return best;
}

bool Budget::evaluates(std::int64_t step) const {
  const std::int64_t every = (steps + evaluations - 1) / evaluations;
  return step % every == 0 || step == steps ||
         (early && step < every && std::has_single_bit(static_cast<std::uint64_t>(step)));
}

Budget tuning_budget(std::int64_t steps) { return {.steps = steps, .evaluations = 4, .early = false}; }

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

bool has_diverged(double loss, double at_start) { return !std::isfinite(loss) || loss > 1e3 * std::abs(at_start); }

}  // namespace sigmagrad::lab::detail
