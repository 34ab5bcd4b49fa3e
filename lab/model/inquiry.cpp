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

// The parameters that differ among the points.
Assignments telling(const Assignments& where, const StatisticPoints& points) {
  Assignments some;
  for (const auto& item : where) {
    const auto differs = [&](const StatisticPoint& point) {
      const auto other = std::ranges::find(point.where, item.first, &Assignments::value_type::first);
      return other == point.where.end() || !same_value(other->second, item.second);
    };
    if (std::ranges::any_of(points, differs)) some.push_back(item);
  }
  return some;
}

std::string interval(const StatisticPoint& point, const std::vector<StatisticPoints>& all) {
  std::vector<double> values;
  for (std::size_t i = 1; i < all.size(); ++i)
    for (const auto& other : all[i])
      if (other.where == point.where && std::isfinite(other.value)) values.push_back(other.value);
  if (values.empty()) return {};
  const auto low = short_number(quantile(values, 0.025)), high = short_number(quantile(values, 0.975));
  return low == high ? std::string() : fmt::format(" [{}, {}]", low, high);
}

// The points that are of the same group as `one`, all if no parameter tells.
StatisticPoints same_place(const StatisticPoints& points, const StatisticPoint& one) {
  StatisticPoints same;
  std::ranges::copy_if(points, std::back_inserter(same), [&](const StatisticPoint& point) {
    return std::ranges::all_of(point.where, [&](const auto& item) {
      const auto other = std::ranges::find(one.where, item.first, &Assignments::value_type::first);
      return other == one.where.end() || same_value(other->second, item.second);
    });
  });
  return same;
}

}  // namespace

std::string points_text(const Expression& expression, const StatisticPoints& shown,
                        const std::vector<StatisticPoints>& all) {
  std::string text;
  const auto unit = expression.unit();
  for (const auto& point : shown) {
    const auto where = telling(point.where, all.front());
    text +=
        fmt::format("{}{}{}{}{}", text.empty() ? "" : ", ", short_number(point.value), unit.empty() ? "" : " " + unit,
                    interval(point, all), where.empty() ? "" : " (" + to_text(Selection(where)) + ")");
  }
  return fmt::format("{}: {}", expression.text(), text);
}

Inquiry::Inquiry(const Results& results, const Claim& claim, const Clause& clause)
    : results_(results), claim_(claim), clause_(clause) {
  holds_ = ask(clause, nullptr);
  if (!scatters(clause)) return;
  int agree = 0;
  for (int number = 1; number <= resamples; ++number) {
    const Samples samples{.number = static_cast<std::uint64_t>(number)};
    agree += ask(clause, &samples) == holds_ ? 1 : 0;
  }
  share_ = static_cast<double>(agree) / resamples;
}

// Noise that a resample adds to many groups makes some comparison fail nearly always: what is false must be so in one
// of them, and not in their number.
Truth Inquiry::truth() const {
  if (share_ < decided) return Truth::Unsure;
  if (holds_) return Truth::Yes;
  return truth_of(clause_) == Truth::No ? Truth::No : Truth::Unsure;
}

Truth Inquiry::truth_of(const Term& term) const {
  const auto& asked = asked_.at(&term);
  auto truth = Truth::Yes;
  for (std::size_t i = 0; i < asked.answers.size(); ++i) {
    const bool sure = asked.measured.size() == 1 || asked.agreeing[i] >= decided * resamples;
    if (sure && !asked.answers[i]) return Truth::No;
    if (!sure) truth = Truth::Unsure;
  }
  return truth;
}

Truth Inquiry::truth_of(const Clause& clause) const {
  if (clause.term) return truth_of(*clause.term);
  if (clause.fixed) return fixed_.at(clause.fixed.get()).holds ? Truth::Yes : Truth::No;
  if (clause.joint == Joint::Not) {
    const auto inner = truth_of(*clause.parts.front());
    return inner == Truth::Unsure ? inner : inner == Truth::Yes ? Truth::No : Truth::Yes;
  }
  auto least = Truth::Yes, most = Truth::No;
  for (const auto& part : clause.parts) {
    least = std::min(least, truth_of(*part));
    most = std::max(most, truth_of(*part));
  }
  return clause.joint == Joint::All ? least : most;
}

