// SPDX-License-Identifier: BSD-3-Clause
// Every registered experiment, one trial a group of the quick preset: it measures, draws and judges.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/program/drive.hpp>
#include <sigmagrad/lab/report/tables.hpp>

namespace sigmagrad::lab {
namespace {

namespace fs = std::filesystem;

class Smoke : public ::testing::TestWithParam<const Experiment*> {
 protected:
  void TearDown() override { fs::remove_all(out_); }

  fs::path out_ =
      fs::path(::testing::TempDir()) / ("sigmagrad-smoke-" + std::to_string(getpid()) + '-' + file_stem(*GetParam()));
};

void expect_measured(const Results& results) {
  EXPECT_FALSE(results.groups().empty());
  for (const Group& group : results.groups()) {
    EXPECT_FALSE(group.metrics().empty()) << to_text(group.params());
    for (const auto& [trial, reason] : group.failures()) ADD_FAILURE() << to_text(group.params()) << ": " << reason;
  }
}

// "family-name" or "family-name-...", and no name twice.
void expect_named_after(const std::string& stem, const std::vector<Figure>& figures) {
  std::set<std::string> names;
  for (const Figure& figure : figures) {
    EXPECT_TRUE(figure.name == stem || figure.name.starts_with(stem + '-')) << figure.name;
    EXPECT_TRUE(names.insert(figure.name).second) << figure.name;
  }
}

void expect_drawn(const Evaluation& evaluation, const fs::path& out) {
  EXPECT_FALSE(evaluation.figures.empty());
  expect_named_after(file_stem(*evaluation.plan.experiment), evaluation.figures);
  for (const Figure& figure : evaluation.figures) {
    EXPECT_FALSE(figure.caption.empty()) << figure.name;
    for (const auto* ending : {".svg", ".png", ".csv", ".gp"})
      EXPECT_TRUE(fs::exists(out / "figures" / (figure.name + ending))) << figure.name << ending;
  }
}

void expect_judged(const std::vector<JudgedClaim>& claims) {
  const auto tested = [](const JudgedClaim& claim) { return claim.verdict != Verdict::NotTested; };
  EXPECT_TRUE(std::ranges::any_of(claims, tested)) << claims.size() << " claims";
  for (const JudgedClaim& claim : claims) {
    EXPECT_FALSE(claim.claim.empty());
    EXPECT_FALSE(claim.source.empty()) << claim.claim;
    EXPECT_FALSE(claim.printed.empty()) << claim.claim;
    EXPECT_FALSE(claim.why.empty()) << claim.claim;
    EXPECT_NE(tested(claim), claim.measured.empty()) << claim.claim;
  }
}

TEST_P(Smoke, MeasuresDrawsAndJudges) {
  const Experiment& experiment = *GetParam();
  for (const auto* text : {&experiment.title, &experiment.question, &experiment.observe, &experiment.source})
    EXPECT_FALSE(text->empty());
  const auto outcome = drive({.plans = plans({.ids = {experiment.id}, .trials = 1}), .out = out_, .progress = nullptr});
  const Evaluation& evaluation = outcome.evaluations.at(0);
  for (const auto& note : evaluation.notes)  // a single trial need not be a case of every statement
    if (!note.starts_with("claim ")) ADD_FAILURE() << note;
  expect_measured(evaluation.results);
  expect_drawn(evaluation, out_);
  expect_judged(evaluation.claims);
  EXPECT_TRUE(fs::exists(out_ / "report.html"));
}

std::string name_of(const ::testing::TestParamInfo<const Experiment*>& info) {
  auto name = file_stem(*info.param);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Every, Smoke, ::testing::ValuesIn(all_experiments()), name_of);

// Where one trial is planned in every preset, it is judged as it is: another one must be the same.
TEST(PlannedOnce, DrawsNothing) {
  for (const Experiment* experiment : all_experiments()) {
    if (experiment->trials_draw()) continue;
    const auto plan = plans({.ids = {experiment->id}}).front();
    std::vector<Metrics> metrics;
    for (const std::int64_t k : {0, 1}) {
      Trial trial(plan.key(plan.groups.front(), k));
      experiment->run({&trial, 1});
      metrics.push_back(trial.take_metrics());
    }
    EXPECT_EQ(metrics[0], metrics[1]) << experiment->id;
  }
}

class Batched : public ::testing::TestWithParam<const Experiment*> {};

std::vector<const Experiment*> batched_experiments() {
  auto batched = all_experiments();
  std::erase_if(batched, [](const Experiment* experiment) { return !experiment->batch; });
  return batched;
}

// --jobs, --trials and --shard decide who a trial's companions are.
TEST_P(Batched, ATrialDoesNotDependOnItsCompanions) {
  const auto plan = plans({.ids = {GetParam()->id}}).front();
  for (const PlannedGroup* group : {&plan.groups.front(), &plan.groups.back()}) {
    std::vector<Trial> together, alone;
    for (std::int64_t k = 0; k < 2; ++k) {
      together.emplace_back(plan.key(*group, k));
      alone.emplace_back(plan.key(*group, k));
    }
    GetParam()->run(together);
    for (std::size_t k = 0; k < alone.size(); ++k) {
      GetParam()->run({&alone[k], 1});
      EXPECT_EQ(alone[k].metrics().without_clocks(), together[k].metrics().without_clocks())
          << to_text(group->params) << ", trial " << k;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, Batched, ::testing::ValuesIn(batched_experiments()), name_of);

}  // namespace
}  // namespace sigmagrad::lab
