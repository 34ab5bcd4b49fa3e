// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/inquiry.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include <sigmagrad/lab/model/judging.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab::detail {

namespace {

constexpr int resamples = 1000;
constexpr double decided = 0.975;

double inverse_erf(double y) {
  double low = 0, high = 6;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erf(middle) < y ? low : high) = middle;
  }
  return low;
}

// " [0.15, 0.42; 3% of the resamples give no finite number]"; nothing if all resamples give the same.
std::string interval(const StatisticPoint& point, const std::vector<StatisticPoints>& all) {
  std::vector<double> values;
  std::size_t others = 0;
  for (std::size_t i = 1; i < all.size(); ++i)
    for (const auto& other : all[i]) {
      if (other.where != point.where) continue;
      ++others;
      if (std::isfinite(other.value)) values.push_back(other.value);
    }
  std::vector<std::string> parts;
  if (!values.empty()) {
    const auto low = short_number(quantile(values, 0.025)), high = short_number(quantile(values, 0.975));
    if (low != high) parts.push_back(fmt::format("{}, {}", low, high));
  }
  if (const auto lost = others - values.size(); lost > 0)
    parts.push_back(fmt::format("{} of {} resamples give no finite number", lost, others));
  return parts.empty() ? std::string() : fmt::format(" [{}]", fmt::join(parts, "; "));
}

// The points that are of the same group as `one`, all if no parameter tells.
StatisticPoints same_place(const StatisticPoints& points, const StatisticPoint& one) {
  StatisticPoints same;
  std::ranges::copy_if(points, std::back_inserter(same), [&](const StatisticPoint& point) {
    return std::ranges::all_of(point.where, [&](const auto& item) {
      const Value* other = find(one.where, item.first);
      return other == nullptr || same_value(*other, item.second);
    });
  });
  return same;
}

void add_trials(const Expression& expression, const std::map<const Expression*, std::vector<PooledTrials>>& pools,
                std::vector<std::size_t>& trials) {
  if (const auto found = pools.find(&expression); found != pools.end())
    for (const PooledTrials& pool : found->second)
      if (pool.trials) trials.push_back(*pool.trials);
  for (const auto& part : expression.parts()) add_trials(*part, pools, trials);
}

bool scatter(const std::vector<std::size_t>& trials) {
  return std::ranges::any_of(trials, [](std::size_t count) { return count > 1; });
}

bool all_numbers(const std::vector<StatisticPoints>& values) {
  return std::ranges::all_of(values, [](const StatisticPoints& points) {
    return std::ranges::none_of(points, [](const StatisticPoint& point) { return std::isnan(point.value); });
  });
}

}  // namespace

std::vector<StatisticPoints> on_resamples(const Results& results, const Expression& expression) {
  std::map<const Expression*, std::vector<PooledTrials>> pools;
  std::vector<StatisticPoints> all{expression.evaluate({results, pools})};
  std::vector<std::size_t> trials;
  add_trials(expression, pools, trials);
  for (std::uint64_t number = 1; scatter(trials) && number <= resamples; ++number) {
    const Resample resample{.number = number};
    all.push_back(expression.evaluate({results, pools, &resample}));
  }
  return all;
}

std::string points_text(const Expression& expression, const StatisticPoints& shown,
                        const std::vector<StatisticPoints>& all) {
  std::string text;
  const auto unit = expression.unit();
  for (const auto& point : shown) {
    const auto where = differing(point.where, all.front());
    text +=
        fmt::format("{}{}{}{}{}", text.empty() ? "" : ", ", short_number(point.value), unit.empty() ? "" : " " + unit,
                    interval(point, all), where.empty() ? "" : " (" + to_text(Selection(where)) + ")");
  }
  return fmt::format("{}: {}", expression.text(), text);
}

Inquiry::Inquiry(const Results& results, const Claim& claim, const Clause& clause, bool trials_draw)
    : results_(results), claim_(claim), clause_(clause), trials_draw_(trials_draw) {
  holds_ = ask(clause, nullptr);
  if (!scatters(clause)) return;
  int agree = 0;
  for (resampled_ = 1; resampled_ <= resamples; ++resampled_) {
    const Resample resample{.number = static_cast<std::uint64_t>(resampled_)};
    lost_ = false;
    const bool answer = ask(clause, &resample);
    agree += !lost_ && answer == holds_ ? 1 : 0;
  }
  resampled_ = resamples;
  share_ = static_cast<double>(agree) / resamples;
}

