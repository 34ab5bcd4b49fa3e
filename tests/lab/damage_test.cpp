// SPDX-License-Identifier: BSD-3-Clause
// What a bit that has flipped on the disk may do to results: be harmless, be named, be refused; never be believed.
#include <algorithm>
#include <fstream>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/report/stored_report.hpp>
#include <sigmagrad/lab/run/export.hpp>
#include <sigmagrad/lab/run/manifest.hpp>
#include <sigmagrad/lab/run/merge.hpp>
#include <sigmagrad/lab/run/store_file.hpp>
#include <sigmagrad/lab/run/trials.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using sigmagrad::detail::read_file;
using testing::contains;
using testing::message_of;
using testing::sample_session;
using testing::sample_wishes;
using testing::scratch_directory;

// Runs what is missing, without figures. Returns what was mended.
std::string complete(const std::filesystem::path& out) {
  Store store = Store::create(out);
  const auto all = plans(sample_wishes());
  store.put(all);
  for (const Task& task : store.missing(all.front())) store.append(run_trials({&task, 1}));
  return store.mended();
}

std::filesystem::path finished(const std::string& name) {
  const auto out = scratch_directory(name);
  complete(out);
  write_manifest({.command = {name}, .plans = plans(sample_wishes())}, out);
  return out;
}

void write(const std::filesystem::path& file, const std::string& bytes) { std::ofstream(file) << bytes; }

// Another text of the same length in its place.
void replace(const std::filesystem::path& directory, const std::string& before, const std::string& after) {
  auto bytes = read_file(directory / "results.db");
  const auto at = bytes.find(before);
  ASSERT_NE(at, bytes.npos) << before;
  ASSERT_EQ(before.size(), after.size());
  bytes.replace(at, before.size(), after);
  write(directory / "results.db", bytes);
}

struct Exported {
  std::string csv = {}, refused = {};
  std::vector<Damage> damaged = {};
};

Exported exported(const std::filesystem::path& directory) {
  Exported result;
  try {
    result.csv = export_csv(directory, {}, result.damaged);
  } catch (const Error& error) {
    result.refused = error.what();
  }
  return result;
}

TEST(Damage, NoFlippedBitIsBelieved) {
  const auto out = finished("flips");
  const auto bytes = read_file(out / "results.db"), before = exported(out).csv;
  std::mt19937_64 random(7);
  for (int flip = 0; flip < 60; ++flip) {
    const auto bit = random() % (8 * bytes.size());
    auto changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    write(out / "results.db", changed);
    const auto now = exported(out);
    EXPECT_TRUE(now.csv == before || !now.damaged.empty() || !now.refused.empty()) << "bit " << bit << " is believed";
    EXPECT_EQ(now.refused.find("malformed"), std::string::npos) << now.refused;
    if (message_of([&] { complete(out); }) == "no error") {
      EXPECT_EQ(exported(out).csv, before) << "bit " << bit << " is not mended";
    }
  }
}

TEST(Damage, ARowIsNamedLeftOutRunAgainAndReplaced) {
  const auto out = finished("row");
  const auto before = exported(out).csv;
  replace(out, "\"mean_error\":0.", "\"mean_error\":1.");
  const auto damaged = exported(out);
  ASSERT_EQ(damaged.damaged.size(), 1u);
  EXPECT_EQ(damaged.damaged[0].experiment, "test/sample");
  EXPECT_TRUE(contains(damaged.damaged[0].what, "trial ", " of \"test/sample\" ", "scale"));
  EXPECT_EQ(std::ranges::count(damaged.csv, '\n') + 1, std::ranges::count(before, '\n'));
  EXPECT_TRUE(contains(message_of([&] { export_csv(out, {}); }), "damaged: 1 row (trial ", to_mend));
  EXPECT_EQ(pending(sample_session(out)).size(), 1u);
  EXPECT_TRUE(contains(complete(out), "was damaged: 1 row (trial ", "14 trials are sound and kept", ".damaged"));
  EXPECT_EQ(exported(out).csv, before);
  EXPECT_TRUE(exported(out).damaged.empty());
  EXPECT_EQ(Store::create(out).mended(), "");
  EXPECT_TRUE(std::filesystem::exists(out / "results.db.damaged"));
  for (const auto& entry : std::filesystem::directory_iterator(out))
    EXPECT_EQ(entry.path().string().find("mending"), std::string::npos) << entry.path();
}

