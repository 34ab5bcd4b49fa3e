// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>
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

// A model with all that a file may hold but kernels: a matrix of known spectrum, vectors, numbers that are none.
NamedTensors weights() {
  const auto w = tensor({3, 0, 0, 0, 2, 0, 0, 0, 1}, {3, 3});
  return {{"layer.weight", w},     {"layer.bias", ones({3})}, {"singular", ones({4, 3})},
          {"zero", zeros({2, 5})}, {"row", ones({1, 4})},     {"broken", where(w > 2.5, w / 0.0, 0.0 * w / (w - 2.0))}};
}

nlohmann::json rows_of(const std::vector<std::string>& arguments, int code = 0) {
  auto all = arguments;
  all.insert(all.begin(), "inspect");
  all.emplace_back("--json");
  const Ran ran = program(all);
  EXPECT_EQ(ran.code, code) << ran.err;
  return nlohmann::json::parse(ran.out)["files"];
}

// The row of this name.
nlohmann::json row(const nlohmann::json& file, const std::string& name) {
  for (const auto& tensor : file["tensors"])
    if (tensor["name"] == name) return tensor;
  ADD_FAILURE() << name;
  return {};
}

TEST(Inspect, HasEveryTensorInTheOrderOfTheFile) {
  const Scratch folder;
  save(weights(), folder / "model.safetensors");
  const auto file = rows_of({(folder / "model.safetensors").string()}).at(0);
  EXPECT_EQ(file["file"], (folder / "model.safetensors").string());
  EXPECT_EQ(file["error"], nullptr);
  ASSERT_EQ(file["tensors"].size(), weights().size());
  const Ran ran = program({"inspect", (folder / "model.safetensors").string(), "--json"});
  const auto ordered = nlohmann::ordered_json::parse(ran.out);
  std::vector<std::string> keys;
  for (const auto& item : ordered["files"][0]["tensors"][0].items()) keys.push_back(item.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"name",
                                            "shape",
                                            "dtype",
                                            "matrix",
                                            "note",
                                            "s1",
                                            "sn",
                                            "cond",
                                            "frobenius",
                                            "nuclear",
                                            "stable_rank",
                                            "effective_rank",
                                            "effective_rank_squares",
                                            "numerical_rank",
                                            "gap",
                                            "mp_edge",
                                            "spikes",
                                            "alpha",
                                            "xmin",
                                            "D",
                                            "tail",
                                            "power_law"}));
}

TEST(Inspect, NumbersAreThoseOfTheMatrix) {
  const Scratch folder;
  save(weights(), folder / "model.safetensors");
  const auto file = rows_of({(folder / "model.safetensors").string()}).at(0);
  const auto w = row(file, "layer.weight");
  EXPECT_EQ(w["shape"], nlohmann::json({3, 3}));
  EXPECT_EQ(w["matrix"], nlohmann::json({3, 3}));
  EXPECT_EQ(w["dtype"], "F64");
  EXPECT_EQ(w["note"], nullptr);
  EXPECT_NEAR(w["s1"].get<double>(), 3.0, 1e-14);
  EXPECT_NEAR(w["sn"].get<double>(), 1.0, 1e-14);
  EXPECT_NEAR(w["cond"].get<double>(), 3.0, 1e-14);
  EXPECT_NEAR(w["frobenius"].get<double>(), std::sqrt(14.0), 1e-14);
  EXPECT_NEAR(w["nuclear"].get<double>(), 6.0, 1e-14);
  EXPECT_NEAR(w["stable_rank"].get<double>(), 14.0 / 9, 1e-14);
  EXPECT_NEAR(w["gap"].get<double>(), 1.0 / 3, 1e-14);
  EXPECT_NEAR(w["mp_edge"].get<double>(), std::sqrt(14.0 / 9) * 2 * std::sqrt(3.0), 1e-14);
  EXPECT_EQ(w["numerical_rank"], 3);
  EXPECT_EQ(w["spikes"], 0);
  EXPECT_EQ(w["alpha"], nullptr);
}