// Noise that a resample adds to many groups makes some comparison fail nearly always: what is false must be so in one
// of them, and not in their number.
Truth Inquiry::truth() const {
  if (truth_of(clause_, &Inquiry::as_it_is) == Truth::Unsure || share_ < decided) return Truth::Unsure;
  if (holds_) return Truth::Yes;
  return truth_of(clause_, &Inquiry::on_resamples) == Truth::No ? Truth::No : Truth::Unsure;
}

Truth Inquiry::as_it_is(const Clause& leaf) const {
  const auto trials = trials_behind(leaf);
  if (trials_draw_ && std::ranges::any_of(trials, [](std::size_t count) { return count < 2; })) return Truth::Unsure;
  if (leaf.fixed) return found_.at(leaf.fixed.get()).judgement.holds ? Truth::Yes : Truth::No;
  const auto& asked = asked_.at(leaf.comparison.get());
  if (!asked.is_number) return Truth::Unsure;
  return std::ranges::all_of(asked.answers, [](bool answer) { return answer; }) ? Truth::Yes : Truth::No;
}

Truth Inquiry::on_resamples(const Clause& leaf) const {
  if (as_it_is(leaf) == Truth::Unsure) return Truth::Unsure;
  const auto is_sure = [&](int agreeing) { return agreeing >= decided * resampled_; };
  if (leaf.fixed) {
    const bool resampled = leaf.fixed->function != nullptr;
    return !resampled || is_sure(found_.at(leaf.fixed.get()).agreeing) ? as_it_is(leaf) : Truth::Unsure;
  }
  const auto& asked = asked_.at(leaf.comparison.get());
  auto truth = Truth::Yes;
  for (std::size_t i = 0; i < asked.answers.size(); ++i) {
    const bool sure = is_sure(asked.agreeing[i]);
    if (sure && !asked.answers[i]) return Truth::No;
    if (!sure) truth = Truth::Unsure;
  }
  return truth;
}

Truth Inquiry::truth_of(const Clause& clause, Truth (Inquiry::*of_leaf)(const Clause&) const) const {
  if (clause.comparison || clause.fixed) return (this->*of_leaf)(clause);
  if (clause.joint == Joint::Not) {
    const auto inner = truth_of(*clause.parts.front(), of_leaf);
    return inner == Truth::Unsure ? inner : inner == Truth::Yes ? Truth::No : Truth::Yes;
  }
  auto least = Truth::Yes, most = Truth::No;
  for (const auto& part : clause.parts) {
    least = std::min(least, truth_of(*part, of_leaf));
    most = std::max(most, truth_of(*part, of_leaf));
  }
  return clause.joint == Joint::All ? least : most;
}

// The normal quantile of the share grows as the root of the number of trials.
std::string Inquiry::to_decide() const {
  if (lacks_number(clause_)) return "what was measured is no number";
  if (truth_of(clause_, &Inquiry::as_it_is) == Truth::Unsure) return "one trial decides nothing";
  constexpr double most = 1000;
  const double quantile = share_ <= 0.5 ? 0.0 : std::sqrt(2.0) * inverse_erf(2.0 * share_ - 1.0);
  const double factor = quantile > 0 ? std::ceil(std::pow(1.96 / quantile, 2.0)) : most + 1;
  const auto answer = fmt::format("{} in {:.0f}% of the resamples", holds_ ? "true" : "false", 100.0 * share_);
  if (share_ >= decided) return answer + ", but in no single comparison of it so clearly; more trials would decide";
  return factor > most ? fmt::format("{}; more than {:.0f} times as many trials would decide", answer, most)
                       : fmt::format("{}; about {:.0f} times as many trials would decide", answer, factor);
}

std::vector<std::size_t> Inquiry::trials_behind(const Clause& leaf) const {
  std::vector<std::size_t> trials;
  if (leaf.comparison) {
    for (const auto& statistic : leaf.comparison->statistics) add_trials(*statistic.expression(), pools_, trials);
  } else if (leaf.fixed->function) {
    trials = found_.at(leaf.fixed.get()).trials;
  } else {
    for (const auto& printed : claim_.printed) add_trials(*printed.statistic.expression(), pools_, trials);
  }
  return trials;
}

