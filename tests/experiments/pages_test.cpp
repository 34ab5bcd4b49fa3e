// SPDX-License-Identifier: BSD-3-Clause
// The pages of docs/ that speak of claims know those that the program declares.
#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/model/judging.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/report/markdown.hpp>
#include <sigmagrad/lab/report/reproduction.hpp>

namespace sigmagrad::lab {
namespace {

namespace fs = std::filesystem;
using sigmagrad::detail::read_file;

const fs::path root = fs::path(SIGMAGRAD_TEST_DATA).parent_path().parent_path();

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::istringstream text(read_file(file));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::string after(const std::string& line, const std::string& mark) {
  return line.substr(line.find(mark) + mark.size());
}

// "spectral/depth: the claim (section 4)", each as often as it is there: a claim stands above its command.
std::multiset<std::string> listed_claims() {
  std::multiset<std::string> all;
  std::string claim;
  for (const auto& line : lines_of(root / "docs" / "reproduction.md")) {
    if (line.starts_with("- **")) claim = after(line, "**: ");
    if (!line.starts_with("  - `sigmagrad run ")) continue;
    const auto command = after(line, " run ");
    all.insert(command.substr(0, command.find_first_of(" `")) + ": " + claim);
  }
  return all;
}

std::multiset<std::string> declared_claims() {
  std::multiset<std::string> all;
  for (const Experiment* experiment : all_experiments())
    for (const Claim& claim : experiment->claims)
      all.insert(experiment->id + ": " + claim_line(untested(claim), *experiment));
  return all;
}

TEST(ReproductionPage, NamesEveryClaimAndNoOther) {
  const auto declared = declared_claims(), listed = listed_claims();
  const std::string remedy =
      "\nWrite the page again: build/release/bin/sigmagrad reproduce --preset paper --claims docs/reproduction.md";
  std::vector<std::string> missing, stale;
  std::ranges::set_difference(declared, listed, std::back_inserter(missing));
  std::ranges::set_difference(listed, declared, std::back_inserter(stale));
  for (const auto& one : missing) ADD_FAILURE() << "docs/reproduction.md lacks the claim " << one << remedy;
  for (const auto& one : stale) ADD_FAILURE() << "docs/reproduction.md has what is no claim now: " << one << remedy;
}

// "Suite.Name" of every test in the sources.
std::set<std::string> tests_there() {
  const std::regex declared(R"(\nTEST(?:_F|_P)?\((\w+),\s*(\w+)\))");
  std::set<std::string> all;
  for (const auto& file : fs::recursive_directory_iterator(root / "tests")) {
    if (file.path().extension() != ".cpp") continue;
    const auto text = read_file(file.path());
    for (std::sregex_iterator one(text.begin(), text.end(), declared), end; one != end; ++one)
      all.insert((*one)[1].str() + '.' + (*one)[2].str());
  }
  return all;
}

// The last cell of every row of its tables.
std::vector<std::string> evidence() {
  std::vector<std::string> cells;
  for (const auto& line : lines_of(root / "docs" / "errata.md"))
    if (line.starts_with("| ") && !line.starts_with("| where "))
      cells.push_back(line.substr(line.rfind(" | ") + 3, line.size() - line.rfind(" | ") - 5));
  return cells;
}

// Whether a cell names tests that are there and claims that their experiments make, and nothing else.
void expect_evidence(const std::string& cell, const std::set<std::string>& tests,
                     std::map<std::string, std::set<std::string>>& claims) {
  static const std::regex part(R"(`(\w+\.\w+)`|`([a-z]+/[a-z0-9_-]+)`: |(\*(?:\\.|[^*\\])+\*)|[;, ]+|(.))");
  std::string experiment;
  std::size_t named = 0;
  for (std::sregex_iterator one(cell.begin(), cell.end(), part), end; one != end; ++one) {
    const auto test = (*one)[1].str(), claim = (*one)[3].str();
    if ((*one)[2].matched) experiment = (*one)[2];
    EXPECT_TRUE(test.empty() || tests.contains(test)) << "there is no test " << test;
    EXPECT_TRUE(claim.empty() || claims[experiment].contains(claim)) << experiment << " does not claim " << claim;
    EXPECT_FALSE((*one)[4].matched) << "neither a test nor a claim: " << cell;
    named += test.empty() && claim.empty() ? 0 : 1;
  }
  EXPECT_GT(named, 0U) << cell;
}

TEST(ErrataPage, RestsOnTestsAndClaimsThatExist) {
  const auto tests = tests_there();
  std::map<std::string, std::set<std::string>> claims;
  for (const Experiment* experiment : all_experiments())
    for (const Claim& claim : experiment->claims) claims[experiment->id].insert('*' + markdown_text(claim.claim) + '*');
  const auto cells = evidence();
  EXPECT_GT(cells.size(), 60U);
  for (const auto& cell : cells) expect_evidence(cell, tests, claims);
}

}  // namespace
}  // namespace sigmagrad::lab