TEST(Inspect, WhatIsNoMatrixHasItsReason) {
  const Scratch folder;
  save(weights(), folder / "model.safetensors");
  const auto file = rows_of({(folder / "model.safetensors").string()}).at(0);
  EXPECT_EQ(row(file, "layer.bias")["note"], "a vector");
  EXPECT_EQ(row(file, "layer.bias")["matrix"], nullptr);
  EXPECT_TRUE(contains(row(file, "broken")["note"].get<std::string>(), " NaN and ", " infinite of 9 entries"));
  EXPECT_EQ(row(file, "broken")["s1"], nullptr);
  const auto singular = row(file, "singular");
  EXPECT_EQ(singular["numerical_rank"], 1);
  EXPECT_TRUE(singular["cond"] == "inf" || singular["cond"].get<double>() > 1e15);
  const auto zero = row(file, "zero");
  EXPECT_EQ(zero["s1"], 0.0);
  EXPECT_EQ(zero["frobenius"], 0.0);
  EXPECT_EQ(zero["stable_rank"], nullptr);
  EXPECT_EQ(row(file, "row")["s1"], 2.0);
  EXPECT_EQ(row(file, "row")["gap"], nullptr);
}

TEST(Inspect, InfinityIsAWord) {
  const Scratch folder;
  save({{"flat", tensor({1, 0, 0, 0}, {2, 2})}}, folder / "model.safetensors");
  EXPECT_EQ(rows_of({(folder / "model.safetensors").string()}).at(0)["tensors"][0]["cond"], "inf");
  const Ran csv = program({"inspect", (folder / "model.safetensors").string(), "--csv"});
  EXPECT_TRUE(
      contains(csv.out, "file,name,shape,dtype,matrix,note,s1,", "model.safetensors,flat,2x2,F64,2x2,,1,0,inf,"));
}

