// SPDX-License-Identifier: BSD-3-Clause
#include <set>

#include <gtest/gtest.h>

#include <sigmagrad/tests/fuzz/parsers.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/memory.hpp>

namespace sigmagrad {
namespace {

namespace fs = std::filesystem;

class Corpus : public ::testing::TestWithParam<testing::Parser> {};

// What the fuzzers start from, and what they found: read, or refused with an Error that names the file, without much
// memory. The names of what must be refused begin with "bad_".
TEST_P(Corpus, EveryFileIsReadOrRefused) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(SIGMAGRAD_TEST_DATA) / "../fuzz/corpus" / GetParam().name)) {
    const auto bytes = detail::read_bytes(entry.path());
    const auto name = entry.path().filename().string();
    const auto before = testing::peak_memory();
    std::string message;
    try {
      GetParam().parse(bytes);
    } catch (const Error& error) {
      message = error.what();
    }
    EXPECT_TRUE(message.empty() || message.starts_with("file: ")) << name << ": " << message;
    if (name.starts_with("bad_")) {
      EXPECT_FALSE(message.empty()) << name;
    }
    EXPECT_LT(testing::peak_memory() - before, 100'000) << name;
    ++count;
  }
  EXPECT_GE(count, 12);
}

// A fuzzer is built for each folder: a parser without one would be left out.
TEST(CorpusFolders, EveryFolderHasAParser) {
  std::set<std::string> folders, names;
  for (const auto& entry : fs::directory_iterator(fs::path(SIGMAGRAD_TEST_DATA) / "../fuzz/corpus"))
    folders.insert(entry.path().filename().string());
  for (const auto& parser : testing::parsers) names.emplace(parser.name);
  EXPECT_EQ(folders, names);
}

INSTANTIATE_TEST_SUITE_P(Files, Corpus, ::testing::ValuesIn(testing::parsers),
                         [](const auto& parser) { return std::string(parser.param.name); });

}  // namespace
}  // namespace sigmagrad