TEST(Damage, WhatCannotBeMendedStaysAsItIs) {
  const auto out = finished("stays");
  replace(out, "\"mean_error\":0.", "\"mean_error\":1.");
  const auto bytes = read_file(out / "results.db");
  std::filesystem::create_directories(out / "results.db.damaged/taken");
  EXPECT_TRUE(contains(message_of([&] { complete(out); }), "results.db: is damaged, and cannot be mended: "));
  EXPECT_EQ(read_file(out / "results.db"), bytes);
  EXPECT_FALSE(std::filesystem::exists(out / "results.db.mending"));
}

TEST(Damage, AFileBehindALinkIsMendedWhereItIs) {
  const auto out = finished("link"), disk = scratch_directory("disk");
  const auto before = exported(out).csv;
  replace(out, "\"mean_error\":0.", "\"mean_error\":1.");
  std::filesystem::create_directories(disk);
  std::filesystem::rename(out / "results.db", disk / "results.db");
  std::filesystem::create_symlink(disk / "results.db", out / "results.db");
  EXPECT_TRUE(contains(complete(out), "14 trials are sound and kept"));
  EXPECT_TRUE(std::filesystem::is_symlink(out / "results.db"));
  EXPECT_EQ(exported(disk).csv, before);
}

TEST(Damage, AKeyThatNoQueryFindsIsSeen) {
  const auto out = finished("key");
  replace(out, "test/sample{\"d\":16,\"fault\":\"none\",\"flag\":true,\"scale\":2.0}",
          "test/sample{\"d\":17,\"fault\":\"none\",\"flag\":true,\"scale\":2.0}");
  const auto now = exported(out);
  EXPECT_TRUE(!now.damaged.empty() || !now.refused.empty());
}

TEST(Damage, ReportAndMergeSayWhatTheyLeaveOut) {
  const auto out = finished("said"), into = scratch_directory("said-into");
  replace(out, "\"mean_error\":0.", "\"mean_error\":1.");
  for (const auto& evaluations : {rebuild_report(out), rebuild_report(into, merge({out}, into, {}))}) {
    EXPECT_EQ(evaluations.at(0).damaged, 1u);
    EXPECT_TRUE(contains(evaluations[0].notes.back(), "damaged and left out: 1 row (trial ", to_mend));
  }
  EXPECT_TRUE(contains(read_file(into / "report.html"), "damaged and left out: 1 row"));
  EXPECT_EQ(Store::open(into).missing(plans(sample_wishes()).front()).size(), 1u);
}

TEST(Damage, SettingsThatAreLostAreNamedAndPutAgain) {
  const auto out = finished("settings");
  const auto before = exported(out).csv;
  replace(out, "\"preset\":\"quick\"", "\"preset\":\"quack\"");
  const auto now = exported(out);
  ASSERT_EQ(now.damaged.size(), 1u);
  EXPECT_EQ(now.damaged[0].what, "the settings of \"test/sample\"");
  EXPECT_TRUE(contains(message_of([&] { rebuild_report(out); }), "holds no results that could be reported", to_mend));
  const auto into = scratch_directory("settings-into");
  EXPECT_TRUE(
      contains(message_of([&] { merge({out}, into, {}); }), "no results that could be joined: damaged", to_mend));
  EXPECT_FALSE(std::filesystem::exists(into / "results.db"));
  EXPECT_FALSE(drive(sample_session(out)).interrupted);
  EXPECT_EQ(exported(out).csv, before);
}

