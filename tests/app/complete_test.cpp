// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <csignal>
#include <limits>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/app/ran.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::app {
namespace {

using testing::contains;
using testing::expect_one_line;
using testing::program;
using testing::Ran;
using testing::Scratch;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t rows = 24, columns = 18;

// Entry (i, j) of a matrix of rank one beside its mean.
double truth(std::int64_t i, std::int64_t j) {
  return 3.0 + std::sin(static_cast<double>(i)) * std::cos(2.0 * static_cast<double>(j));
}
bool is_observed(std::int64_t i, std::int64_t j) { return (7 * i + 5 * j + i * j) % 5 < 3; }

// The observed entries a line, their fields joined by `separator`, behind `first_line`.
std::string triplets(const std::string& separator, std::string first_line, const std::string& more = "") {
  std::string text = first_line.empty() ? "" : first_line + '\n';
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      if (is_observed(i, j)) text += fmt::format("u{1}{0}m{2}{0}{3}{4}\n", separator, i, j, truth(i, j), more);
  return text;
}

// These entries as a matrix with NaN, and with one row less.
Tensor dense(std::int64_t empty_row = -1) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      values.push_back(is_observed(i, j) && i != empty_row ? truth(i, j) : nan);
  return tensor(values, {rows, columns});
}

// That matrix as a text, a row a line behind `first_line`; `names` begins each row.
std::string table(const std::string& separator, const std::string& first_line, const char* names, const char* gap) {
  std::string text = first_line.empty() ? "" : first_line + '\n';
  for (std::int64_t i = 0; i < rows; ++i) {
    std::string line = *names ? fmt::format("{}{}{}", names, i, names[0] == '"' ? "\"" : "") : "";
    for (std::int64_t j = 0; j < columns; ++j)
      line += (j == 0 && !*names ? "" : separator) + (is_observed(i, j) ? fmt::format("{}", truth(i, j)) : gap);
    text += line + '\n';
  }
  return text;
}

// "c0", "c1", ... in quotation marks.
std::string column_names(const std::string& separator) {
  std::string line;
  for (std::int64_t j = 0; j < columns; ++j) line += fmt::format("{}\"c{}\"", j > 0 ? separator : "", j);
  return line;
}

// first,first+1,... for the columns.
std::string column_numbers(int first) {
  std::string line;
  for (std::int64_t j = 0; j < columns; ++j) line += fmt::format(",{}", first + j);
  return line;
}

// `complete` with one small model, which is quick.
std::vector<std::string> quick(const std::filesystem::path& input, const std::filesystem::path& output,
                               std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"complete", input.string(), "-o", output.string(), "--depth", "2"};
  for (const char* word : {"--init-scale", "0.01", "--rank", "2", "--epochs", "300", "--no-baselines"})
    arguments.emplace_back(word);
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

nlohmann::json report(const std::vector<std::string>& arguments) {
  auto all = arguments;
  all.emplace_back("--json");
  const Ran ran = program(all);
  EXPECT_EQ(ran.code, 0) << ran.err;
  return nlohmann::json::parse(ran.out);
}

double chosen_rmse(const nlohmann::json& json) {
  for (const auto& method : json["methods"])
    if (method["chosen"]) return method["heldout_rmse"];
  return nan;
}

TEST(Complete, FindsAMatrixOfLowRankWhicheverWayItIsWritten) {
  const Scratch folder;
  const auto expected = report(quick(folder.file("a.csv", triplets(",", "user,movie,rating")), folder / "a.npy"));
  EXPECT_LT(chosen_rmse(expected), 0.02);
  EXPECT_EQ(expected["rows"], rows);
  EXPECT_EQ(expected["columns"], columns);
  EXPECT_EQ(expected["connected"], true);
  const std::vector<std::pair<std::string, std::string>> files{
      {"b.csv", triplets(",", "")},
      {"c.csv", triplets(",", "user,movie,rating,timestamp", ",978300760")},
      {"ratings.dat", triplets("::", "", "::978300760")},
      {"u.data", triplets("\t", "", "\t881250949")},
      {"blank.csv", "\n \n" + triplets(";", "user;movie;rating")},
      {"colons.csv", triplets(",", "user,movie::title,rating,note", ",a::b")},
      {"spaces.txt", triplets(" ", "")},
      {"padded.txt", triplets("   ", "# user movie rating")}};
  for (const auto& [name, text] : files)
    EXPECT_EQ(chosen_rmse(report(quick(folder.file(name, text), folder / "out.npy"))), chosen_rmse(expected)) << name;
}

