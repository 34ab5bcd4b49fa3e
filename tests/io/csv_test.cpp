// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/io/detail/encoding.hpp>
#include <sigmagrad/io/parsers/csv.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/io/files.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using testing::Scratch;
using Texts = std::vector<std::string>;
using Header = CsvOptions::Header;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor numbers(const std::string& text, const CsvOptions& options = {}) {
  return detail::parse_csv_numbers(text, options, "f");
}
CsvTable table(const std::string& text, const CsvOptions& options = {}) {
  return detail::parse_csv(text, options, "f");
}

TEST(Csv, ReadsNumbers) {
  EXPECT_TRUE(same(numbers("1,2\n3,4\n"), tensor({1, 2, 3, 4}, {2, 2})));
  EXPECT_TRUE(same(numbers("1"), tensor({1}, {1, 1})));
  EXPECT_TRUE(same(numbers(" 1 ,\t+2.5e1\n-.5,\"4\""), tensor({1, 25, -0.5, 4}, {2, 2})));
  EXPECT_TRUE(same(numbers("1;2", {.delimiter = ';'}), tensor({1, 2}, {1, 2})));
  EXPECT_TRUE(same(numbers("1\t2", {.delimiter = '\t'}), tensor({1, 2}, {1, 2})));
}

TEST(Csv, ReadsEveryLineEndAndSkipsEmptyLines) {
  const auto expected = tensor({1, 2, 3, 4}, {4, 1});
  EXPECT_TRUE(same(numbers("1\n2\n3\n4"), expected));
  EXPECT_TRUE(same(numbers("1\r\n2\r\n3\r\n4\r\n"), expected));
  EXPECT_TRUE(same(numbers("1\r2\r3\r4\r"), expected));
  EXPECT_TRUE(same(numbers("\n\n1\n\r\n2\n\n3\n4\n\n"), expected));
  EXPECT_TRUE(same(numbers("\xEF\xBB\xBF"
                           "1\n2\n3\n4"),
                   expected));
}

TEST(Csv, FindsTheHeader) {
  const auto expected = tensor({1, 2}, {1, 2});
  EXPECT_TRUE(same(numbers("a,b\n1,2"), expected));
  EXPECT_TRUE(same(numbers(",b\n1,2"), expected));
  EXPECT_TRUE(same(numbers("a,b\n1,2", {.header = Header::Yes}), expected));
  EXPECT_TRUE(same(numbers("2019,2020\n1,2", {.header = Header::Yes}), expected));
  EXPECT_TRUE(same(numbers("a,b\n"), zeros({0, 2})));
  EXPECT_TRUE(same(numbers("2019,2020\n1,2"), tensor({2019, 2020, 1, 2}, {2, 2})));
  EXPECT_EQ(error_of([] { numbers("a,b\n1,2", {.header = Header::No}); }),
            "f: line 1, column 1: \"a\" is not a number that f64 holds: set .header if this line names the columns");
  EXPECT_EQ(error_of([] { numbers("1,x\n1,2"); }),
            "f: line 1, column 2: \"x\" is not a number that f64 holds: set .header if this line names the columns");
}

TEST(Csv, ReadsQuotes) {
  const auto read = table("\"a \"\"b\"\"\",\"x,y\"\r\n\"two\r\nlines\",\"\"\n1,2\n");
  EXPECT_EQ(read.header, (Texts{"a \"b\"", "x,y"}));
  ASSERT_EQ(read.rows.size(), 2U);
  EXPECT_EQ(read.rows[0], (Texts{"two\r\nlines", ""}));
  EXPECT_EQ(read.rows[1], (Texts{"1", "2"}));
  EXPECT_EQ(read.lines, (std::vector<std::int64_t>{2, 4}));
}

TEST(Csv, KeepsTextsAsTheyAre) {
  const auto read = table("1, two ,\n\n3,,NA\n", {.header = Header::No});
  EXPECT_TRUE(read.header.empty());
  EXPECT_EQ(read.rows, (std::vector<Texts>{{"1", " two ", ""}, {"3", "", "NA"}}));
  EXPECT_EQ(read.lines, (std::vector<std::int64_t>{1, 3}));
  EXPECT_TRUE(table("").rows.empty());
}

