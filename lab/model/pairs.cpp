// SPDX-License-Identifier: BSD-3-Clause
// Statistics of pairs: the same trials in two groups.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/lab/model/expression.hpp>
#include <sigmagrad/lab/model/statistic.hpp>

namespace sigmagrad::lab {

namespace detail {
namespace {

using Pair = std::pair<double, double>;  // a trial's value, and that of the same trial in the other group

struct Pairs : Expression {
  std::string name;
  Quantity quantity;
  Selection against;
  std::function<double(const std::vector<Pair>&)> function;
  Selection selection = {};

  // A pool of two groups: the one that is meant, and the one against which it is held.
  std::vector<Pool> pools_of(const Results& results) const {
    const auto meant = results.printed().with(selection);
    std::vector<Pool> pools;
    for (const Group* group : results.where(meant)) {
      if (!group->has(quantity)) continue;
      Pool pool{.groups = {group, &results.group(Selection(group->params().items()).with(against))}};
      for (const auto& item : group->params().items())
        if (!meant.pins(item.first)) pool.where.push_back(item);
      pool.trials = pairs(pool, nullptr).size();
      pools.push_back(std::move(pool));
    }
    if (pools.empty()) throw NotRun(fmt::format("{} at {} was not run", quantity.name, to_text(meant)));
    return pools;
  }

  std::vector<Pair> pairs(const Pool& pool, const Resample* resample) const {
    const Group &group = *pool.groups.front(), &other = *pool.groups.back();
    const auto &values = group.values(quantity), &others = other.values(quantity);
    const auto &trials = group.trials_of(quantity.name), &other_trials = other.trials_of(quantity.name);
    const auto count = std::min(group.trials(), other.trials());
    std::vector<Pair> all, drawn;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto same = std::ranges::lower_bound(other_trials, trials[i]);
      if (same == other_trials.end() || *same != trials[i] || trials[i] >= count) continue;
      all.emplace_back(values[i], others[static_cast<std::size_t>(same - other_trials.begin())]);
      const auto times = resample == nullptr ? 1 : resample->of(count)[static_cast<std::size_t>(trials[i])];
      drawn.insert(drawn.end(), static_cast<std::size_t>(times), all.back());
    }
    if (all.empty()) throw NotRun(fmt::format("no trial of {} was run in both groups", quantity.name));
    return drawn.empty() ? all : drawn;
  }

  StatisticPoints evaluate(const View& view) const override {
    auto& pools = view.pools[this];
    if (pools.empty()) pools = pools_of(view.results);
    StatisticPoints points;
    for (const Pool& pool : pools) points.push_back({pool.where, function(pairs(pool, view.resample))});
    return points;
  }
  ExpressionRef at(const Selection& changes) const override {
    auto copy = std::make_shared<Pairs>(*this);
    copy->selection = selection.with(changes);
    return copy;
  }
  ExpressionRef over(const std::string& parameter) const override {
    throw Error(fmt::format("{}: pairs of trials cannot be pooled over {}", name, parameter));
  }
  std::string label() const override { return name; }
  std::string place() const override { return place_text(selection); }
  void names(std::vector<std::string>& parameters) const override {
    for (const auto* some : {&selection, &against})
      for (const auto& one : some->criteria()) parameters.push_back(one.parameter);
  }
};

Statistic of_pairs(std::string text, const Quantity& quantity, const Selection& against,
                   std::function<double(const std::vector<Pair>&)> function) {
  auto pairs = std::make_shared<Pairs>();
  pairs->name = std::move(text);
  pairs->quantity = quantity;
  pairs->against = against;
  pairs->function = std::move(function);
  return Statistic(std::move(pairs));
}

}  // namespace
}  // namespace detail

Statistic of_ratios(std::string text, const Quantity& quantity, const Selection& against,
                    std::function<double(const std::vector<double>&)> function) {
  const auto of_pairs = [function = std::move(function)](const std::vector<detail::Pair>& pairs) {
    std::vector<double> ratios;
    for (const auto& [value, other] : pairs) ratios.push_back(value / other);
    return function(ratios);
  };
  return detail::of_pairs(std::move(text), quantity, against, of_pairs);
}

Statistic median_ratio(const Quantity& quantity, const Selection& against) {
  const auto text = fmt::format("median ratio of {} to that of the same trial ({})", quantity.text(), to_text(against));
  return of_ratios(text, quantity, against, [](const auto& ratios) { return statistics(ratios).median; });
}

Statistic median_change(const Quantity& quantity, const Selection& against) {
  const auto text =
      fmt::format("median relative change of {} from that of the same trial ({})", quantity.text(), to_text(against));
  return of_ratios(text, quantity, against, [](std::vector<double> ratios) {
    for (double& ratio : ratios) ratio = std::abs(ratio - 1.0);
    return statistics(ratios).median;
  });
}

Statistic share_smaller(const Quantity& quantity, const Selection& against) {
  const auto text = fmt::format("share of trials whose {} is smaller than that of the same trial ({})", quantity.text(),
                                to_text(against));
  return detail::of_pairs(text, quantity, against, [](const std::vector<detail::Pair>& pairs) {
    const auto smaller = std::ranges::count_if(pairs, [](const auto& pair) { return pair.first < pair.second; });
    return static_cast<double>(smaller) / static_cast<double>(pairs.size());
  });
}

}  // namespace sigmagrad::lab
