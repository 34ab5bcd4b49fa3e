// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/compare/setup.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::lab::detail {

namespace {

template <class Named>
const Named& named(const std::vector<Named>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &Named::name);
  if (found == all.end()) engine::fail("compare: there is no {}", name);
  return *found;
}

template <class Named>
std::string wrong_name(const std::vector<Named>& all, std::string_view kind) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& name = all[i].name;
    if (name.empty() || name.find(',') != name.npos)
      return fmt::format("{} {} has the name '{}'; expected one without a comma", kind, i + 1, name);
    for (std::size_t j = 0; j < i; ++j)
      if (all[j].name == name)
        return fmt::format("two {}s have the name '{}'; `called` gives one of them another", kind, name);
  }
  return {};
}

std::string wrong_with(const Candidate& candidate) {
  if (candidate.settings.empty())
    return fmt::format("candidate '{}' has no rate to try; expected one or more", candidate.name);
  for (const auto& [variant, rate] : candidate.settings) {
    if (variant >= candidate.variants.size() || !candidate.variants[variant].start)
      return fmt::format("candidate '{}' has no function that makes its optimiser", candidate.name);
    if (!std::isfinite(rate) || rate <= 0)
      return fmt::format("candidate '{}' has the rate {}; expected a positive number", candidate.name, rate);
  }
  return {};
}

std::string wrong_with(const Problem& problem) {
  if (!problem.make) return fmt::format("problem '{}' has no `make`", problem.name);
  if (problem.steps.quick < 1 || problem.steps[Preset::Paper] < 1)
    return fmt::format("problem '{}' has a budget of {} steps; expected 1 or more", problem.name,
                       std::min(problem.steps.quick, problem.steps[Preset::Paper]));
  return {};
}

}  // namespace

const Problem& Setup::problem_of(const Params& params) const { return named(problems, params[compared::problem]); }
const Candidate& Setup::candidate_of(const Params& params) const {
  return named(candidates, params[compared::candidate]);
}

std::vector<Parameter> Setup::facets() const {
  std::vector<Parameter> all{compared::problem};
  all.insert(all.end(), problems.front().parameters.begin(), problems.front().parameters.end());
  all.push_back(compared::steps);
  return all;
}

std::string what_is_wrong(const Setup& setup) {
  if (setup.problems.empty()) return "it compares on no problem";
  if (setup.candidates.empty()) return "it compares no candidate";
  if (setup.comparison.tuning_seeds < 1)
    return fmt::format("tuning_seeds must be >= 1 (got {})", setup.comparison.tuning_seeds);
  for (const auto& wrong : {wrong_name(setup.problems, "problem"), wrong_name(setup.candidates, "candidate")})
    if (!wrong.empty()) return wrong;
  for (const Candidate& candidate : setup.candidates)
    if (auto wrong = wrong_with(candidate); !wrong.empty()) return wrong;
  for (const Problem& problem : setup.problems) {
    if (auto wrong = wrong_with(problem); !wrong.empty()) return wrong;
    if (!std::ranges::equal(problem.parameters, setup.problems.front().parameters, {}, &Parameter::name,
                            &Parameter::name))
      return fmt::format("problems '{}' and '{}' have other parameters; expected the same", setup.problems.front().name,
                         problem.name);
  }
  for (const auto& name : setup.comparison.quick)
    if (std::ranges::find(setup.candidates, name, &Candidate::name) == setup.candidates.end())
      return fmt::format("its quick preset names the candidate '{}', which is not there", name);
  return {};
}

}  // namespace sigmagrad::lab::detail
