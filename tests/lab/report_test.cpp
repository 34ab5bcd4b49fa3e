// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/figures/gnuplot.hpp>
#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/report/columns.hpp>
#include <sigmagrad/lab/report/report.hpp>
#include <sigmagrad/lab/report/stored_report.hpp>
#include <sigmagrad/lab/report/svg.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/fake_gnuplot.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using sigmagrad::detail::read_file;
using testing::contains;
using testing::sample_session;
using testing::sample_wishes;
using testing::scratch_directory;
using testing::Texts;

TEST(Report, EscapesWhateverItShows) {
  const auto out = scratch_directory("report");
  drive(sample_session(out, testing::sample_with("fault", {"throws"})));
  const auto page = read_file(out / "report.html");
  EXPECT_TRUE(contains(page, "Means &amp; &lt;draws&gt;"));
  EXPECT_TRUE(contains(page, "told to &lt;fail&gt;"));
  EXPECT_TRUE(contains(page, "&lt;script&gt;"));
  EXPECT_FALSE(contains(page, "<script"));
  EXPECT_TRUE(contains(page, "class=\"verdict "));
}

TEST(Report, StandsOnItsOwn) {
  const auto out = scratch_directory("alone");
  drive(sample_session(out));
  const auto page = read_file(out / "report.html");
  EXPECT_FALSE(contains(page, "src="));
  EXPECT_FALSE(contains(page, "<link"));
  EXPECT_TRUE(contains(page, "prefers-color-scheme: dark"));
  EXPECT_TRUE(contains(page, "5 trials a group."));
  EXPECT_EQ(std::filesystem::exists(out / "figures/test-sample.svg"), bool(contains(page, "<svg role=\"img\"")));
}

TEST(Report, IsRebuiltFromWhatIsStored) {
  const auto out = scratch_directory("rebuilt");
  drive(sample_session(out));
  const auto page = read_file(out / "report.html");
  std::filesystem::remove(out / "report.html");
  std::filesystem::remove_all(out / "figures");
  rebuild_report(out);
  EXPECT_EQ(read_file(out / "report.html"), page);
}

// As many wait at once as there are cores; the last one is not begun.
TEST(Report, ShowsNoOldDrawingOfAFigureThatIsLeftOut) {
  const auto out = scratch_directory("left-out");
  auto evaluations = drive(sample_session(out)).evaluations;
  const testing::FakeGnuplot silent(scratch_directory("left-out-gnuplot"), "read line < never");
  Figure figure{.caption = "c", .panels = {{.series = {{.x = {1}, .y = {1}}}}}};
  evaluations[0].figures.clear();
  for (unsigned i = 0; i <= std::max(std::thread::hardware_concurrency(), 1u); ++i) {
    figure.name = "figure" + std::to_string(i);
    evaluations[0].figures.push_back(figure);
    sigmagrad::detail::write_file(out / "figures" / (figure.name + ".svg"), "<svg>drawn earlier</svg>");
  }
  ASSERT_EQ(mkfifo((out / "figures/never").c_str(), 0600), 0);
  setenv(figure_limit_variable, "0.02", 1);
  EXPECT_TRUE(write_report(evaluations, out));
  unsetenv(figure_limit_variable);
  const auto page = read_file(out / "report.html");
  EXPECT_TRUE(contains(page, "left out, for gnuplot did not answer for another one", "gnuplot had not ended after"));
  EXPECT_FALSE(contains(page, "drawn earlier"));
  EXPECT_TRUE(std::filesystem::exists(out / "figures" / (figure.name + ".csv")));
}

std::filesystem::path written_while_judging;

Judgement judge_slowly(const Results&) {
  if (!written_while_judging.empty()) Store::create(written_while_judging).put(plans(sample_wishes()));
  return {.holds = true};
}

const Quantity one{.name = "one"};
const Register slow_to_judge{{.id = "test/slow-to-judge",
                              .title = "A run goes on while this one is judged",
                              .trials = {.quick = 1},
                              .trial = [](Trial& t) { t.record(one, 1); },
                              .claims = {{.claim = "It takes its time", .holds = judge_slowly}}}};

TEST(Report, LetsAWriterWriteWhileItJudges) {
  const auto out = scratch_directory("judging");
  drive(sample_session(out, {.ids = {"test/slow-to-judge"}}));
  written_while_judging = out;
  EXPECT_TRUE(rebuild_report(out).at(0).notes.empty());
  written_while_judging.clear();
  EXPECT_EQ(Store::open(out).plans().size(), 2U);
}

TEST(Report, JsonHasTheDocumentedKeys) {
  const auto outcome = drive(sample_session(scratch_directory("json")));
  const auto json = nlohmann::ordered_json::parse(to_json_text(outcome.evaluations.at(0)));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_EQ(keys, (Texts{"experiment", "preset", "seed", "stream", "groups", "claims"}));
  const auto& group = json["groups"][2];
  EXPECT_EQ(group["params"]["d"], 64);
  EXPECT_EQ(group["trials"], 5);
  EXPECT_EQ(group["failed"], 0);
  const auto& values = outcome.evaluations[0].results.groups()[2].values("mean_error");
  EXPECT_EQ(group["metrics"]["mean_error"]["median"].get<double>(), quantile(values, 0.5));
  EXPECT_EQ(json["claims"][0]["printed"], "< 1");
}

TEST(Report, GroupsFailuresByTheirReason) {
  Group group(Params({{"d", 1}}));
  for (int i = 0; i < 5; ++i) group.add(Failure{i, "too large"});
  group.add(Failure{5, "told to"});
  EXPECT_EQ(failure_lines(Results({group})),
            (Texts{"5 trials: too large (d=1 trial 0; d=1 trial 1; d=1 trial 2; and 2 more)", "d=1 trial 5: told to"}));
}

TEST(Html, InlinedDrawingsShareNoIds) {
  const auto svg =
      inline_svg("<?xml?><svg viewBox=\"0\"><title>Gnuplot</title><path id='p'/><use xlink:href='#p'/></svg>", "a-",
                 "the \"alt\"");
  EXPECT_EQ(svg,
            "<svg role=\"img\" aria-label=\"the &quot;alt&quot;\" viewBox=\"0\"><path id='a-p'/>"
            "<use href='#a-p'/></svg>");
}

TEST(Html, ColoursInATitleAreText) {
  const auto svg = inline_svg("<svg><text>rgb(x) and rgb(1</text><path fill='rgb( 0, 128, 255)'/></svg>", "a-", "b");
  EXPECT_TRUE(contains(svg, "<text>rgb(x) and rgb(1</text>", "fill='#0080ff'"));
}

TEST(Text, IsAlignedByCharactersNotBytes) {
  EXPECT_EQ(align({{"a", "b"}, {"±±", "c"}}), "a   b\n±±  c\n");
  EXPECT_EQ(wrap("one two three four", 9), (Texts{"one two", "three", "four"}));
  EXPECT_EQ(shell_quoted("d=1,2"), "d=1,2");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(short_number(13167.2), "13167");
  EXPECT_EQ(short_number(6.6e-5), "6.6e-05");
  EXPECT_EQ(short_duration(180), "3 min");
}

}  // namespace
}  // namespace sigmagrad::lab
