// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/store.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/experiments/harness/detail/json.hpp>
#include <sigmagrad/experiments/harness/detail/sqlite.hpp>

#include <set>

namespace sigmagrad::experiments {

using detail::Json;
using detail::Statement;
using sigmagrad::detail::fail;

namespace {

constexpr std::int64_t schema_version = 1;

// No write-ahead log: a copied results.db is complete in itself, and the file may lie on a network drive.
constexpr auto schema = R"sql(
  CREATE TABLE settings (experiment TEXT PRIMARY KEY, json TEXT NOT NULL);
  CREATE TABLE trials (
    experiment TEXT NOT NULL, params TEXT NOT NULL, seed TEXT NOT NULL, stream TEXT NOT NULL, trial INTEGER NOT NULL,
    status TEXT NOT NULL, metrics TEXT NOT NULL, error TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (experiment, params, seed, stream, trial)) WITHOUT ROWID;
)sql";

constexpr auto where_group =
    " FROM trials WHERE experiment = ? AND params = ? AND seed = ? AND stream = ? AND trial < ?"
    " ORDER BY trial";

void bind_group(Statement& statement, const Settings& settings, const Params& params) {
  statement.bind(settings.experiment->id).bind(detail::canonical(params)).bind(std::to_string(settings.seed));
  statement.bind(std::string(to_text(settings.stream))).bind(trials_of(settings, params));
}

}  // namespace

struct Store::Impl {
  detail::Database database;
};

Store::Store(Store&&) noexcept = default;
Store::~Store() = default;

Store::Store(const std::filesystem::path& file) : impl_(new Impl{detail::Database(file.string())}) {
  auto& database = impl_->database;
  database.execute("PRAGMA journal_mode = TRUNCATE");
  database.execute("BEGIN IMMEDIATE");  // also finds out now whether the file can be written
  const auto version = database.integer("PRAGMA user_version");
  if (version == 0) database.execute(schema);
  if (version == 0) database.execute("PRAGMA user_version = " + std::to_string(schema_version));
  database.execute("COMMIT");
  if (version != 0 && version != schema_version)
    fail("{}: has schema version {}, expected {}", file.string(), version, schema_version);
}

Store Store::create(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) fail("{}: cannot be written: {}", directory.string(), error.message());
  try {
    return Store(directory / "results.db");
  } catch (const Error& reason) {
    fail("{}: cannot be written: {}", directory.string(), reason.what());
  }
}

Store Store::open(const std::filesystem::path& directory) {
  const auto file = directory / "results.db";
  if (!std::filesystem::is_regular_file(file)) fail("{}: holds no results.db", directory.string());
  return Store(file);
}

std::vector<Settings> Store::settings() const {
  std::vector<Settings> all;
  Statement select(impl_->database, "SELECT json FROM settings ORDER BY rowid");
  while (select.step()) all.push_back(detail::settings_from_json(Json::parse(select.text(0))));
  return all;
}

std::optional<Settings> Store::settings(const Experiment& experiment) const {
  Statement select(impl_->database, "SELECT json FROM settings WHERE experiment = ?");
  if (!select.bind(experiment.id).step()) return std::nullopt;
  return detail::settings_from_json(Json::parse(select.text(0)));
}

void Store::put(const Settings& settings) {
  Statement upsert(impl_->database,
                   "INSERT INTO settings VALUES (?, ?) ON CONFLICT (experiment) DO UPDATE SET json = excluded.json");
  upsert.bind(settings.experiment->id).bind(detail::to_json(settings).dump()).step();
}

void Store::forget(const Experiment& experiment) {
  Statement(impl_->database, "DELETE FROM trials WHERE experiment = ?").bind(experiment.id).step();
  Statement(impl_->database, "DELETE FROM settings WHERE experiment = ?").bind(experiment.id).step();
}

void Store::append(std::span<const Finished> batch) {
  if (batch.empty()) return;
  auto& database = impl_->database;
  database.execute("BEGIN IMMEDIATE");
  Statement insert(database, "INSERT OR IGNORE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const auto& [task, metrics, error, seconds] : batch) {
    const Trial& trial = task.trial;
    insert.bind(task.experiment->id).bind(detail::canonical(trial.params)).bind(std::to_string(trial.seed));
    insert.bind(std::string(to_text(trial.stream)))
        .bind(trial.index)
        .bind(std::string(error.empty() ? "ok" : "failed"));
    insert.bind(detail::to_json(metrics).dump()).bind(error).bind(seconds).step();
    insert.reset();
  }
  database.execute("COMMIT");
}

Results Store::results(const Settings& settings) const {
  std::vector<Group> groups;
  Statement select(impl_->database, std::string("SELECT trial, status, metrics, error") + where_group);
  for (const Params& params : grid(settings)) {
    Group& group = groups.emplace_back(params);
    bind_group(select, settings, params);
    while (select.step()) {
      if (select.text(1) == "ok") {
        group.add(detail::metrics_from_json(Json::parse(select.text(2))));
      } else {
        group.add(Failure{select.integer(0), select.text(3)});
      }
    }
    select.reset();
  }
  return Results(std::move(groups));
}

std::vector<Task> Store::missing(const Settings& settings) const {
  std::vector<Task> tasks;
  Statement select(impl_->database, std::string("SELECT trial") + where_group);
  for (const Params& params : grid(settings)) {
    std::set<std::int64_t> done;
    bind_group(select, settings, params);
    while (select.step()) done.insert(select.integer(0));
    select.reset();
    for (std::int64_t k = 0; k < trials_of(settings, params); ++k)
      if (!done.contains(k)) tasks.push_back({settings.experiment, {params, k, settings.seed, settings.stream}});
  }
  return tasks;
}

}  // namespace sigmagrad::experiments
