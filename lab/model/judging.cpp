// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/judging.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/lab/model/inquiry.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab {

using detail::Inquiry;
using detail::Truth;

namespace {

std::string printed_text(const Claim& claim) {
  std::vector<std::string> texts;
  if (!claim.says.empty()) texts.push_back(claim.says);
  for (const auto& [statistic, value] : claim.printed)
    texts.push_back(fmt::format("{}: {}", statistic.text(), short_number(value)));
  return fmt::format("{}", fmt::join(texts, "; "));
}

// What was measured of the printed numbers, with their intervals; what was not run is left out.
void add_printed(const Results& results, const Claim& claim, std::vector<std::string>& measured) {
  for (const auto& [statistic, value] : claim.printed) {
    try {
      const auto all = detail::on_resamples(results, *statistic.expression());
      measured.push_back(detail::points_text(*statistic.expression(), all.front(), all));
    } catch (const NotRun&) {
      continue;
    }
  }
}

// What a condition measured and asks; numbers that are there without being asked for are not told twice.
void add_asked(const Inquiry& inquiry, const std::string& before, std::vector<std::string>& measured) {
  for (const auto& text : inquiry.measured()) {
    std::erase_if(measured, [&](const std::string& other) { return text.starts_with(other + ", to "); });
    if (std::ranges::find(measured, text) == measured.end()) measured.push_back(before + text);
  }
}

struct Answer {
  Verdict verdict = Verdict::NotTested;
  std::string to_decide = {};
};

Answer answer_of(const Inquiry& holds, const std::optional<Inquiry>& in_shape) {
  const bool shaped = in_shape && in_shape->truth() == Truth::Yes;
  switch (holds.truth()) {
    case Truth::Yes:
      return {.verdict = Verdict::Holds};
    case Truth::Unsure:
      return {.verdict = Verdict::Undecided,
              .to_decide = holds.to_decide() + (shaped ? "; it holds at least in shape" : "")};
    case Truth::No:
      break;
  }
  if (!in_shape || in_shape->truth() == Truth::No) return {.verdict = Verdict::DoesNotHold};
  if (shaped) return {.verdict = Verdict::HoldsInShape};
  return {.verdict = Verdict::Undecided, .to_decide = "in shape: " + in_shape->to_decide()};
}

void judge(const Results& results, const Claim& claim, bool trials_draw, JudgedClaim& judged) {
  const Inquiry holds(results, claim, *claim.holds.clause(), trials_draw);
  std::optional<Inquiry> in_shape;
  if (claim.in_shape.is_given() && holds.truth() != Truth::Yes)
    in_shape.emplace(results, claim, *claim.in_shape.clause(), trials_draw);
  const auto [verdict, to_decide] = answer_of(holds, in_shape);
  std::vector<std::string> measured;
  add_printed(results, claim, measured);
  add_asked(holds, "", measured);
  if (in_shape) add_asked(*in_shape, "in shape: ", measured);
  judged.measured = fmt::format("{}", fmt::join(measured, "; "));
  judged.verdict = verdict;
  judged.why = claim.why(results);
  if (!to_decide.empty()) judged.why += fmt::format("{}Undecided: {}.", judged.why.empty() ? "" : " ", to_decide);
}

}  // namespace

JudgedClaim untested(const Claim& claim, std::string why) {
  return {.claim = claim.claim, .source = claim.source, .printed = printed_text(claim), .why = std::move(why)};
}

bool is_close(double measured, double printed, double tolerance) {
  return std::abs(measured - printed) <= tolerance * std::abs(printed);
}

std::vector<JudgedClaim> judge(const Results& results, const std::vector<Claim>& claims, bool trials_draw) {
  std::vector<JudgedClaim> all;
  for (const Claim& claim : claims) {
    auto& judged = all.emplace_back(untested(claim));
    try {
      judge(results, claim, trials_draw, judged);
    } catch (const NotRun& missing) {
      judged = untested(claim, missing.what());  // without what was filled in before
      judged.unrecorded = dynamic_cast<const NotRecorded*>(&missing) != nullptr;
    } catch (const std::exception& reason) {  // the other claims are judged
      judged = untested(claim, fmt::format("it cannot be judged: {}", reason.what()));
    }
  }
  return all;
}

}  // namespace sigmagrad::lab
