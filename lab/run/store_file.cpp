// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/store_file.hpp>

#include <map>
#include <set>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::lab::detail {

using engine::fail;

namespace {

constexpr std::int64_t schema_version = 3;
constexpr std::int64_t application_id = 0x73676d61;  // "sgma": tells a store from other programs' databases

constexpr const char* settings_table =
    "CREATE TABLE settings (experiment TEXT PRIMARY KEY, json TEXT NOT NULL, checksum INTEGER NOT NULL)";
constexpr const char* trials_table =
    "CREATE TABLE trials ("
    "experiment TEXT NOT NULL, params TEXT NOT NULL, seed TEXT NOT NULL, stream TEXT NOT NULL, trial INTEGER NOT NULL, "
    "status TEXT NOT NULL, metrics TEXT NOT NULL, error TEXT NOT NULL, seconds REAL NOT NULL, "
    "checksum INTEGER NOT NULL, PRIMARY KEY (experiment, params, seed, stream, trial)) WITHOUT ROWID";

bool is_empty(Database& database) { return database.integer("SELECT count(*) FROM sqlite_master") == 0; }

// A bit of this text decides how a column is compared.
bool has_tables(Database& database) {
  std::set<std::string> tables;
  Statement select(database, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL");
  while (select.step()) tables.emplace(select.text(0));
  return tables == std::set<std::string>{settings_table, trials_table};
}

std::string name_of(const TrialRow& row) {
  return fmt::format("trial {} of {:?} {:?}", row.trial, row.experiment, row.params);
}

bool pages_are_joined(const Database& database) {
  try {
    Statement check(database, "PRAGMA integrity_check(1)");
    return check.step() && check.text(0) == "ok";
  } catch (const Corrupt&) {
    return false;
  }
}

// Calls `visit(row)` for every row of the query.
template <class Visit>
void each_row(const Database& database, const std::string& query, Visit visit) {
  Statement select(database, query);
  while (select.step()) visit(select);
}

std::string all_of(const char* table, const char* columns, const char* order) {
  return fmt::format("SELECT {} FROM {} NOT INDEXED ORDER BY {}", columns, table, order);
}

// From both ends up to what cannot be read: a damaged page costs its own rows alone.
template <class Visit>
void each_readable_row(const Database& database, const char* table, const char* columns, const char* key, Visit visit) {
  try {
    return each_row(database, all_of(table, columns, key), visit);
  } catch (const Corrupt&) {
  }
  auto backwards = std::string(key);
  for (std::size_t i = 0; (i = backwards.find(',', i)) != std::string::npos; i += 6) backwards.insert(i, " DESC");
  try {
    each_row(database, all_of(table, columns, (backwards + " DESC").c_str()), visit);
  } catch (const Corrupt&) {
  }
}

constexpr const char* trials_key = "experiment, params, seed, stream, trial";
constexpr const char* settings_key = "rowid";

}  // namespace

void check_schema(Database& database, const std::string& file) {
  if (database.integer("PRAGMA application_id") != application_id)
    fail("{}: is not a store of sigmagrad; {}", file, other_place);
  const auto version = database.integer("PRAGMA user_version");
  if (version != schema_version)
    fail("{}: has schema {}, and this version of the program reads schema {}; use the version that wrote it, or {}",
         file, version, schema_version, other_place);
  if (!has_tables(database)) fail("{}: is damaged where its tables are described; {}", file, other_place);
}

void make_or_check_schema(Database& database, const std::string& file) {
  Transaction transaction(database);  // finds out now whether the file can be written
  if (is_empty(database)) {
    for (const auto* table : {settings_table, trials_table}) database.execute(table);
    database.execute(fmt::format("PRAGMA application_id = {}", application_id));
    database.execute(fmt::format("PRAGMA user_version = {}", schema_version));
  }
  transaction.commit();
  check_schema(database, file);
}

std::int64_t checksum_of(Checksum& checksum, const TrialRow& row) {
  checksum.add(row.experiment).add(row.params).add(row.seed).add(row.stream).add(row.trial);
  return checksum.add(row.status).add(row.metrics).add(row.error).add(row.seconds).take();
}

std::int64_t checksum_of(Checksum& checksum, const SettingsRow& row) {
  return checksum.add(row.experiment).add(row.json).take();
}

TrialRow trial_row(const Statement& select, int first) {
  return {.typed = select.has_types("ttttitttri", first),  // now: to read a blob as a text makes it one
          .experiment = select.text(first),
          .params = select.text(first + 1),
          .seed = select.text(first + 2),
          .stream = select.text(first + 3),
          .trial = select.integer(first + 4),
          .status = select.text(first + 5),
          .metrics = select.text(first + 6),
          .error = select.text(first + 7),
          .seconds = select.real(first + 8)};
}

void bind_trial(Statement& statement, const TrialRow& row) {
  statement.bind(row.experiment).bind(row.params).bind(row.seed).bind(row.stream).bind(row.trial);
  statement.bind(row.status).bind(row.metrics).bind(row.error).bind(row.seconds);
}

SettingsRow settings_row(const Statement& select) {
  return {.typed = select.has_types("tti", 0), .experiment = select.text(0), .json = select.text(1)};
}

bool is_sound(Checksum& checksum, const Statement& select, const TrialRow& row, int first) {
  return row.typed && checksum_of(checksum, row) == select.integer(first + 9);
}
bool is_sound(Checksum& checksum, const Statement& select, const SettingsRow& row) {
  return row.typed && checksum_of(checksum, row) == select.integer(2);
}

Condition examine(const Database& database) {
  Condition condition{.joined = pages_are_joined(database)};
  if (!condition.joined) return condition;
  Checksum checksum;
  std::set<std::string, std::less<>> claimed;
  std::map<std::string, std::int64_t, std::less<>> unclaimed;
  const auto damaged = [&](std::string_view experiment, std::string what) {
    condition.rows.push_back({std::string(experiment), std::move(what)});
  };
  each_row(database, all_of("settings", settings_columns, settings_key), [&](const Statement& select) {
    const auto row = settings_row(select);
    claimed.emplace(row.experiment);
    if (!is_sound(checksum, select, row)) damaged(row.experiment, fmt::format("the settings of {:?}", row.experiment));
  });
  each_row(database, all_of("trials", trial_columns, trials_key), [&](const Statement& select) {
    const auto row = trial_row(select);
    if (!is_sound(checksum, select, row)) {
      damaged(row.experiment, name_of(row));
    } else if (!claimed.contains(row.experiment)) {
      ++unclaimed[std::string(row.experiment)];
    }
  });
  for (const auto& [experiment, count] : unclaimed)
    condition.unclaimed.push_back({experiment, fmt::format("the settings of {:?} ({} trials)", experiment, count)});
  return condition;
}

std::size_t copy_sound_rows(const Database& from, Database& into) {
  Transaction transaction(into);
  Checksum checksum;
  Statement put_settings(into, "INSERT OR IGNORE INTO settings VALUES (?, ?, ?)");
  each_readable_row(from, "settings", settings_columns, settings_key, [&](const Statement& select) {
    const auto row = settings_row(select);
    if (!is_sound(checksum, select, row)) return;
    put_settings.bind(row.experiment).bind(row.json).bind(select.integer(2)).step();
    put_settings.reset();
  });
  Statement put_trial(into, "INSERT OR IGNORE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  each_readable_row(from, "trials", trial_columns, trials_key, [&](const Statement& select) {
    const auto row = trial_row(select);
    if (!is_sound(checksum, select, row)) return;
    bind_trial(put_trial, row);
    put_trial.bind(select.integer(9)).step();
    put_trial.reset();
  });
  const auto kept = into.integer("SELECT count(*) FROM trials");
  transaction.commit();
  return static_cast<std::size_t>(kept);
}

}  // namespace sigmagrad::lab::detail
