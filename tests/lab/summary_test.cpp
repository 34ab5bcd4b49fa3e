// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/report/latex.hpp>
#include <sigmagrad/lab/report/report.hpp>
#include <sigmagrad/lab/report/summary.hpp>
#include <sigmagrad/lab/report/svg.hpp>
#include <sigmagrad/lab/report/tables.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using sigmagrad::detail::read_file;
using testing::contains;
using testing::scratch_directory;

Experiment experiment(std::string id, std::string source) {
  return {.id = std::move(id), .title = "Title of <" + source + ">", .source = std::move(source), .trials = {1, 1}};
}

JudgedClaim claim(std::string source, Verdict verdict) {
  return {.claim = "κ_2 grows & \"holds\"",
          .source = std::move(source),
          .printed = "50%",
          .measured = "1, 2",
          .verdict = verdict,
          .why = "since"};
}

const Experiment first = experiment("one/first", "paper 001, section 4; paper 000"),
                 second = experiment("two/second", "a book");

std::vector<Evaluation> two_evaluations() {
  Group group(Params({{"d", 2}}));
  group.add(0, Metrics{{"m", 0.125}});
  group.add(1, Metrics{{"m", 0.375}});
  const Plan plan{.experiment = &first, .sweeps = {{.trials = 2}}, .lists = {{"d", {2}}}};
  std::vector<Evaluation> all{{.plan = plan, .results = Results({group})}, {.plan = plan, .results = Results({group})}};
  all[1].plan.experiment = &second;
  all[0].claims = {claim("paper 002, figure 1", Verdict::Holds), claim("closed form", Verdict::DoesNotHold)};
  all[1].claims = {claim("paper 001", Verdict::HoldsInShape), claim("page 3", Verdict::NotTested)};
  return all;
}

TEST(Summary, CountsClaimsByTheDocumentTheyCite) {
  const auto evaluations = two_evaluations();
  const auto all = documents(evaluations);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "paper 001");  // of the experiment, and of a claim
  EXPECT_EQ(to_text(all[0].tally), "1 holds in shape, 1 does not hold");
  EXPECT_EQ(all[1].name, "paper 002");
  EXPECT_EQ(all[1].tally.total(), 1U);
  EXPECT_EQ(all[2].name, "other sources");
  EXPECT_EQ(all[2].title, "");
  EXPECT_EQ(to_text(tally({})), "no claims");
  EXPECT_TRUE(contains(summary_text(evaluations), "one/first   2       0       1 holds, 1 does not hold",
                       "paper 001      0     1         1       0          0",
                       "all            1     1         1       0          1"));
}

TEST(Summary, LeadsFromTheIndexToEveryClaim) {
  const auto page = report_html(two_evaluations(), scratch_directory("no figures"), "{}");
  for (const auto* id : {"one/first-claim-1", "one/first-claim-2", "two/second-claim-1", "two/second-claim-2"})
    EXPECT_TRUE(contains(page, std::string("href=\"#") + id, std::string("id=\"") + id));
  EXPECT_TRUE(contains(page, "href=\"#claims-paper-001\"", "id=\"claims-paper-001\"", "href=\"#top\"", "id=\"top\"",
                       "Title of &lt;a book&gt;", "tables/one-first-claims.tex"));
}

TEST(Tables, AreWrittenInFullAndForPapers) {
  const auto folder = scratch_directory("tables");
  write_tables(two_evaluations(), folder);
  EXPECT_EQ(read_file(folder / "one-first.csv"),
            "d,trials,failed,metric,median,q25,q75,mean,std,min,max\n"
            "2,2,0,m,0.25,0.1875,0.3125,0.25,0.125,0.125,0.375\n");
  EXPECT_TRUE(
      contains(read_file(folder / "claims.csv"),
               "one/first,paper 001,does not hold,\"κ_2 grows & \"\"holds\"\"\",closed form,50%,\"1, 2\",since"));
  const auto latex = read_file(folder / "claims.tex");
  EXPECT_TRUE(
      contains(latex, "\\begin{longtable}{lp{", "holds & $\\kappa$\\_2 grows \\& ''holds'' & paper 002, figure 1"));
  EXPECT_TRUE(contains(read_file(folder / "one-first.tex"), "2 & 2 & 0 & m & 0.25 [0.188, 0.312] & 0.25 $\\pm$ 0.125"));
}

TEST(Latex, TakesEveryCharacterAsItStands) {
  EXPECT_EQ(latex_text("50% of a_b^2 {x} \\ #1 $"),
            "50\\% of a\\_b\\textasciicircum{}2 \\{x\\} \\textbackslash{} \\#1 \\$");
  EXPECT_EQ(latex_text("σ ≤ 3 ± 1"), "$\\sigma$ $\\le$ 3 $\\pm$ 1");
}

TEST(Svg, IsShortenedWithoutLosingAMark) {
  const auto svg = inline_svg(
      "<svg viewBox=\"0 0 9 9\">\n<rect x=\"0\" y=\"0\" width=\"9\" height=\"9\" fill=\"#ffffff\"/>\n"
      "<g fill=\"none\" stroke-linecap=\"butt\">\n</g>\n<g fill=\"none\">\n\t<path stroke='rgb(  0, 114, 178)'  "
      "d='M1,2 "
      "L3,4  '/>\n<text>a  b</text></g>\n</svg>",
      "p-", "alt");
  EXPECT_EQ(svg,
            "<svg role=\"img\" aria-label=\"alt\" viewBox=\"0 0 9 9\"><g fill=\"none\"><path stroke='#0072b2' d='M1,2 "
            "L3,4 '/><text>a b</text></g></svg>");
}

}  // namespace
}  // namespace sigmagrad::lab