// Whether resamples may answer otherwise: a group of several trials is behind it.
bool Inquiry::scatters(const Clause& clause) const {
  if (clause.comparison || clause.fixed)
    return !(clause.fixed && clause.fixed->function == nullptr) && scatter(trials_behind(clause));
  return std::ranges::any_of(clause.parts, [&](const auto& part) { return scatters(*part); });
}

bool Inquiry::lacks_number(const Clause& clause) const {
  if (clause.comparison) return !asked_.at(clause.comparison.get()).is_number;
  return std::ranges::any_of(clause.parts, [&](const auto& part) { return lacks_number(*part); });
}

bool Inquiry::ask(const Clause& clause, const Resample* resample) {
  if (clause.comparison) return ask(*clause.comparison, resample);
  if (clause.fixed) return clause.fixed->function ? ask(*clause.fixed, resample) : ask_digits(*clause.fixed);
  if (clause.joint == Joint::Not) return !ask(*clause.parts.front(), resample);
  bool all = true, any = false;  // every part is asked, so that all that was measured is told
  for (const auto& part : clause.parts) {
    const bool answer = ask(*part, resample);
    all = all && answer;
    any = any || answer;
  }
  return clause.joint == Joint::All ? all : any;
}

bool Inquiry::ask(const Comparison& comparison, const Resample* resample) {
  std::vector<StatisticPoints> values;
  for (const auto& statistic : comparison.statistics)
    values.push_back(statistic.expression()->evaluate({results_, pools_, resample}));
  const auto answers = comparison.answers(values);
  const bool is_number = all_numbers(values);
  lost_ = lost_ || !is_number;
  auto& asked = asked_[&comparison];
  if (resample == nullptr) {
    asked.answers = answers;
    asked.is_number = is_number;
    asked.agreeing.assign(answers.size(), 0);
    asked.shown = {comparison.shown ? comparison.shown(values) : values.front()};
  } else if (is_number) {
    for (std::size_t i = 0; i < std::min(answers.size(), asked.answers.size()); ++i)
      asked.agreeing[i] += answers[i] == asked.answers[i] ? 1 : 0;
  }
  if (comparison.has_limit) asked.against.push_back(std::move(values[1]));
  asked.measured.push_back(std::move(values.front()));
  return std::ranges::all_of(answers, [](bool answer) { return answer; });
}

// The trials as they are go through a resample that draws each of them once, which notes what the function reads.
bool Inquiry::ask(const Fixed& fixed, const Resample* resample) {
  const Resample once;
  const auto judgement = fixed.function(results_.redrawn(resample == nullptr ? once : *resample));
  auto& found = found_[&fixed];
  if (resample == nullptr) {
    found.judgement = judgement;
    for (const auto& [stored, read] : once.read) found.trials.push_back(read.values.size());
  } else {
    found.agreeing += judgement.holds == found.judgement.holds ? 1 : 0;
  }
  return judgement.holds;
}

bool Inquiry::ask_digits(const Fixed& fixed) {
  if (const auto known = found_.find(&fixed); known != found_.end()) return known->second.judgement.holds;
  bool all = true;
  for (const auto& [statistic, value] : claim_.printed)
    for (const auto& point : statistic.expression()->evaluate({results_, pools_}))
      all = all && is_close(point.value, value, claim_.tolerance);
  found_[&fixed] = {.judgement = {.holds = all}};
  return all;
}

void Inquiry::measure(const Clause& clause, bool negated, std::vector<std::string>& texts) const {
  if (clause.comparison) {
    const auto& asked = asked_.at(clause.comparison.get());
    const auto& statistics = clause.comparison->statistics;
    auto text = points_text(*statistics[0].expression(), asked.shown.front(), asked.measured);
    text += fmt::format(", {}{}", negated ? "not " : "", clause.comparison->asked);
    if (!asked.against.empty()) {
      const auto& limit = *statistics[1].expression();
      const auto beside = same_place(asked.against.front(), asked.shown.front().front());
      text += ' ' + (limit.is_constant() ? limit.text() : points_text(limit, beside, asked.against));
    }
    texts.push_back(std::move(text));
  } else if (clause.fixed) {
    const auto& measured = found_.at(clause.fixed.get()).judgement.measured;
    if (!measured.empty()) texts.push_back(measured);
  }
  for (const auto& part : clause.parts) measure(*part, negated != (clause.joint == Joint::Not), texts);
}

std::vector<std::string> Inquiry::measured() const {
  std::vector<std::string> texts;
  measure(clause_, false, texts);
  return texts;
}

}  // namespace sigmagrad::lab::detail
