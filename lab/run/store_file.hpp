// SPDX-License-Identifier: BSD-3-Clause
// The tables of results.db, and the rows that a checksum vouches for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sigmagrad/lab/run/checksum.hpp>
#include <sigmagrad/lab/run/damage.hpp>
#include <sigmagrad/lab/run/sqlite.hpp>

namespace sigmagrad::lab::detail {

/// Makes the tables where there are none yet. An Error where the file is not a store of this schema.
void make_or_check_schema(Database& database, const std::string& file);
void check_schema(Database& database, const std::string& file);

/// A row of `trials` or `settings` as the file has it. Texts last until the statement's next step.
struct TrialRow {
  bool typed = true;  // its columns have the types that were written: a text that became a blob is found under no key
  std::string_view experiment = {}, params = {}, seed = {}, stream = {};
  std::int64_t trial = 0;
  std::string_view status = {}, metrics = {}, error = {};
  double seconds = 0;
};
struct SettingsRow {
  bool typed = true;
  std::string_view experiment = {}, json = {};
};

std::int64_t checksum_of(Checksum& checksum, const TrialRow& row);
std::int64_t checksum_of(Checksum& checksum, const SettingsRow& row);

/// Columns for a SELECT, and the row that it has stepped to, from its column `first` on. A sound row has the types and
/// the bytes that were written.
inline constexpr const char* trial_columns =
    "experiment, params, seed, stream, trial, status, metrics, error, seconds, checksum";
inline constexpr const char* settings_columns = "experiment, json, checksum";
TrialRow trial_row(const Statement& select, int first = 0);
SettingsRow settings_row(const Statement& select);
bool is_sound(Checksum& checksum, const Statement& select, const TrialRow& row, int first = 0);
bool is_sound(Checksum& checksum, const Statement& select, const SettingsRow& row);

/// What became of a file since it was written.
struct Condition {
  bool joined = true;                  // its pages fit together
  std::vector<Damage> rows = {};       // do not match their checksums
  std::vector<Damage> unclaimed = {};  // sound rows of experiments whose settings are lost
};

/// The row's columns, all but its checksum.
void bind_trial(Statement& statement, const TrialRow& row);

/// Looks at every page and every row.
Condition examine(const Database& database);

/// Copies every sound row of one file that can be read into another, and returns how many trials those are.
std::size_t copy_sound_rows(const Database& from, Database& into);

}  // namespace sigmagrad::lab::detail
