// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/io/csv.hpp>
#include <sigmagrad/io/parsers/csv.hpp>
#include <sigmagrad/lab/run/export.hpp>
#include <sigmagrad/lab/run/store.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using testing::contains;
using testing::message_of;
using testing::scratch_directory;

const Int seed{.name = "seed", .help = "of the draw", .quick = {1}};
const Text loss{.name = "loss", .help = "kind", .quick = {"mse"}};
const Register awkward{{.id = "test/awkward",
                        .title = "Names that stand for several things",
                        .parameters = {seed, loss},
                        .trials = {.quick = 2},
                        .trial = [](Trial&) {}}};

std::string exported(const std::filesystem::path& directory, const ExportOptions& options = {}) {
  return export_csv(directory, options);
}

void store_trials(const std::filesystem::path& folder, const std::string& id, std::vector<Finished> finished) {
  Store store = Store::create(folder);
  const Plan plan = plans({.ids = {id}}).front();
  store.put({plan});
  const auto tasks = store.missing(plan);
  for (std::size_t i = 0; i < finished.size(); ++i) finished[i].task = tasks.at(finished.size() - 1 - i);
  store.append(finished);
}

TEST(Export, IsInTheOrderOfTheGridThenOfTheTrials) {
  const auto folder = scratch_directory("export");
  store_trials(folder, "test/sample", std::vector<Finished>(7));
  const auto table = sigmagrad::detail::parse_csv(exported(folder, {.seconds = true}), {}, "export");
  EXPECT_EQ(table.header, (testing::Texts{"experiment", "d", "scale", "fault", "flag", "seed", "stream", "trial",
                                          "status", "error", "seconds"}));
  testing::Texts scales, trials;
  for (const auto& row : table.rows) scales.push_back(row.at(2)), trials.push_back(row.at(7));
  EXPECT_EQ(scales, (testing::Texts{"1", "1", "1", "1", "1", "2", "2"}));
  EXPECT_EQ(trials, (testing::Texts{"0", "1", "2", "3", "4", "0", "1"}));
}

TEST(Export, TellsNamesApartAndKeepsEveryBit) {
  const auto folder = scratch_directory("export-names");
  std::vector<Finished> finished(2);
  finished[0].metrics = {{"loss", 0.1 + 0.2}, {"error", -0.0}};
  finished[1].error = "comma, \"quote\"\nand line";
  store_trials(folder, "test/awkward", finished);
  EXPECT_EQ(exported(folder),
            "experiment,parameter.seed,loss,seed,stream,trial,status,error,metric.loss,metric.error\n"
            "test/awkward,1,mse,42,philox,0,failed,\"comma, \"\"quote\"\"\nand line\",,\n"
            "test/awkward,1,mse,42,philox,1,ok,,0.30000000000000004,-0\n");
}

TEST(Export, JoinsTheColumnsOfSeveralExperiments) {
  const auto folder = scratch_directory("export-several");
  std::vector<Finished> finished(1);
  finished[0].metrics = {{"m", 1}};
  store_trials(folder, "test/sample", finished);
  finished[0].metrics = {{"loss", 2}};
  store_trials(folder, "test/awkward", finished);
  EXPECT_EQ(exported(folder),
            "experiment,parameter.seed,loss,d,scale,fault,flag,seed,stream,trial,status,error,metric.loss,m\n"
            "test/awkward,1,mse,,,,,42,philox,0,ok,,2,\n"
            "test/sample,,,16,1,none,true,42,philox,0,ok,,,1\n");
  EXPECT_TRUE(exported(folder, {.ids = {"test/sample"}}).starts_with("experiment,d,scale,fault,flag,seed"));
  EXPECT_TRUE(contains(message_of([&] { exported(folder, {.ids = {"test/smaple"}}); }), "did you mean 'test/sample'?"));
}

}  // namespace
}  // namespace sigmagrad::lab