TEST(Complete, ReadsTablesAsOtherProgramsWriteThem) {
  const Scratch folder;
  save_npy(dense(), folder / "gaps.npy");
  const auto expected = report(quick(folder / "gaps.npy", folder / "full.npy"));
  const std::vector<std::tuple<std::string, std::string, std::vector<std::string>>> files{
      {"write_csv.csv", table(",", "\"\"," + column_names(","), "\"r", "NA"), {}},
      {"numbered.csv", table(",", "\"\"," + column_names(","), "1", "NA"), {}},
      {"write_table.txt", table(" ", column_names(" "), "\"r", "NA"), {}},
      {"marked.csv", "\xEF\xBB\xBF" + table(",", column_names(","), "\"r", ""), {}},
      {"pandas.csv", table(",", column_numbers(0), "1", ""), {}},
      {"pivot.csv", table(",", "user" + column_numbers(17), "1", ""), {}},
      {"pivot_of_texts.csv", table(",", "user" + column_numbers(17), "r", ""), {}},
      {"savetxt.txt", table(" ", "", "", "nan"), {}},
      {"no_header.csv", table(",", "", "r", ""), {}},
      {"yes.csv", table(",", "", "1", ""), {"--row-names", "yes"}},
      {"bars.txt", table("|", column_names("|"), "", "NaN"), {"--separator", "|"}},
      {"tabs.txt", table("\t", "", "", ""), {"--separator", "tab"}}};
  for (const auto& [name, text, more] : files) {
    const auto json = report(quick(folder.file(name, text), folder / "out.csv", more));
    EXPECT_EQ(json["columns"], columns) << name;
    EXPECT_EQ(json["observed"], expected["observed"]) << name;
    EXPECT_EQ(chosen_rmse(json), chosen_rmse(expected)) << name;
  }
  const auto narrow = report({"complete", folder.file("narrow.csv", ",a,b\nr,1,\ns,,2\nt,3,4\n").string(), "-o",
                              (folder / "out.csv").string(), "--epochs", "1", "--no-baselines", "--rank", "1"});
  EXPECT_EQ(narrow["columns"], 2);
  report(
      quick(folder / "write_csv.csv", folder / "out.csv", {"--predict", folder.file("pairs.csv", "r3,c4\n").string()}));
  EXPECT_EQ(read_csv(folder / "out.csv", {.header = CsvOptions::Header::Yes}).rows.at(0).at(3), "model");
  report(quick(folder / "write_csv.csv", folder / "out.csv"));
  EXPECT_TRUE(contains(sigmagrad::detail::read_file(folder / "out.csv"), "row,c0,c1,", "\nr3,"));
}

// Scaling by a power of two changes no digit, whatever squares do.
TEST(Complete, UnitsChangeNothing) {
  const Scratch folder;
  const auto complete_scaled = [&](int exponent) {
    save_npy(dense() * std::ldexp(1.0, exponent), folder / "gaps.npy");
    return report({"complete", (folder / "gaps.npy").string(), "-o", (folder / "full.npy").string(), "--depth", "3",
                   "--init-scale", "0.01", "--rank", "3", "--epochs", "60"});
  };
  const auto expected = complete_scaled(0);
  const auto full = load_npy(folder / "full.npy");
  for (const int exponent : {332, -565, 10}) {
    const auto json = complete_scaled(exponent);
    const double unit = std::ldexp(1.0, exponent);
    EXPECT_EQ(max(abs(load_npy(folder / "full.npy") / unit - full)).item(), 0.0) << exponent;
    ASSERT_EQ(json["methods"].size(), expected["methods"].size());
    for (std::size_t i = 0; i < json["methods"].size(); ++i) {
      const auto &now = json["methods"][i], &then = expected["methods"][i];
      EXPECT_EQ(now["heldout_rmse"].get<double>(), unit * then["heldout_rmse"].get<double>()) << now["name"];
      EXPECT_EQ(now["effective_rank"], then["effective_rank"]) << now["name"];
    }
  }
}

