// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/run/config_file.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using sigmagrad::detail::write_file;
using testing::contains;
using testing::Texts;

std::filesystem::path config(const std::string& text) {
  const auto folder = testing::scratch_directory("config");
  std::filesystem::create_directories(folder);
  write_file(folder / "file.toml", text);
  return folder / "file.toml";
}

TEST(Config, GivesOneValueOrAList) {
  const auto overrides = read_config(config("[\"test/sample\"]\nd = 8\n"));
  ASSERT_EQ(overrides.size(), 1U);
  EXPECT_EQ(overrides[0].experiment, "test/sample");
  EXPECT_EQ(overrides[0].values, (Texts{"8"}));
  const auto all = read_config(config("scale = [1.0, 2]\nflag = true\n[\"test/sample\"]\nfault = \"none\"\n"));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].parameter, "flag");
  EXPECT_EQ(all[1].values, (Texts{"1", "2"}));
  EXPECT_EQ(all[2].experiment, "test/sample");
}

TEST(Config, NamesTheLineThatIsWrong) {
  for (const auto* text : {"\nd = = 3\n", "\nd = 1979-05-27\n"}) {
    try {
      read_config(config(text));
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_TRUE(contains(error.what(), "line 2"));
    }
  }
  EXPECT_TRUE(contains(testing::message_of([] { read_config(config("\nd = = 3\n")); }),
                       "file.toml, line 2, column 5: is no TOML; expected lines like"));
  EXPECT_THROW(read_config("/nowhere.toml"), Error);
}

TEST(Override, IsReadAsKeyAndValues) {
  EXPECT_EQ(parse_override("d=16,32", false).values, (Texts{"16", "32"}));
  EXPECT_EQ(parse_override("d=16,32", true).values, (Texts{"16,32"}));
  EXPECT_EQ(parse_override("d=16", true).parameter, "d");
  for (const auto* text : {"d", "=3", "d="}) EXPECT_THROW(parse_override(text, true), Error) << text;
}

}  // namespace
}  // namespace sigmagrad::lab
