// SPDX-License-Identifier: BSD-3-Clause
// Comparisons as experiments: their protocol, what they report, what they refuse.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include <sigmagrad/lab/compare/compare.hpp>
#include <sigmagrad/lab/compare/outcome.hpp>
#include <sigmagrad/lab/compare/protocol.hpp>
#include <sigmagrad/lab/compare/setup.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/program/run.hpp>
#include <sigmagrad/lab/report/evaluation.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/lab/contains.hpp>

namespace sigmagrad::lab {
namespace {

using testing::contains;
using testing::message_of;

const Real curvature{.name = "curvature", .help = "of the narrow direction", .quick = {10}};

// (c x1^2 + x2^2) / 2 for rows x of W, from a Gaussian start.
Tensor loss_of(const Tensor& W, const Tensor& curvatures) { return (square(W) * curvatures).sum({-2, -1}) / 2.0; }

Tensor drawn(Trial& t) { return randn({3, 2}, *t.generator()); }

Training make(Trial& t) {
  const auto W = drawn(t).requires_grad_(), curvatures = tensor({t[curvature], 1.0});
  return {.parameters = {W}, .loss = [=] { return loss_of(W, curvatures); }};
}

Trainings make_many(std::span<Trial> trials) {
  std::vector<Tensor> starts;
  for (Trial& t : trials) starts.push_back(drawn(t));
  const auto W = stack(starts).requires_grad_(), curvatures = tensor({trials.front()[curvature], 1.0});
  return {.parameters = {W}, .losses = [=] { return loss_of(W, curvatures); }};
}

Problem valley() {
  return {.name = "valley", .parameters = {curvature}, .make = make, .steps = {.quick = 40}, .target = 1e-2};
}

Problem valleys() {
  auto problem = valley();
  problem.batched = make_many;
  return problem;
}

const std::vector<double> rates{0.01, 0.05, 0.15, 0.5};

std::vector<Candidate> candidates() {
  return {sgd({}, {.rates = rates}), sgd({.momentum = 0.5}, {.rates = rates}), adam({}, {.rates = rates}),
          shampoo({}, {.rates = rates})};
}

const Register one_by_one{compare("test/valley", {valley()}, candidates(), {.trials = {.quick = 8}})};
const Register together{compare("test/valleys", {valleys()}, candidates(), {.trials = {.quick = 8}})};

Evaluation evaluated(const std::string& id, const RunOptions& options = {}) {
  Wishes wishes{.ids = {id}, .seed = options.seed, .trials = options.trials};
  return evaluate(plans(wishes).front(), run(id, options));
}

const Table& table(const Evaluation& evaluation, const std::string& name) {
  return *std::ranges::find(evaluation.tables, name, &Table::name);
}

TEST(Compare, ChoosesTheSettingByTuningSeedsAndComparesOnOthers) {
  const Results results = run("test/valley");
  ASSERT_EQ(results.failed(), 0);
  const Group& group = results.at(compared::candidate == "sgd");
  EXPECT_EQ(group.values(compared::rate), std::vector(8, 0.15));  // 0.5 diverges at a curvature of 10
  EXPECT_FALSE(group.has(compared::tuning.at(3)));
  ASSERT_TRUE(group.has(compared::tuning.at(2)));
  const auto& tuned = group.values(compared::tuning.at(2));
  EXPECT_EQ(std::set<double>(tuned.begin(), tuned.end()).size(), 8u) << "each trial tunes on a seed of its own";
  for (const double loss : group.values(compared::final_loss))
    EXPECT_EQ(std::ranges::count(tuned, loss), 0) << "a seed was tuned on";
}

TEST(Compare, StartsEveryCandidateFromTheSameDraws) {
  const Results results = run("test/valley");
  const auto& starts = results.at(compared::candidate == "sgd").values(compared::loss.at(0));
  EXPECT_EQ(std::set<double>(starts.begin(), starts.end()).size(), 8u);
  for (const Candidate& candidate : candidates())
    EXPECT_EQ(results.at(compared::candidate == candidate.name).values(compared::loss.at(0)), starts);
}

TEST(Compare, DependsNeitherOnThreadsNorOnCompanions) {
  for (const char* id : {"test/valley", "test/valleys"}) {
    const Results one = run(id, {.jobs = 1}), four = run(id, {.jobs = 4}), fewer = run(id, {.trials = 2, .jobs = 1});
    for (std::size_t g = 0; g < one.groups().size(); ++g)
      for (const auto& metric : one.groups()[g].metrics()) {
        if (is_clock(metric)) continue;
        EXPECT_EQ(one.groups()[g].values(metric), four.groups()[g].values(metric)) << id << ' ' << metric;
        if (!fewer.groups()[g].has(metric)) continue;
        EXPECT_EQ(fewer.groups()[g].values(metric).front(), one.groups()[g].values(metric).front()) << metric;
      }
  }
}

TEST(Compare, TrainsAnEnsembleAsItTrainsOneByOne) {
  const Results each = run("test/valley"), many = run("test/valleys");
  for (const Candidate& candidate : candidates()) {
    const Group &one = each.at(compared::candidate == candidate.name),
                &all = many.at(compared::candidate == candidate.name);
    EXPECT_EQ(one.values(compared::rate), all.values(compared::rate)) << candidate.name;
    for (std::size_t k = 0; k < 8; ++k)
      EXPECT_NEAR(all.values(compared::final_loss)[k] / one.values(compared::final_loss)[k], 1.0, 1e-6)
          << candidate.name;
  }
}

TEST(Compare, ReportsSettingIntervalAndEdge) {
  const auto evaluation = evaluated("test/valley");
  const Table& all = table(evaluation, "candidates");
  ASSERT_EQ(all.rows.size(), 4u);
  EXPECT_EQ(all.rows[0][0], "sgd");
  EXPECT_EQ(all.rows[0][1], "rate 0.15");
  EXPECT_EQ(all.rows[1][0], "sgd momentum=0.5");
  EXPECT_TRUE(contains(all.rows[3][1], "(largest rate tried)")) << all.rows[3][1];
  EXPECT_TRUE(contains(all.rows[0][3], " [")) << all.rows[0][3];
  const auto json = to_json_text(evaluation);
  EXPECT_TRUE(contains(json, "\"tuned setting\"", "rate 0.15", "\"pairs\""));
  EXPECT_FALSE(contains(json, "time of a step")) << "JSON has the same bytes everywhere";
  EXPECT_FALSE(contains(json, "clock:"));
  EXPECT_EQ(table(evaluation, "pairs").rows.size(), 6u);
  EXPECT_EQ(evaluation.figures.size(), 3u);
}

TEST(Compare, SaysThatTooFewTrialsCallNobodyBetter) {
  EXPECT_FALSE(contains(table(evaluated("test/valley"), "pairs").note, "it takes"));  // 8 trials: 6 / 128 < 0.05
  const auto few = evaluated("test/valley", {.trials = 7});
  EXPECT_TRUE(
      contains(table(few, "pairs").note, "With so many pairs it takes 8 trials to call one better (there are 7)."))
      << table(few, "pairs").note;
  for (const auto& row : table(few, "pairs").rows) EXPECT_EQ(row.back(), "tie");
}

// Everything diverges for one candidate, and nobody reaches the target of the other problem.
TEST(Compare, CountsDivergedTrialsAndSaysThatATargetWasNotReached) {
  auto far = valley();
  far.target = 1e-30;
  const auto experiment =
      compare("test/far", {far}, {sgd({}, {.rates = {0.01}}), sgd({}, {.rates = {1e6}}).called("wild")});
  std::vector<Group> groups;
  for (const char* name : {"sgd", "wild"}) {
    groups.emplace_back(
        Params({{"problem", "valley"}, {"curvature", 10.0}, {"steps", std::int64_t{40}}, {"candidate", name}}));
    for (std::int64_t k = 0; k < 8; ++k) {
      Trial trial({.params = groups.back().params(), .index = k});
      experiment.run({&trial, 1});
      groups.back().add(k, trial.take_metrics());
    }
  }
  const auto tables = experiment.tables.front()(Results(groups));
  EXPECT_EQ(tables[0].rows[1][3], "diverged");
  EXPECT_EQ(tables[0].rows[1][7], "8 of 8");
  EXPECT_TRUE(contains(tables[0].note, "No candidate reached the target of 1e-30 in any trial"));
  EXPECT_EQ(tables[1].rows[0][4], "sgd is better");
}

Params params_of(const char* candidate) {
  return Params({{"problem", "valley"}, {"curvature", 10.0}, {"steps", std::int64_t{40}}, {"candidate", candidate}});
}

// Tables of trials whose final losses are given.
std::vector<Table> tables_of(const std::vector<double>& of_sgd, const std::vector<double>& of_gd) {
  const auto experiment = compare("test/given", {valley()}, {sgd(), sgd().called("gd")});
  std::vector<Group> groups{Group(params_of("sgd")), Group(params_of("gd"))};
  for (std::size_t g = 0; g < 2; ++g)
    for (std::size_t k = 0; k < of_sgd.size(); ++k) {
      Trial trial({.params = groups[g].params(), .index = static_cast<std::int64_t>(k)});
      const double loss = (g == 0 ? of_sgd : of_gd)[k];
      trial.record(compared::rate, 0.1);
      trial.record(compared::setting, 0);
      trial.record(compared::loss, 0, 1.0);
      if (std::isfinite(loss)) trial.record(compared::final_loss, loss);
      trial.record(diverged, std::isfinite(loss) ? 0 : 1);
      trial.record(compared::step_time, 1.0);
      groups[g].add(static_cast<std::int64_t>(k), trial.take_metrics());
    }
  return experiment.tables.front()(Results(groups));
}

// The centre of all ratios is 1; the test is of the others.
TEST(Compare, CallsBetterWhoIsLowerWhereTheyDiffer) {
  std::vector<double> some(30, 0.5), others(30, 0.5);
  for (std::size_t k = 0; k < 7; ++k) others[k] = 0.6 + 0.01 * static_cast<double>(k);
  EXPECT_EQ(tables_of(some, others)[1].rows[0][4], "sgd is better");
  EXPECT_EQ(tables_of(others, some)[1].rows[0][4], "gd is better");
}

TEST(Compare, HasNoNumberForRatiosToTrialsThatDiverged) {
  std::vector<double> some(8, 0.5), others(8, 0.25);
  for (std::size_t k = 0; k < 5; ++k) others[k] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(tables_of(some, others)[1].rows[0][2].starts_with("0 [")) << tables_of(some, others)[1].rows[0][2];
}

TEST(Compare, SearchesFurtherOptions) {
  const auto one = sgd({}, {.rates = {0.01, 1.0}, .search = 5}), again = sgd({}, {.rates = {0.01, 1.0}, .search = 5});
  ASSERT_EQ(one.settings.size(), 5u);
  std::set<std::string> texts;
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(one.text_of(i), again.text_of(i)) << "the settings are part of the candidate";
    EXPECT_TRUE(0.01 <= one.settings[i].rate && one.settings[i].rate <= 1.0);
    texts.insert(one.text_of(i));
  }
  EXPECT_EQ(texts.size(), 5u);
  EXPECT_EQ(sam({}, {.search = 5}).settings.size(), 5u);
}

TEST(Compare, NamesWhatDiffersFromTheDefaults) {
  EXPECT_EQ(muon({.nesterov = false}).name, "muon without nesterov");
  EXPECT_EQ(radam({.weight_decay = 0.1, .decoupled_weight_decay = true}).name, "radam weight_decay=0.1 decoupled");
}

TEST(Compare, GivesEachProblemItsBudgetInEveryPreset) {
  auto longer = valley(), shorter = valley();
  longer.steps.reduced = 80;
  shorter.name = "short";
  const auto experiment = compare("test/budgets", {longer, shorter}, {sgd()});
  std::set<std::string> problems;
  for (const PlannedGroup& group : plan(experiment, {.preset = Preset::Reduced}).groups)
    problems.insert(group.params[compared::problem]);
  EXPECT_EQ(problems.size(), 2u);
}

TEST(Protocol, ALossMayFallFarBelowZero) {
  EXPECT_FALSE(detail::has_diverged(-50.0, 0.01));
  EXPECT_TRUE(detail::has_diverged(50.0, -0.01));
  EXPECT_TRUE(detail::has_diverged(-std::numeric_limits<double>::infinity(), 1.0));
}

TEST(Protocol, PrefersWhatDoesNotDivergeThenTheLowerMedian) {
  using detail::best_setting;
  EXPECT_EQ(best_setting({{1.0, 1.0}, {0.1, {}}, {0.5, 0.7}}), 2u);
  EXPECT_EQ(best_setting({{{}, {}}, {9.0, {}}}), 1u);
  EXPECT_EQ(best_setting({{{}, {}}, {{}, {}}}), 0u);
  EXPECT_EQ(best_setting({{0.5, 0.5}, {0.5, 0.5}}), 0u);
}

TEST(Protocol, TuningSeedsAreNoComparisonSeeds) {
  std::set<std::vector<double>> draws;
  constexpr std::int64_t seeds = 3;
  const auto draw = [&](const Trial& trial) {
    std::vector<double> numbers(4);
    trial.generator()->normal(numbers);
    EXPECT_TRUE(draws.insert(numbers).second);
  };
  for (std::int64_t k = 0; k < 20; ++k) {
    const TrialKey key{.index = k, .seed = 5};
    for (std::int64_t j = 0; j < seeds; ++j) draw(detail::tuning_trial(key, j, seeds));
    draw(detail::comparison_trial(key));
  }
  EXPECT_TRUE(contains(message_of([] { detail::comparison_trial({.index = 1'000'000}); }), "has the seed of a tuning"));
}

std::string wrong(std::vector<Problem> problems, std::vector<Candidate> some, ComparisonOptions comparison = {}) {
  return compare("test/wrong", std::move(problems), std::move(some), std::move(comparison)).wrong;
}

TEST(Compare, SaysWhatIsWrong) {
  const auto make_none = [](std::vector<Tensor> p, double lr) {
    return std::make_unique<optim::SGD>(p, optim::SGDOptions{.lr = lr});
  };
  EXPECT_EQ(wrong({valley()}, {}), "it compares no candidate");
  EXPECT_EQ(wrong({}, {sgd()}), "it compares on no problem");
  EXPECT_EQ(wrong({valley()}, {optimizer("mine", make_none, {})}),
            "candidate 'mine' has no rate to try; expected one or more");
  EXPECT_EQ(wrong({valley()}, {optimizer("mine", make_none, {0.1, -1})}),
            "candidate 'mine' has the rate -1; expected a positive number");
  EXPECT_EQ(wrong({valley()}, {sgd(), adam(), sgd()}),
            "two candidates have the name 'sgd'; `called` gives one of them another");
  EXPECT_EQ(wrong({valley()}, {sgd().called("a,b")}), "candidate 1 has the name 'a,b'; expected one without a comma");
  EXPECT_EQ(wrong({valley()}, {optimizer("mine", make_none, {0.1}).at_default()}),
            "candidate 'mine (default)' has no rate to try; expected one or more");
  EXPECT_EQ(wrong({{.name = "none", .steps = {.quick = 1}}}, {sgd()}), "problem 'none' has no `make`");
  EXPECT_EQ(wrong({{.name = "none", .make = make}}, {sgd()}),
            "problem 'none' has a budget of 0 steps; expected 1 or more");
  EXPECT_EQ(wrong({valley()}, {sgd()}, {.quick = {"adma"}}),
            "its quick preset names the candidate 'adma', which is not there");
  EXPECT_EQ(wrong({valley()}, {sgd()}), "");
}

// What a trial of SGD on the problem says.
std::string refused(const Problem& problem) {
  const auto experiment = compare("test/refused", {problem}, {sgd()});
  Trial trial({.params = Params(
                   {{"problem", "valley"}, {"curvature", 10.0}, {"steps", std::int64_t{4}}, {"candidate", "sgd"}})});
  return message_of([&] { experiment.run({&trial, 1}); });
}

TEST(Compare, RefusesALossThatIsNoScalar) {
  auto vector = valley();
  vector.make = [](Trial& t) {
    const auto W = drawn(t).requires_grad_();
    return Training{.parameters = {W}, .loss = [=] { return square(W); }};
  };
  EXPECT_EQ(refused(vector),
            "compare: problem valley: its loss must be a scalar (got [3, 2]); reduce it, by .mean() say");
  vector.batched = [](std::span<Trial> trials) {
    std::vector<Tensor> starts;
    for (Trial& t : trials) starts.push_back(drawn(t));
    const auto W = stack(starts).requires_grad_();
    return Trainings{.parameters = {W}, .losses = [=] { return square(W); }};
  };
  EXPECT_TRUE(contains(refused(vector), "must be [7], got [7, 3, 2]")) << refused(vector);
  vector.batched = [](std::span<Trial> trials) {
    std::vector<Tensor> starts;
    for (Trial& t : trials) starts.push_back(drawn(t));
    const auto W = stack(starts).requires_grad_();
    return Trainings{.parameters = {W}, .losses = [=] { return square(W).mean(); }};
  };
  EXPECT_TRUE(contains(refused(vector), "must be [7], got []")) << refused(vector);
}

TEST(Compare, RefusesALossOfOtherTensorsThanItsParameters) {
  auto copies = valley();
  copies.make = [](Trial& t) {
    const auto W = drawn(t).requires_grad_();
    return Training{.parameters = {W}, .loss = [=] { return square(nn::Linear(1.0 * W)(ones({2}))).sum(); }};
  };
  EXPECT_EQ(refused(copies),
            "compare: problem valley: its loss depends on none of its parameters (a layer copies a weight that is no "
            "leaf)");
}

TEST(Compare, HasNoTablesWhereEveryTrialFailed) {
  const auto experiment = compare("test/failed", {valley()}, {sgd()});
  const Group group(
      Params({{"problem", "valley"}, {"curvature", 10.0}, {"steps", std::int64_t{40}}, {"candidate", "sgd"}}));
  EXPECT_TRUE(experiment.tables.front()(Results({group})).empty());
}

TEST(Compare, TakesEveryOptimiserOfTheLibrary) {
  const auto matrix_and_vector = [](Trial& t) {
    const auto W = drawn(t).requires_grad_(), b = randn({2}, *t.generator(1)).requires_grad_();
    return Training{.parameters = {W, b}, .loss = [=] { return square(W).sum() + square(b - 1.0).sum(); }};
  };
  const Problem problem{.name = "bowl", .make = matrix_and_vector, .steps = {.quick = 30}};
  for (const Candidate& one : {sgd(), adam(), adamw(), nadam(), radam(), adabelief(), rmsprop(), adagrad(),
                               group_rmsprop(), muon(), shampoo(), lbfgs(), sam(), lookahead(), adam().at_default()}) {
    double best = 1;
    for (const Setting& setting : one.settings) {
      const auto outcome =
          detail::train(problem, one.variants[setting.variant], {Trial({.seed = 1}), setting.rate}, {.steps = 30});
      if (outcome.final_loss()) best = std::min(best, *outcome.final_loss() / outcome.losses.front().second);
    }
    EXPECT_LT(best, one.settings.size() == 1 ? 1.0 : 0.5) << one.name;
  }
}

TEST(Compare, AddsPenaltiesToTheLossThatIsTrainedAlone) {
  const Problem problem{.name = "zero",
                        .make =
                            [](Trial& t) {
                              const auto W = drawn(t).requires_grad_();
                              return Training{.parameters = {W},
                                              .loss = [=] { return 0.0 * W.sum(); },
                                              .evaluate = [=] { return square(W).sum().item(); }};
                            },
                        .steps = {.quick = 20}};
  const auto with = penalty("frobenius", nn::frobenius_penalty(), {.factors = {1.0}}), without = no_penalty();
  ASSERT_EQ(with.settings.size(), 3u);
  const auto final_of = [&](const Candidate& one) {
    return *detail::train(problem, one.variants[0], {Trial({.seed = 1}), 0.1}, {.steps = 20}).final_loss();
  };
  EXPECT_LT(final_of(with), 0.5 * final_of(without));
}

}  // namespace
}  // namespace sigmagrad::lab