TEST(Complete, WritesObservedEntriesAsTheyAreAndTheOthersAsPredicted) {
  const Scratch folder;
  save_npy(dense(), folder / "gaps.npy");
  report(quick(folder / "gaps.npy", folder / "full.npy"));
  report(quick(folder / "gaps.npy", folder / "full.csv"));
  const auto full = load_npy(folder / "full.npy");
  ASSERT_EQ(full.shape(), Shape({rows, columns}));
  EXPECT_EQ(max(abs(load_csv(folder / "full.csv") - full)).item(), 0.0);
  const auto values = full.data<double>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      const double value = values[static_cast<std::size_t>(i * columns + j)];
      if (is_observed(i, j)) {
        EXPECT_EQ(value, truth(i, j));
      }
      EXPECT_NEAR(value, truth(i, j), 0.1) << i << ' ' << j;
    }
}

TEST(Complete, ReadsTheGapsOfADenseTable) {
  const Scratch folder;
  std::string text = "a,b,c,d,e\n";
  for (int i = 0; i < 12; ++i)
    text += fmt::format("{},{},{},{},{}\n", i, i % 3 == 0 ? "" : std::to_string(2 * i), i % 3 == 1 ? "NaN" : "1",
                        i % 4 == 2 ? "NA" : "2", 3 * i);
  const auto json = report(quick(folder.file("dense.csv", text), folder / "full.csv"));
  EXPECT_EQ(json["observed"], 12 * 5 - 4 - 4 - 3);
  EXPECT_EQ(json["columns"], 5);
  EXPECT_TRUE(sigmagrad::detail::read_file(folder / "full.csv").starts_with("a,b,c,d,e\n0,"));
}

TEST(Complete, TheTableComparesWithTheBaselines) {
  const Scratch folder;
  const auto input = folder.file("a.csv", triplets(",", "row,col,value")).string();
  const Ran ran = program({"complete", input, "-o", (folder / "full.csv").string(), "--depth", "3", "--init-scale",
                           "0.01", "--rank", "3", "--epochs", "60"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(contains(ran.out, "24 x 18", "connected", "held-out RMSE", "effective rank", "stable rank", "  mean",
                       "  row and column means", "  soft-impute", "  depth 2, scale 0.01", "* depth 3, scale 0.01"));
  EXPECT_TRUE(contains(sigmagrad::detail::read_file(folder / "full.csv"), "row,m0,", "\nu3,"));
}

TEST(Complete, PredictsPairsAndFlagsThoseItCannot) {
  const Scratch folder;
  const auto input = folder.file("a.csv", triplets(",", "user,movie,rating"));
  const auto pairs = folder.file("pairs.csv", "user,movie\nu3,m4\nu3,mx\nux,m4\nux,mx\n");
  const auto json = report(quick(input, folder / "out.csv", {"--predict", pairs.string()}));
  EXPECT_TRUE(contains(json["notes"].dump(), "3 of 4 pairs"));
  const auto table = read_csv(folder / "out.csv", {.header = CsvOptions::Header::Yes});
  ASSERT_EQ(table.rows.size(), 4U);
  EXPECT_EQ(table.header, (std::vector<std::string>{"row", "col", "value", "basis"}));
  EXPECT_NEAR(std::stod(table.rows[0][2]), truth(3, 4), 0.1);
  EXPECT_EQ(table.rows[0][3], "model");
  double sum = 0.0, count = 0.0;
  for (std::int64_t j = 0; j < columns; ++j)
    if (is_observed(3, j)) sum += truth(3, j), count += 1.0;
  EXPECT_NEAR(std::stod(table.rows[1][2]), sum / count, 1e-12);
  EXPECT_EQ(table.rows[1][3], "row mean");
  EXPECT_EQ(table.rows[2][3], "column mean");
  EXPECT_EQ(table.rows[3][3], "mean");
}

TEST(Complete, TakesPairsFromAPipe) {
  const Scratch folder;
  const auto input = folder.file("a.csv", triplets(",", "user,movie,rating"));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "u3,m4\n", 6), 6);
  close(ends[1]);
  report(quick(input, folder / "out.csv", {"--predict", fmt::format("/dev/fd/{}", ends[0])}));
  close(ends[0]);
  EXPECT_EQ(read_csv(folder / "out.csv", {.header = CsvOptions::Header::Yes}).rows.size(), 1U);
}

