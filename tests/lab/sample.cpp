// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/lab/sample.hpp>

#include <atomic>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {

using namespace lab;

namespace {

std::atomic<int> trials_run = 0;

// How far the mean of d draws is from 0, and the running mean as a curve.
Metrics run_sample(const Trial& trial) {
  ++trials_run;
  const auto& fault = trial.params.text("fault");
  if (fault == "throws" && trial.index == 1) throw Error("sample: told to <fail>");
  std::vector<double> draws(static_cast<std::size_t>(trial.params.integer("d")));
  trial.generator(7)->normal(draws);
  Metrics metrics;
  double sum = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    sum += draws[i];
    if ((i + 1) % 8 == 0)
      metrics.add_at("running", static_cast<double>(i + 1), std::abs(sum) / static_cast<double>(i + 1));
  }
  std::vector<double> own(1);
  default_generator().normal(own);
  metrics.add("mean_error", std::abs(sum) / static_cast<double>(draws.size()));
  metrics.add("own_draw", own[0]);
  if (fault == "not_a_number" && trial.index == 0) metrics.add("broken", std::numeric_limits<double>::quiet_NaN());
  return metrics;
}

std::vector<Figure> sample_figures(const Results& results) {
  const auto groups = results.where({{"scale", 1.0}});
  std::vector<double> x, y;
  for (const Value& d : results.values_of("d")) {
    x.push_back(static_cast<double>(std::get<std::int64_t>(d)));
    y.push_back(0.674 / std::sqrt(x.back()));
  }
  Panel error{.title = "Error of the mean",
              .x_label = "number of draws d",
              .y_label = "|mean|",
              .log_x = true,
              .log_y = true,
              .series = {medians(groups, "d", "mean_error", "median"), means(groups, "d", "mean_error", "mean"),
                         theory_line(x, y, "0.674 / sqrt(d)"), printed({16, 64}, {0.17, 0.08}, "printed")}};
  Panel running{.title = "Running mean", .x_label = "draws", .y_label = "|mean|"};
  for (const Group* group : groups)
    running.series.push_back(curve(*group, "running", "d = " + to_text(group->params()["d"])));
  return {{.name = "sample", .caption = "Both fall as 1/sqrt(d) & stay <small>.", .panels = {error, running}}};
}

void judge_fall(const Results& results, Claim& claim) {
  const double small = results.group({{"d", 16}, {"scale", 1.0}}).median("mean_error");
  const double large = results.group({{"d", 64}, {"scale", 1.0}}).median("mean_error");
  claim.measured = std::to_string(large / small);
  claim.verdict = verdict(large < small);
  claim.why = "ratio of the medians";
}

std::vector<Claim> sample_claims(const Results& results) {
  return judge_all(results,
                   {{{.claim = "The error falls with d <script>", .source = "nowhere", .printed = "< 1"}, judge_fall}});
}

const Register sample{Experiment{
    .id = "test/sample",
    .title = "Means & <draws>",
    .question = "How fast does a mean converge?",
    .observe = "The error falls as 1/sqrt(d).",
    .source = "textbook",
    .parameters =
        {{"d", "number of draws", {16, 64}, {16, 64, 256}, 1, 4096},
         {"scale", "not used: 2 is valid at d = 16 only", {1, 2.0}},
         {.name = "fault", .help = "what goes wrong", .quick = {"none"}, .choices = {"throws", "not_a_number"}},
         {"flag", "a truth value", {true}}},
    .trials = {.quick = 5, .paper = 20},
    .seconds = {.quick = 0.1, .paper = 1},
    .streams = {Stream::Philox, Stream::Numpy},
    .valid = [](const Params& p) { return p.real("scale") == 1 || p.integer("d") == 16; },
    .trial = run_sample,
    .figures = sample_figures,
    .claims = sample_claims}};

}  // namespace

int sample_trials_run() { return trials_run; }

std::filesystem::path scratch_directory(const std::string& name) {
  static const Scratch scratch;
  const auto path = scratch / name;
  std::filesystem::remove_all(path);
  return path;
}

Request sample_request() { return {.ids = {"test/sample"}}; }

Session sample_session(const std::filesystem::path& out, const Request& request) {
  return {.settings = resolve(request), .out = out, .jobs = 2, .progress = nullptr};
}

}  // namespace sigmagrad::testing
