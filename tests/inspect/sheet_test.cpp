// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/inspect/columns.hpp>
#include <sigmagrad/inspect/comparison.hpp>
#include <sigmagrad/inspect/name_lists.hpp>
#include <sigmagrad/inspect/sheet.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::inspection {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Sheet sample() {
  return {.headings = {{.name = "name"},
                       {.name = "value"},
                       {.name = "second", .dispensable = 1},
                       {.name = "third", .dispensable = 2},
                       {.name = "nothing"}},
          .rows = {{std::string("encoder.layer.0.attention.self.query.weight"), 0.25, inf, std::int64_t{7}, Cell()},
                   {std::string("short"), nan, 1234567.0, std::vector<std::int64_t>{3, 4}, Cell()}}};
}

TEST(Sheet, ATableHasTheColumnsInWhichSomethingStands) {
  EXPECT_EQ(table_text(sample(), 0),
            "name                                         value  second    third\n"
            "encoder.layer.0.attention.self.query.weight  0.25   inf       7\n"
            "short                                        -      1.23e+06  3x4\n");
}

TEST(Sheet, ANarrowTableDropsColumnsThenPartsOfNamesAndSaysSo) {
  for (const std::size_t width : {66U, 60U, 50U, 45U, 30U, 20U}) {
    const auto text = table_text(sample(), width);
    const auto table = text.substr(0, text.find("No room"));
    std::size_t begin = 0, longest = 0;
    for (auto end = table.find('\n'); end != table.npos; begin = end + 1, end = table.find('\n', begin))
      longest = std::max(longest, lab::display_width(table.substr(begin, end - begin)));
    EXPECT_LE(longest, width) << text;
    EXPECT_EQ(text.find("third") != text.npos && text.find("No room for third") == text.npos, width >= 66) << text;
    EXPECT_NE(text.find("value"), text.npos);
  }
  EXPECT_NE(table_text(sample(), 30).find("No room for third, second:"), std::string::npos);
}

TEST(Sheet, NamesLoseTheirBeginning) {
  EXPECT_EQ(shortened("encoder.layer.0.weight", 9), "…0.weight");
  EXPECT_EQ(shortened("short", 5), "short");
  EXPECT_EQ(shortened("äöüäöü", 4), "…äöü");  // never a part of a character
}

TEST(Sheet, CsvHasEveryDigitAndQuotes) {
  const Sheet sheet{.headings = {{.name = "name"}, {.name = "value"}},
                    .rows = {{std::string("a,b"), 0.1 + 0.2}, {std::string("c"), -inf}, {std::string("d"), nan}}};
  EXPECT_EQ(csv_header(sheet.headings, {"file"}), "file,name,value\n");
  EXPECT_EQ(csv_rows(sheet, {"f"}), "f,\"a,b\",0.30000000000000004\nf,c,-inf\nf,d,\n");
}

TEST(Cell, JsonSaysInfinityAndNothing) {
  EXPECT_EQ(cell_json(inf).dump(), "\"inf\"");
  EXPECT_EQ(cell_json(nan).dump(), "null");
  EXPECT_EQ(cell_json(Cell()).dump(), "null");
  EXPECT_EQ(cell_json(true).dump(), "true");
  EXPECT_EQ(cell_json(std::vector<std::int64_t>{2, 3}).dump(), "[2,3]");
  EXPECT_EQ(cell_json(std::vector<std::int64_t>{}).dump(), "[]");
}

TEST(Cell, WhatHasNoValueIsLastEitherWay) {
  for (const bool smallest_first : {false, true}) {
    EXPECT_TRUE(cell_before(1.0, nan, smallest_first));
    EXPECT_FALSE(cell_before(nan, 1.0, smallest_first));
    EXPECT_FALSE(cell_before(Cell(), nan, smallest_first));
    EXPECT_TRUE(cell_before(std::string("a"), Cell(), smallest_first));
    EXPECT_TRUE(cell_before(std::string("a"), std::string("b"), smallest_first));
  }
  EXPECT_TRUE(cell_before(inf, 5.0, false));
  EXPECT_TRUE(cell_before(std::int64_t{2}, std::int64_t{3}, true));
}

TEST(Columns, EachHasItsOwnNameAndAMeaning) {
  std::vector<Heading> all(tensor_columns().begin(), tensor_columns().end());
  all.insert(all.end(), change_columns().begin(), change_columns().end());
  const auto own = tensor_columns().size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_FALSE(all[i].meaning.empty()) << all[i].name;
    for (std::size_t j = i < own ? 0 : own; j < i; ++j) EXPECT_NE(all[i].name, all[j].name);
  }
  try {
    place_of(all, "conf");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "inspect: unknown column 'conf'; did you mean 'cond'?");
  }
}

TEST(NameLists, AreInTheOrderOfTheirReasons) {
  NameLists lists;
  lists.add("a vector", "x");
  lists.add("integers", "y");
  lists.add("a vector", "z");
  EXPECT_EQ(lists.text("Left", 80), "Left, a vector: x, z\nLeft, integers: y\n");
  EXPECT_EQ(lists.text("Left", 18), "Left, a vector:\n  x, z\nLeft, integers:\n  y\n");
}

}  // namespace
}  // namespace sigmagrad::inspection