TEST(Complete, NamesOfColumnsMayHaveSpacesAround) {
  const Scratch folder;
  const auto input = folder.file("a.csv", "p, q ,r,s,t\n1,2,3,4,\n,2,3,4,5\n1,,3,4,5\n");
  report(quick(input, folder / "out.csv", {"--predict", folder.file("pairs.csv", "0,q\n0, t\n").string()}));
  for (const auto& row : read_csv(folder / "out.csv", {.header = CsvOptions::Header::Yes}).rows)
    EXPECT_EQ(row[3], "model") << row[1];
}

TEST(Complete, ARowWithoutEntriesGetsColumnMeans) {
  const Scratch folder;
  save_npy(dense(5), folder / "gaps.npy");
  const auto json = report(quick(folder / "gaps.npy", folder / "full.npy", {"--no-bias"}));
  EXPECT_TRUE(contains(json["notes"].dump(), "1 rows and 0 columns have no entry"));
  EXPECT_EQ(json["connected"], false);
  EXPECT_EQ(json["parts"], 2);
  double sum = 0.0, count = 0.0;
  for (std::int64_t i = 0; i < rows; ++i)
    if (is_observed(i, 2) && i != 5) sum += truth(i, 2), count += 1.0;
  EXPECT_NEAR(load_npy(folder / "full.npy").select(0, 5).select(0, 2).item(), sum / count, 1e-12);
}

TEST(Complete, EveryLossTrainsAndTheSeedDecides) {
  const Scratch folder;
  save_npy(dense(), folder / "gaps.npy");
  for (const char* loss : {"absolute", "huber"})
    EXPECT_LT(chosen_rmse(report(quick(folder / "gaps.npy", folder / "full.npy", {"--loss", loss}))), 0.2) << loss;
  const auto rmse = [&](const char* seed) {
    return chosen_rmse(report(quick(folder / "gaps.npy", folder / "full.npy", {"--seed", seed})));
  };
  EXPECT_EQ(rmse("1"), rmse("1"));
  EXPECT_NE(rmse("1"), rmse("2"));
}

TEST(Complete, AConstantIsCompletedByItself) {
  const Scratch folder;
  const auto constant = where(dense() > -100.0, full({rows, columns}, 5.0), full({rows, columns}, nan));
  save_npy(constant, folder / "gaps.npy");
  report(quick(folder / "gaps.npy", folder / "full.npy"));
  EXPECT_LT(max(abs(load_npy(folder / "full.npy") - 5.0)).item(), 1e-6);
}

