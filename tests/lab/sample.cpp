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

const Int d{
    .name = "d", .help = "number of draws", .quick = {16, 64}, .paper = {16, 64, 256}, .minimum = 1, .maximum = 4096};
const Real scale{.name = "scale", .help = "not used: 2 is valid at d = 16 only", .quick = {1, 2}};
const Text fault{.name = "fault", .help = "what goes wrong", .quick = {"none"}, .choices = {"throws", "not_a_number"}};
const Flag flag{.name = "flag", .help = "a truth value", .quick = {true}};

const Quantity mean_error{.name = "mean_error", .label = "|mean|"}, own_draw{.name = "own_draw"},
    expected{.name = "expected"}, broken{.name = "broken"};
const Curve running{.name = "running", .label = "|mean|", .over = "draws"};

// How far the mean of d draws is from 0, and the running mean as a curve.
void run_sample(Trial& t) {
  ++trials_run;
  if (t[fault] == "throws" && t.index() == 1) throw Error("sample: told to <fail>");
  std::vector<double> draws(static_cast<std::size_t>(t[d]));
  t.generator(7)->normal(draws);
  double sum = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    sum += draws[i];
    if ((i + 1) % 8 == 0) t.record(running, static_cast<double>(i + 1), std::abs(sum) / static_cast<double>(i + 1));
  }
  std::vector<double> own(1);
  default_generator().normal(own);
  t.record(mean_error, std::abs(sum) / static_cast<double>(draws.size()));
  t.record(own_draw, own[0]);
  t.record(expected, 0.674 / std::sqrt(static_cast<double>(t[d])));
  if (t[fault] == "not_a_number" && t.index() == 0) t.record(broken, std::numeric_limits<double>::quiet_NaN());
}

const Register sample{{
    .id = "test/sample",
    .title = "Means & <draws>",
    .question = "How fast does a mean converge?",
    .observe = "The error falls as 1/sqrt(d).",
    .source = "textbook",
    .parameters = {d, scale, fault, flag},
    .printed_at = scale == 1,
    .trials = {.quick = 5, .paper = 20},
    .seconds = {.quick = 0.1, .paper = 1},
    .streams = {Stream::Philox, Stream::Numpy},
    .valid = [](const Params& p) { return p[scale] == 1 || p[d] == 16; },
    .valid_rule = "scale = 2 goes with d = 16 alone",
    .trial = run_sample,
    .figures = {figure("", "Both fall as 1/sqrt(d) & stay <small>.")
                    .panel("Error of the mean", plot(d, mean_error).medians().means().by(scale).log_log())
                    .panel("Running mean", plot(running).at(scale == 1).by(d))},
    .claims = {{.claim = "The error falls with d <script>",
                .source = "nowhere",
                .says = "< 1",
                .holds = below(median(expected).at(d == 64), median(expected).at(d == 16)),
                .why = "it was to be expected"}},
}};

}  // namespace

int sample_trials_run() { return trials_run; }

std::filesystem::path scratch_directory(const std::string& name) {
  static const Scratch scratch;
  const auto path = scratch / name;
  std::filesystem::remove_all(path);
  return path;
}

Wishes sample_wishes() { return {.ids = {"test/sample"}}; }

Wishes sample_with(const std::string& parameter, const std::vector<std::string>& values) {
  auto wishes = sample_wishes();
  wishes.overrides.push_back({"", parameter, values});
  return wishes;
}

Plan sample_plan() { return plans(sample_wishes()).front(); }

Session sample_session(const std::filesystem::path& out, const Wishes& wishes) {
  return {.plans = plans(wishes), .out = out, .jobs = 2, .progress = nullptr};
}

}  // namespace sigmagrad::testing
