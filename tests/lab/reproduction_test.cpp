// SPDX-License-Identifier: BSD-3-Clause
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/program/drive.hpp>
#include <sigmagrad/lab/report/markdown.hpp>
#include <sigmagrad/lab/report/place.hpp>
#include <sigmagrad/lab/report/reproduction.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>
#include <sigmagrad/version.hpp>

namespace sigmagrad::lab {
namespace {

using sigmagrad::detail::read_file;
using testing::contains;
using testing::sample_wishes;
using testing::scratch_directory;

const Experiment errors{.id = "one/errors", .title = "Errors", .source = "paper 000, section 4", .trials = {1, 1}},
    sizes{.id = "one/sizes",
          .title = "Sizes",
          .source = "paper 001",
          .seconds = {.quick = 1, .paper = 7200},
          .claims = {{.claim = "It | grows", .source = "paper 001, section 9.1", .says = "by 50%"}}},
    choices{.id = "two/choices", .title = "Choices", .source = "a book", .trials = {1, 1}};

Evaluation evaluation(const Experiment& of, std::vector<JudgedClaim> claims) {
  return {.plan = {.experiment = &of, .preset = Preset::Paper, .sweeps = {{.trials = 1}}},
          .results = {},
          .claims = std::move(claims)};
}

const std::vector<Evaluation> made_up{
    evaluation(errors, {{"A control", "control", "-", "2 [1, 3]", Verdict::Holds, "A control."},
                        {"Later", "paper 000, section 4.10", "5", "5.1", Verdict::HoldsInShape, ""},
                        {"Appended", "paper 000, appendix B.1", "5", "4", Verdict::DoesNotHold, "It is *not*."},
                        {"First\nof all", "paper 000, theorem 4.2", "a < b", "1 | 2", Verdict::Undecided, "So."}}),
    evaluation(choices, {{"Any will do", "a belief", "-", "1", Verdict::Holds, "One of them."}})};

Reproduction reproduction(const std::vector<Evaluation>& evaluations) {
  Reproduction all{
      .runs = {{.started = "2026-01-31T12:00:00Z", .version = "0.1.0", .revision = "abc", .cpu = "A CPU", .cores = 2}},
      .experiments = {&errors, &sizes, &choices},
      .unjudged = {{"paper 001", "section 2", "It is useful.", "A matter of taste."}}};
  for (const Evaluation& one : evaluations) all.evaluations.push_back(&one);
  return all;
}

constexpr std::string_view expected =
    R"(| document | holds | holds in shape | does not hold | undecided | not tested | claims |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| [paper 000](#paper-000) | 1 | 1 | 1 | 1 | 0 | 4 |
| [paper 001](#paper-001) | 0 | 0 | 0 | 0 | 1 | 1 |
| [beyond the documents](#beyond-the-documents) | 1 | 0 | 0 | 0 | 0 | 1 |
| all | 2 | 1 | 1 | 1 | 1 | 6 |

## paper 000

3 claims: 1 holds in shape, 1 does not hold, 1 undecided. Of controls and of what goes beyond it 1 holds.

### 4.2

- **undecided**: First of all (theorem 4.2)
  - printed: a \< b
  - measured: 1 \| 2
  - why: So.
  - `sigmagrad run one/errors --preset paper`

### 4.10

- **holds in shape**: Later (section 4.10)
  - printed: 5
  - measured: 5.1
  - `sigmagrad run one/errors --preset paper`

### B.1

- **does not hold**: Appended (appendix B.1)
  - printed: 5
  - measured: 4
  - why: It is \*not\*.
  - `sigmagrad run one/errors --preset paper`

### Controls, and what goes beyond the document

- **holds**: A control (control)
  - printed: -
  - measured: 2 [1, 3]
  - why: A control.
  - `sigmagrad run one/errors --preset paper`

## paper 001

1 claim: 1 not tested.

### 9.1

- **not tested**: It \| grows (section 9.1)
  - printed: by 50%
  - why: Not run: with preset paper it takes about 2.0 h on two cores.
  - `sigmagrad run one/sizes --preset paper`

## beyond the documents

1 claim: 1 holds.

### Choices

- **holds**: Any will do (a belief)
  - printed: -
  - measured: 1
  - why: One of them.
  - `sigmagrad run two/choices --preset paper`

## What is not judged, and why

- paper 001, section 2: *It is useful.* A matter of taste.
)";

TEST(Reproduction, ListsEveryClaimInTheOrderOfItsDocument) {
  const auto page = reproduction_page(reproduction(made_up));
  EXPECT_EQ(page.substr(page.find("| document")), expected);
}

TEST(Reproduction, SaysWhatWasRunAndHasTheSameBytesAgain) {
  const auto page = reproduction_page(reproduction(made_up));
  EXPECT_TRUE(contains(page, "- trials: 2026-01-31, preset paper, seed 42\n", "- computer: A CPU, 2 cores\n",
                       std::string("- program: sigmagrad 0.1.0, revision abc; judged by revision ") + revision()));
  EXPECT_EQ(page, reproduction_page(reproduction(made_up)));
}

TEST(Reproduction, NamesEveryClaimWhereNothingWasRun) {
  EXPECT_TRUE(contains(reproduction_page(reproduction({})), "- **not tested**: It \\| grows (section 9.1)",
                       "Not run: with preset quick it takes about 1 s"));
}

TEST(Reproduction, GivesEachNumberOfALongTextALine) {
  const auto long_name = "a quantity of a name so long that two of them are no line that one could still read";
  const auto long_text =
      fmt::format("{}: 1 [0, 2; 3 of 9 resamples give no finite number]; {}: 2", long_name, long_name);
  const std::vector<Evaluation> one{
      evaluation(errors, {{"Long", "paper 000, section 4", "1; 2", long_text, Verdict::Holds, "So."}})};
  EXPECT_TRUE(contains(reproduction_page(reproduction(one)), "  - printed: 1; 2\n",
                       fmt::format("  - measured:\n    - {}: 1 [0, 2; 3 of 9 resamples give no finite number]\n"
                                   "    - {}: 2\n  - why: So.\n",
                                   long_name, long_name)));
}

std::string printed_by(const SessionOptions& given) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(execute([] { return sample_wishes(); }, given, {"lab", "sample"}, "sample"), 0);
  ::testing::internal::GetCapturedStderr();
  return ::testing::internal::GetCapturedStdout();
}

TEST(Reproduction, IsWrittenBesideTheReportOrPrintedAlone) {
  const auto out = scratch_directory("claims");
  const auto page = (out.parent_path() / "claims.md").string();
  EXPECT_TRUE(contains(printed_by({.out = out.string(), .jobs = 1, .claims = page}), "Report: "));
  const auto written = read_file(page);
  EXPECT_TRUE(contains(written, "# What the documents claim", "test/"));
  EXPECT_EQ(printed_by({.out = out.string(), .jobs = 1, .claims = "-"}), written);  // nothing was left to run
  std::filesystem::remove(page);
}

TEST(Place, IsTheFirstNumberOfTheDocument) {
  const auto heading = [](const char* source) { return heading_of(place_of(source, "paper 002")); };
  EXPECT_EQ(heading("paper 002, section 4.10.2, figure 1"), "4.10");
  EXPECT_EQ(heading("paper 001, section 3; paper 002, Lemmas D.6 and D.7"), "D.6");
  EXPECT_EQ(heading("Someone 2024, as cited in paper 002, sections 4 to 6"), "4");
  EXPECT_EQ(heading("paper 002, figure 9"), "");
  EXPECT_EQ(heading("paper 002, figure 9; paper 003, section 4"), "");
  EXPECT_EQ(heading("paper 002, section on networks"), "");
  EXPECT_EQ(heading("paper 002, section On networks"), "");
  EXPECT_EQ(heading("paper 002, appendix C"), "C");
  EXPECT_EQ(heading("paper 002, lemma C2"), "C.2");
  EXPECT_EQ(heading("control"), "");
}

TEST(Place, SortsAsSectionsDo) {
  const std::vector<std::string> sorted{"section 4", "table 4.2",    "section 4.2.1", "equation 4.10",
                                        "section 5", "appendix A.1", "Theorem B.2",   "figure 1"};
  for (std::size_t i = 1; i < sorted.size(); ++i)
    EXPECT_LT(place_of("paper 000, " + sorted[i - 1], "paper 000"), place_of("paper 000, " + sorted[i], "paper 000"))
        << sorted[i];
}

TEST(Markdown, LeavesNoMarkInTexts) {
  EXPECT_EQ(markdown_text("a_b * [c](d) | `e`\n <f> ~g~ $h$ \\"),
            "a\\_b \\* [c\\](d) \\| \\`e\\` \\<f> \\~g\\~ \\$h\\$ \\\\");
  EXPECT_EQ(markdown_text(" one\n\n two "), "one two");
}

}  // namespace
}  // namespace sigmagrad::lab