TEST(Csv, MissingValues) {
  const auto read = numbers("a,b\n1,\nNA,2\n", {.missing = -1.0});
  EXPECT_TRUE(same(read, tensor({1, -1, -1, 2}, {2, 2})));
  EXPECT_TRUE(std::isnan(numbers("1,,3", {.missing = nan}).data<double>()[1]));
  EXPECT_EQ(error_of([] { numbers("a,b\n1,\n"); }),
            "f: line 2, column 2 \"b\": \"\" is missing: set .missing for what it stands for");
  EXPECT_EQ(error_of([] { numbers("1,2\nNA,2\n"); }),
            "f: line 2, column 1: \"NA\" is missing: set .missing for what it stands for");
}

TEST(Csv, SaysWhatIsWrong) {
  EXPECT_EQ(error_of([] { numbers(""); }), "f: holds no values");
  EXPECT_EQ(error_of([] { numbers("a,b\n1,2\n3,x\n"); }),
            "f: line 3, column 2 \"b\": \"x\" is not a number that f64 holds");
  EXPECT_EQ(error_of([] { numbers("1\n1e999\n"); }), "f: line 2, column 1: \"1e999\" is not a number that f64 holds");
  EXPECT_EQ(error_of([] { numbers("1\n+-1\n"); }), "f: line 2, column 1: \"+-1\" is not a number that f64 holds");
  EXPECT_EQ(error_of([] { numbers("1\n1 2\n"); }), "f: line 2, column 1: \"1 2\" is not a number that f64 holds");
  EXPECT_EQ(error_of([] { numbers("1,2\n\n3\n"); }), "f: line 3: 1 fields, the rows before have 2");
  EXPECT_EQ(error_of([] { numbers("1,2\n3,4,5\n"); }), "f: line 2: 3 fields, the rows before have 2");
  EXPECT_EQ(error_of([] { table("a\n\"b\nc"); }), "f: line 2: a quote is opened here and never closed");
  EXPECT_EQ(error_of([] { table("a,b\"c"); }), "f: line 1: a quote within a field that does not begin with one");
  EXPECT_EQ(error_of([] { table("\"a\nb\"c"); }), "f: line 2: expected ',' or the line's end after a closing quote");
  EXPECT_EQ(error_of([] { table("a", {.delimiter = '"'}); }), "f: the delimiter must not be a quote or a line break");
}

TEST(Csv, KeepsNumbersToTheLastBit) {
  const Scratch scratch;
  const auto path = scratch / "file.csv";
  const auto saved =
      cat({randn({100, 3}), tensor({0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, infinity, nan}, {2, 3})}, 0);
  save_csv(saved, path);
  const auto loaded = load_csv(path);
  EXPECT_EQ(loaded.shape(), saved.shape());
  const auto a = detail::bytes_of(loaded), b = detail::bytes_of(saved);
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  const auto single = randn({50, 2}, f32);
  save_csv(single, path);
  EXPECT_TRUE(same(load_csv(path).to(f32), single));
}

TEST(Csv, WritesHeadersAndVectors) {
  const Scratch scratch;
  const auto path = scratch / "file.csv";
  save_csv(tensor({1, 2.5}, {1, 2}), path, {"a,\"b\"", "c"});
  EXPECT_EQ(detail::read_file(path), "\"a,\"\"b\"\"\",c\n1,2.5\n");
  EXPECT_EQ(read_csv(path).header, (Texts{"a,\"b\"", "c"}));
  save_csv(arange(3), path, {"n"});
  EXPECT_EQ(detail::read_file(path), "n\n0\n1\n2\n");
}

TEST(Csv, SaysWhatCannotBeSaved) {
  const auto error = [](const Tensor& tensor, const Texts& header) {
    return error_of([&] { save_csv(tensor, "f", header); });
  };
  EXPECT_EQ(error(ones({2, 2, 2}), {}), "f: expected a matrix or a vector, got [2, 2, 2]");
  EXPECT_EQ(error(ones({2, 2}), {"a"}), "f: a header of 1 names for [2, 2]");
  EXPECT_EQ(error(ones({2, 0}), {}), "f: [2, 0] has no columns to write");
}

TEST(Csv, NumbersBeyondTheRangeAreNoHeader) {
  const Scratch scratch;
  EXPECT_NE(error_of([&] { load_csv(scratch.file("x.csv", "1e-400,1e400\n1,2\n")); }), "no error");
}

}  // namespace
}  // namespace sigmagrad