// The normal quantile of the share grows as the root of the number of trials.
std::string Inquiry::to_decide() const {
  constexpr double most = 1000;
  const double quantile = share_ <= 0.5 ? 0.0 : std::sqrt(2.0) * inverse_erf(2.0 * share_ - 1.0);
  const double factor = quantile > 0 ? std::ceil(std::pow(1.96 / quantile, 2.0)) : most + 1;
  const auto answer = fmt::format("{} in {:.0f}% of the resamples", holds_ ? "true" : "false", 100.0 * share_);
  if (share_ >= decided) return answer + ", but in no single comparison of it so clearly; more trials would decide";
  return factor > most ? fmt::format("{}; more than {:.0f} times as many trials would decide", answer, most)
                       : fmt::format("{}; about {:.0f} times as many trials would decide", answer, factor);
}

// Whether a group of several trials is behind it: one trial has no scatter to speak of.
bool Inquiry::scatters(const Expression& expression) const {
  if (const auto found = pools_.find(&expression); found != pools_.end())
    return std::ranges::any_of(
        found->second, [](const Pool& pool) { return pool.groups.size() > 1 || pool.groups.front()->trials() > 1; });
  return std::ranges::any_of(expression.parts(), [&](const auto& part) { return scatters(*part); });
}

bool Inquiry::scatters(const Clause& clause) const {
  if (clause.term)
    return std::ranges::any_of(clause.term->statistics, [&](const Statistic& s) { return scatters(*s.expression()); });
  return std::ranges::any_of(clause.parts, [&](const auto& part) { return scatters(*part); });
}

bool Inquiry::ask(const Clause& clause, const Samples* samples) {
  if (clause.term) return ask(*clause.term, samples);
  if (clause.fixed) return ask(*clause.fixed);
  if (clause.joint == Joint::Not) return !ask(*clause.parts.front(), samples);
  bool all = true, any = false;  // every part is asked, so that all that was measured is told
  for (const auto& part : clause.parts) {
    const bool answer = ask(*part, samples);
    all = all && answer;
    any = any || answer;
  }
  return clause.joint == Joint::All ? all : any;
}

bool Inquiry::ask(const Term& term, const Samples* samples) {
  std::vector<StatisticPoints> values;
  for (const auto& statistic : term.statistics)
    values.push_back(statistic.expression()->evaluate({results_, pools_, samples}));
  const auto answers = term.answers(values);
  auto& asked = asked_[&term];
  if (samples == nullptr) {
    asked.answers = answers;
    asked.agreeing.assign(answers.size(), 0);
    asked.shown = {term.shown ? term.shown(values) : values.front()};
  } else {
    for (std::size_t i = 0; i < std::min(answers.size(), asked.answers.size()); ++i)
      asked.agreeing[i] += answers[i] == asked.answers[i] ? 1 : 0;
  }
  if (term.has_limit) asked.against.push_back(std::move(values[1]));
  asked.measured.push_back(std::move(values.front()));
  return std::ranges::all_of(answers, [](bool answer) { return answer; });
}

bool Inquiry::ask(const Fixed& fixed) {
  const auto digits = [&] {
    bool all = true;
    for (const auto& [statistic, value] : claim_.printed)
      for (const auto& point : statistic.values(results_)) all = all && is_close(point.value, value, claim_.tolerance);
    return Judgement{.holds = all};
  };
  if (!fixed_.contains(&fixed)) fixed_[&fixed] = fixed.function ? fixed.function(results_) : digits();
  return fixed_[&fixed].holds;
}

void Inquiry::measure(const Clause& clause, std::vector<std::string>& texts) const {
  if (clause.term) {
    const auto& [measured, against, shown, answers, agreeing] = asked_.at(clause.term.get());
    auto text = points_text(*clause.term->statistics[0].expression(), shown.front(), measured);
    if (!against.empty() && !clause.term->statistics[1].expression()->is_constant())
      text += " against " + points_text(*clause.term->statistics[1].expression(),
                                        same_place(against.front(), shown.front().front()), against);
    texts.push_back(std::move(text));
  } else if (clause.fixed) {
    const auto& measured = fixed_.at(clause.fixed.get()).measured;
    if (!measured.empty()) texts.push_back(measured);
  }
  for (const auto& part : clause.parts) measure(*part, texts);
}

std::vector<std::string> Inquiry::measured() const {
  std::vector<std::string> texts;
  measure(clause_, texts);
  return texts;
}

}  // namespace sigmagrad::lab::detail