// Pages that cannot be read cost their own rows alone.
TEST(Damage, PagesThatDoNotFitAreRefusedAndMended) {
  const auto out = finished("pages");
  const auto before = exported(out).csv;
  auto bytes = read_file(out / "results.db");
  const auto page = bytes.rfind("mean_error") / 4096 * 4096;
  bytes.replace(page, 8, 8, '\x55');
  write(out / "results.db", bytes);
  EXPECT_TRUE(contains(exported(out).refused, "is damaged: its pages do not fit together", to_mend));
  EXPECT_TRUE(contains(complete(out), "its pages do not fit together", "are sound and kept"));
  EXPECT_EQ(exported(out).csv, before);
}

TEST(Damage, AFileThatWasCutOffKeepsTheRowsBeforeTheCut) {
  const auto out = finished("short");
  const auto before = exported(out).csv;
  const auto size = std::filesystem::file_size(out / "results.db");
  std::filesystem::resize_file(out / "results.db", size - 4096);
  EXPECT_TRUE(contains(exported(out).refused, "is damaged: its pages do not fit together", to_mend));
  EXPECT_EQ(complete(out).find("; 0 trials are sound"), std::string::npos);
  EXPECT_EQ(exported(out).csv, before);
}

TEST(Damage, OfTheSchemaIsRefusedWithTheWayOut) {
  const auto out = finished("schema");
  replace(out, "seconds REAL", "seconds REAM");
  EXPECT_TRUE(contains(exported(out).refused, "damaged where its tables are described", "another --out"));
  const auto cut = finished("cut");
  std::filesystem::resize_file(cut / "results.db", 4096);
  EXPECT_TRUE(contains(exported(cut).refused, "results.db: is damaged"));
  EXPECT_EQ(exported(cut).refused.find("malformed"), std::string::npos);
}

// A row whose checksum is right, as another version may have written it.
TEST(Settings, OfAFileHaveTheLimitsOfACommandLine) {
  const auto out = finished("limits");
  std::string values = "1";
  for (int i = 2; i <= 4096; ++i) values += fmt::format(",{}", i);
  const auto json = fmt::format(
      "{{\"experiment\":\"test/sample\",\"preset\":\"quick\",\"seed\":42,\"stream\":\"philox\",\"trials\":5,"
      "\"parameters\":{{\"d\":[{0}],\"scale\":[{0}],\"fault\":[\"none\"],\"flag\":[{0}]}}}}",
      values);
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
           {json, "combinations of parameters are too many for one run"},
           {"{\"experiment\":\"test/sample\"}", "from another program or version: a field is not there"},
           {"{\"experiment\":", "no JSON from byte"},
           {"{\"experiment\":\"test/other\",\"preset\":0}", "unknown experiment 'test/other'"}}) {
    detail::Checksum checksum;
    detail::Database database((out / "results.db").string(), false);
    detail::Statement update(database, "UPDATE settings SET json = ?, checksum = ?");
    update.bind(text)
        .bind(checksum_of(checksum, detail::SettingsRow{.experiment = "test/sample", .json = text}))
        .step();
    for (const auto& message : {exported(out).refused, message_of([&] { rebuild_report(out); }),
                                message_of([&] { merge({out}, scratch_directory("limits-into"), {}); })}) {
      EXPECT_TRUE(contains(message, "results.db: settings of test/sample: ", words, detail::other_place));
      EXPECT_EQ(message.find("json.exception"), message.npos);
    }
  }
}

TEST(Manifest, ThatIsNoneIsRefusedInPlainWords) {
  const auto out = finished("manifest");
  for (const auto* text : {"{\"command\": [", "[1, 2]", ""}) {
    write(out / "manifest.json", text);
    const auto message = message_of([&] { earlier_manifests(out); });
    EXPECT_TRUE(contains(message, "manifest.json: ", "move it away"));
    EXPECT_EQ(message.find("json.exception"), message.npos);
  }
}

}  // namespace
}  // namespace sigmagrad::lab