TEST(Complete, BadInputIsOneLineThatSaysWhere) {
  const Scratch folder;
  const auto expect = [&](const std::string& text, const std::string& part, std::vector<std::string> more = {}) {
    expect_one_line(quick(folder.file("in.csv", text), folder / "out.csv", std::move(more)), part);
    EXPECT_FALSE(std::filesystem::exists(folder / "out.csv"));
  };
  expect("u,m,r\na,x,1\na,y,2\nb,x,3\na,x,4\n",
         "in.csv: line 5: row \"a\", column \"x\" has a value already, on line 2");
  expect("1,1,1\n1,2,good\n", "in.csv: line 2: the value \"good\" is not a number");
  expect("a,x,1\nb,y,nan\n", "in.csv: line 2: the value nan is not finite");
  expect("a,x,inf\nb,y,1\n", "in.csv: line 1: the value inf is not finite");
  expect("a,x,1\nb,,1\n", "in.csv: line 2: the id of its row or column is empty");
  expect("1,2,3\n4,nan,6\n",
         "in.csv: line 2: \"nan\" is no id of a row or column; a dense matrix is read with --format dense");
  expect("a,x,1\nb,y\n", "in.csv: line 2: 2 fields, the rows before have 3");
  expect("a,x,1\na,y,1\n", "a matrix of 1 x 2 cannot be completed");
  expect("1,,,4,5\n", "a matrix of 1 x 5 cannot be completed");
  expect("1,2\n3,4\n", "every entry of the 2 x 2 matrix is observed");
  expect(",,\n,NA,NaN\n", "no entry is observed", {"--format", "dense"});
  expect("a,x,1\nb,y,1\n", "2 observed entries are too few");
  expect("1,2,3,4,5\n1,2,x,,5\n", "in.csv: line 2: column 3: \"x\" is not a number");
  expect("1,2,3,4,5\n1,2,\"x\ny\",,5\n", "in.csv: line 2: column 3: \"x\\ny\" is not a number");
  expect("1,2,3,4,5\n1,2,inf,,5\n", "in.csv: line 2: column 3: inf is not finite");
  expect("1,2\n3,4\n", "in.csv: line 1: 2 fields, expected row,col,value", {"--format", "triplets"});
  expect("a,x,1e301\na,y,2\nb,x,3\n", "in.csv: row \"a\", column \"x\": 1e+301 is too large");
  expect("1\n2\n", "in.csv: line 1: 1 field, with no tab, comma, semicolon, :: or space between two; --separator");
  expect("a,p,q,r,s\nx,1,2,3,\nx,1,,3,4\n", "in.csv: line 3: the row's name \"x\" is there already");
  expect("a,p,q,r,s\nx,1,2,3,\ny,1,,3,4\n", "in.csv: line 2: column 1: \"x\" is not a number; row,col,value",
         {"--row-names", "no"});
  expect("1,2,3,4,5\nx,2,3,,5\n", "in.csv: line 2: column 1: \"x\" is not a number");
  expect("1,2,3,4\n1,2,3,,5\n", "in.csv: line 2: 5 fields, the rows before have 4");
  expect("x,3,2,4,5\n1,2,3,,5\n", "in.csv: line 1: column 1: \"x\" is not a number");
  expect("a,b,1\nc,d,2\n", "in.csv: --row-names is for a dense text", {"--format", "triplets", "--row-names", "yes"});
  expect("a,b,1\nc,d,2\n", "in.csv: line 1: 1 field, with no separator \"|\"", {"--separator", "|"});
  expect("1,,3,4,5\n", "unknown separator 'tabs'; did you mean 'tab'?", {"--separator", "tabs"});
  expect("1,,3,4,5\n", "unknown row-names 'ye'; did you mean 'yes'?", {"--row-names", "ye"});
  expect("", "in.csv: holds no values");
  expect("1,,3,4,5\n", "unknown format 'dens'; did you mean 'dense'?", {"--format", "dens"});
  expect_one_line(quick(folder / "none.csv", folder / "out.csv"), "none.csv: cannot be read");
  save_npy(tensor({1.0, 2.0}), folder / "vector.npy");
  expect_one_line(quick(folder / "vector.npy", folder / "out.csv"), "vector.npy: expected a matrix, got [2]");
}

TEST(Complete, BadArgumentsAreToldBeforeTraining) {
  const Scratch folder;
  const auto input = folder.file("a.csv", triplets(",", ""));
  const auto expect = [&](const std::vector<std::string>& more, const std::string& part) {
    expect_one_line(quick(input, folder / "out.csv", more), part);
  };
  expect({"--rank", "0"}, "--rank");
  expect({"--loss", "squared"}, "unknown loss 'squared'; did you mean 'square'?");
  expect({"--validation", "1.5"}, "--validation");
  expect({"--stop", "0"}, "--stop");
  expect({"--predict", folder.file("empty.csv", "user,movie\n").string()}, "holds no row,col pairs");
  expect({"--predict", folder.file("one.csv", "u1\n").string()}, "one.csv: line 1: 1 field, expected row,col");
  expect_one_line(quick(input, "/proc/nowhere/out.csv"), "/proc/nowhere/out.csv: cannot be written");
  expect_one_line(quick(input, input), "would replace what is read");
  expect_one_line({"complete", input.string(), "-o", "out.csv", "--depth", "1"}, "--depth");
  expect_one_line({"complete", input.string()}, "--output");
  EXPECT_EQ(folder.names().size(), 3U);  // nothing half-written
}

// In a process of its own, ended by a signal in a training that would not end.
TEST(Complete, AnInterruptWritesTheBestSoFar) {
  const Scratch folder;
  const auto input = folder.file("a.csv", triplets(",", ""));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    std::_Exit(lab::run_program({"complete", input.string(), "-o", (folder / "full.npy").string(), "--epochs",
                                 "1000000000", "--stop", "1000000000"}));
  }
  close(ends[1]);
  std::string text;  // grows until the child has nothing more to say
  char part[256];
  bool sent = false;
  for (ssize_t length = 0; (length = read(ends[0], part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(length));
    if (!sent && text.find("training: depth 2") != text.npos) sent = kill(child, SIGINT) == 0;
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_TRUE(contains(text, "interrupted: the best state so far completes"));
  EXPECT_EQ(load_npy(folder / "full.npy").shape(), Shape({rows, columns}));
}

}  // namespace
}  // namespace sigmagrad::app