TEST(Inspect, TheTableHasMatricesThenTheReasons) {
  const Scratch folder;
  save(weights(), folder / "model.safetensors");
  const Ran ran = program({"inspect", (folder / "model.safetensors").string()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_TRUE(contains(ran.out, "6 tensors with 47 parameters, 4 matrices measured", "product of spectral norms 0",
                       "sum of stable ranks", "worst conditioned (cond): ", "\nlayer.weight  3x3 ",
                       "Not measured, a vector: layer.bias [3]", "Not measured, "));
  EXPECT_FALSE(ran.out.find("alpha") != std::string::npos);
  setenv("COLUMNS", "60", 1);
  const Ran narrow = program({"inspect", (folder / "model.safetensors").string()});
  unsetenv("COLUMNS");
  std::size_t longest = 0, length = 0;
  for (const char c :
       narrow.out.substr(narrow.out.find("\n\n"), narrow.out.find("No room") - narrow.out.find("\n\n"))) {
    length = c == '\n' ? 0 : length + 1;
    longest = std::max(longest, length);
  }
  EXPECT_LE(longest, 60U) << narrow.out;
  EXPECT_TRUE(contains(narrow.out, "No room for "));
}

TEST(Inspect, OnlyAndSortChooseAndOrder) {
  const Scratch folder;
  Generator generator(3);
  NamedTensors tensors;
  for (int i = 0; i < 4; ++i)
    tensors.emplace_back(fmt::format("layer.{}.weight", i), (i % 2 + 1.0) * randn({4 + i, 5}, generator));
  tensors.emplace_back("layer.1.bias", ones({2}));
  save(tensors, folder / "m.safetensors");
  const auto path = (folder / "m.safetensors").string();
  const auto some = rows_of({path, "--only", "layer.[12].weight", "--only", "*.bias"}).at(0)["tensors"];
  ASSERT_EQ(some.size(), 3U);
  EXPECT_EQ(some[0]["name"], "layer.1.weight");
  const auto by_s1 = rows_of({path, "--sort", "s1"}).at(0)["tensors"];
  for (int i = 0; i < 3; ++i) EXPECT_GE(by_s1[i]["s1"], by_s1[i + 1]["s1"]);
  EXPECT_EQ(by_s1[4]["name"], "layer.1.bias");
  const auto by_rank = rows_of({path, "--sort", "stable_rank"}).at(0)["tensors"];
  for (int i = 0; i < 3; ++i) EXPECT_LE(by_rank[i]["stable_rank"], by_rank[i + 1]["stable_rank"]);
  expect_one_line({"inspect", path, "--only", "layers.*"}, "no tensor has a name that --only 'layers.*' fits");
  expect_one_line({"inspect", path, "--sort", "conds"}, "unknown column 'conds'; did you mean 'cond'?");
}

TEST(Inspect, KernelsAreMatricesAndSayHow) {
  const Scratch folder;
  Generator generator(4);
  const auto kernel = randn({4, 3, 2, 2}, generator);
  save({{"conv", kernel}}, folder / "m.safetensors");
  const auto path = (folder / "m.safetensors").string();
  const auto by = [&](const char* view) { return rows_of({path, "--kernel", view}).at(0)["tensors"][0]; };
  EXPECT_EQ(rows_of({path}).at(0)["tensors"][0], by("rows"));
  EXPECT_EQ(by("rows")["matrix"], nlohmann::json({4, 12}));
  EXPECT_EQ(by("rows")["note"], "kernel as out x (in k k)");
  EXPECT_NEAR(by("rows")["s1"].get<double>(), linalg::norm(kernel.reshape({4, 12}), 2).item(), 1e-13);
  EXPECT_EQ(by("channels")["matrix"], nlohmann::json({3, 16}));
  EXPECT_TRUE(contains(by("exact")["note"].get<std::string>(), "convolution"));
  EXPECT_GT(by("exact")["s1"].get<double>(), by("rows")["s1"].get<double>());
  EXPECT_TRUE(
      contains(program({"inspect", path}).out, "  4x12 ", "\nMeasured, kernel as out x (in k k): conv [4x3x2x2]\n"));
  expect_one_line({"inspect", path, "--kernel", "exakt"}, "did you mean 'exact'?");
}

TEST(Inspect, TheSameBytesForAnyNumberOfJobs) {
  const Scratch folder;
  Generator generator(5);
  NamedTensors tensors;
  for (int i = 0; i < 9; ++i) tensors.emplace_back(fmt::format("w{}", i), randn({20 + 3 * i, 30 - 2 * i}, generator));
  save(tensors, folder / "a.safetensors");
  save_npz(tensors, folder / "b.npz");
  for (const char* form : {"--json", "--csv", "--fit"}) {
    const auto with = [&](const char* jobs) {
      return program({"inspect", (folder / "").string(), form, "--jobs", jobs}).out;
    };
    EXPECT_EQ(with("1"), with("4")) << form;
    EXPECT_GT(with("2").size(), 1000U);
  }
}

TEST(Inspect, AFileThatFailsLeavesTheOthers) {
  const Scratch folder;
  save_npy(ones({2, 3}), folder / "good.npy");
  folder.file("bad.safetensors", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10));
  folder.file("cut.npy", sigmagrad::detail::read_file(folder / "good.npy").substr(0, 140));
  const Ran ran = program({"inspect", (folder / "").string(), (folder / "none.pt").string()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_TRUE(contains(ran.out, "good.npy", "2x3"));
  EXPECT_TRUE(contains(ran.err, "bad.safetensors", "cut.npy", "none.pt: there is no such file or folder\n"));
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 3) << ran.err;
  const auto files = rows_of({(folder / "").string()}, 1);
  ASSERT_EQ(files.size(), 3U);
  EXPECT_TRUE(contains(files[0]["error"].get<std::string>(), "bad.safetensors"));
  EXPECT_EQ(files[2]["error"], nullptr);
}

TEST(Inspect, WhatIsMissingIsSaidWhateverOnlyFits) {
  const Scratch folder;
  save_npy(ones({2, 3}), folder / "good.npy");
  const auto good = (folder / "good.npy").string(), none = (folder / "none.pt").string();
  const std::string missing = "none.pt: there is no such file or folder\n";
  const Ran alone = program({"inspect", none, "--only", "x"});
  EXPECT_EQ(alone.code, 1);
  EXPECT_TRUE(alone.err.ends_with(missing) && alone.out.empty()) << alone.err << alone.out;
  EXPECT_EQ(std::ranges::count(alone.err, '\n'), 1) << alone.err;
  const Ran beside = program({"inspect", none, good, "--only", "x"});
  EXPECT_EQ(beside.code, 2);
  EXPECT_TRUE(contains(beside.err, missing, "no tensor has a name that --only 'x' fits\n"));
  const Ran changes = program({"inspect", good, good, none, "--diff", "--only", "x"});
  EXPECT_EQ(changes.code, 2);
  EXPECT_TRUE(contains(changes.err, missing, "no tensor has a name that --only 'x' fits\n"));
}

TEST(Inspect, TheToleranceOfTheRankIsAColumn) {
  const Scratch folder;
  save({{"w", ones({2, 2}, f32)}}, folder / "m.safetensors");
  const auto path = (folder / "m.safetensors").string();
  EXPECT_TRUE(contains(program({"inspect", path, "--csv"}).out, ",numerical_rank,rank_tolerance,gap,",
                       fmt::format(",1,{},", 2.0 * std::numeric_limits<float>::epsilon())));
  EXPECT_TRUE(contains(program({"inspect", path, "--csv", "--rank-tol", "0.125"}).out, ",1,0.125,"));
}

TEST(Inspect, AFolderWithoutModelsIsOneLine) {
  const Scratch folder;
  folder.file("notes.txt", "none");
  const Ran ran = program({"inspect", (folder / "").string()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(contains(ran.err, "the folder holds no file of tensors\n"));
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1);
  expect_one_line({"inspect"}, "inputs");
  expect_one_line({"inspect", "x", "--json", "--csv"}, "excludes");
  expect_one_line({"inspect", "x", "--rank-tol", "2"}, "--rank-tol");
  expect_one_line({"inspect", "x", "--sort", "alpha"}, "--sort alpha needs --fit");
  expect_one_line({"inspect", "x", "y", "--diff", "--fit"}, "--fit goes without --diff");
  expect_one_line({"inspect", "x", "--out", "/proc/nowhere"}, "/proc/nowhere: cannot be written");
}

TEST(Inspect, TheHelpSaysWhatTheColumnsMean) {
  const Ran ran = program({"inspect", "--help"});
  EXPECT_TRUE(contains(ran.out, "  stable_rank ", "frobenius^2 / s1^2 [directions]", "  power_law ", "  left_angle "));
}

TEST(Inspect, DiffFollowsCheckpoints) {
  const Scratch folder;
  Generator generator(6);
  const auto w = randn({6, 5}, generator), step = 0.1 * randn({6, 5}, generator);
  for (const int i : {0, 1, 2, 10})
    save({{"w", w + static_cast<double>(i) * step}, {"b", ones({5})}}, folder / fmt::format("step_{}.safetensors", i));
  const Ran ran = program({"inspect", (folder / "").string(), "--diff", "--json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const auto changes = nlohmann::json::parse(ran.out)["changes"];
  ASSERT_EQ(changes.size(), 3U);
  const int steps[] = {1, 2, 10};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(contains(changes[i]["to"].get<std::string>(), fmt::format("step_{}.", steps[i])));
    const auto change = changes[i]["tensors"][0];
    EXPECT_NEAR(change["distance"].get<double>(), steps[i] * linalg::norm(step).item(), 1e-13);
    const auto expected = relative_errors(w + static_cast<double>(steps[i]) * step, w);
    EXPECT_NEAR(change["overall_error"].get<double>(), expected.overall, 1e-14);
    EXPECT_NEAR(change["row_norm_error"].get<double>(), expected.row_norm, 1e-14);
    EXPECT_NEAR(change["gap_error"].get<double>(), expected.gap, 1e-14);
    EXPECT_EQ(change["left_angles"].size(), 2U);
    EXPECT_EQ(changes[i]["tensors"][1]["note"], "a vector");
  }
  const Ran table = program({"inspect", (folder / "").string(), "--diff", "--sort", "distance"});
  EXPECT_TRUE(
      contains(table.out, "W = ", "step_0.safetensors\nV = ", "overall_error", "Not compared, a vector: b [5]"));
  expect_one_line({"inspect", (folder / "step_0.safetensors").string(), "--diff"}, "--diff needs two files or more");
}

TEST(Inspect, TheReportHasTableFiguresAndData) {
  const Scratch folder;
  Generator generator(7);
  save({{"a<b", randn({30, 20}, generator)}, {"b", ones({2})}}, folder / "m.safetensors");
  const auto out = folder / "out";
  const Ran ran = program({"inspect", (folder / "m.safetensors").string(), "--fit", "--out", out.string()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const auto page = sigmagrad::detail::read_file(out / "report.html");
  EXPECT_TRUE(contains(page, "a&lt;b", "class=\"sheet\"", "stable_rank", "frobenius^2 / s1^2", "b [2, F64]: a vector",
                       "Before concluding", "tensors.csv"));
  EXPECT_TRUE(std::filesystem::exists(out / "tensors.csv"));
  const auto data = read_csv(out / "figures/spectrum-1-1.csv", {.header = CsvOptions::Header::Yes});
  EXPECT_EQ(std::ranges::count_if(data.rows, [](const auto& cells) { return cells.back() == "singular values"; }), 20);
  EXPECT_EQ(program({"inspect", (folder / "m.safetensors").string(), (folder / "m.safetensors").string(), "--diff",
                     "--out", (folder / "diff").string()})
                .code,
            0);
  EXPECT_TRUE(contains(sigmagrad::detail::read_file(folder / "diff/report.html"), "What changed since", "changes.csv"));
}

}  // namespace
}  // namespace sigmagrad::app
