// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/store.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/experiments/harness/detail/json.hpp>
#include <sigmagrad/experiments/harness/detail/sqlite.hpp>
#include <sigmagrad/experiments/harness/detail/writer_lock.hpp>

#include <set>

namespace sigmagrad::experiments {

using detail::Json;
using detail::Statement;
using detail::Transaction;
using sigmagrad::detail::fail;

namespace {

constexpr std::int64_t schema_version = 2;
constexpr std::int64_t application_id = 0x73676d61;  // "sgma": tells a store from other programs' databases

constexpr auto schema = R"sql(
  CREATE TABLE settings (experiment TEXT PRIMARY KEY, json TEXT NOT NULL);
  CREATE TABLE trials (
    experiment TEXT NOT NULL, params TEXT NOT NULL, seed TEXT NOT NULL, stream TEXT NOT NULL, trial INTEGER NOT NULL,
    status TEXT NOT NULL, metrics TEXT NOT NULL, error TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (experiment, params, seed, stream, trial)) WITHOUT ROWID;
)sql";

constexpr auto put_settings =
    "INSERT INTO settings VALUES (?, ?) ON CONFLICT (experiment) DO UPDATE SET json = excluded.json";
constexpr auto put_trial =
    "INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET status = excluded.status,"
    " metrics = excluded.metrics, error = excluded.error, seconds = excluded.seconds WHERE status = 'failed'";
constexpr auto where_trial = " WHERE experiment = ? AND params = ? AND seed = ? AND stream = ? AND trial = ?";
constexpr auto where_group = " WHERE experiment = ? AND params = ? AND seed = ? AND stream = ? ORDER BY trial";

void make_schema(detail::Database& database) {
  database.execute(schema);
  database.execute("PRAGMA application_id = " + std::to_string(application_id));
  database.execute("PRAGMA user_version = " + std::to_string(schema_version));
}

bool is_empty(detail::Database& database) { return database.integer("SELECT count(*) FROM sqlite_master") == 0; }

void check_schema(detail::Database& database, const std::string& file) {
  if (database.integer("PRAGMA application_id") != application_id)
    fail("{}: is not a store of sigmagrad, or one from before schema {}", file, schema_version);
  const auto version = database.integer("PRAGMA user_version");
  if (version != schema_version)
    fail("{}: has schema {}, and this version of the program reads schema {}", file, version, schema_version);
}

// Trials of a group come one after another and share their parameters: the text is made once.
class Key {
 public:
  void bind(Statement& statement, const Experiment& experiment, const Trial& trial) {
    bind_group(statement, experiment, trial);
    statement.bind(trial.index);
  }
  void bind_group(Statement& statement, const Experiment& experiment, const Trial& trial) {
    if (text_.empty() || !(trial.params == params_)) text_ = detail::canonical(params_ = trial.params);
    statement.bind(experiment.id).bind(text_).bind(std::to_string(trial.seed));
    statement.bind(std::string(to_text(trial.stream)));
  }

 private:
  Params params_;
  std::string text_;
};

void insert(Statement& statement, Key& key, const Finished& finished) {
  key.bind(statement, *finished.task.experiment, finished.task.trial);
  statement.bind(std::string(finished.error.empty() ? "ok" : "failed")).bind(detail::text_of(finished.metrics));
  statement.bind(finished.error).bind(finished.seconds).step();
  statement.reset();
}

void write_settings(detail::Database& database, const Settings& settings) {
  Statement statement(database, put_settings);
  statement.bind(settings.experiment->id).bind(detail::to_json(settings).dump()).step();
}

// Of a trial that is there already; an Error where its numbers are others. One that failed in one place and succeeded
// in another was run again there, or had less memory here: it has no numbers to compare.
void check_same(Statement& select, Key& key, const Finished& finished) {
  key.bind(select, *finished.task.experiment, finished.task.trial);
  const bool comparable = select.step() && select.text(1).empty() && finished.error.empty();
  const auto stored = comparable ? select.text(0) : std::string();
  const auto other = comparable ? detail::text_of(finished.metrics) : std::string();
  select.reset();
  if (stored != other)
    fail(
        "merge: trial {} of {} {} is there twice and differs: {} and {}; expected the same bits, which one version "
        "of the program gives on one type of CPU",
        finished.task.trial.index, finished.task.experiment->id, to_text(finished.task.trial.params), stored, other);
}

}  // namespace

struct Store::Impl {
  std::unique_ptr<detail::WriterLock> lock;  // none: opened to read
  detail::Database database;
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::create(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) fail("{}: cannot be written: {}", directory.string(), error.message());
  const auto file = (directory / "results.db").string();
  auto lock = std::make_unique<detail::WriterLock>(directory);
  std::unique_ptr<Impl> impl(new Impl{std::move(lock), detail::Database(file, true)});
  auto& database = impl->database;
  // No write-ahead log: a copied results.db is complete in itself, and the file may lie on a network drive.
  database.execute("PRAGMA journal_mode = TRUNCATE");
  Transaction transaction(database);  // finds out now whether the file can be written
  if (is_empty(database)) make_schema(database);
  transaction.commit();
  check_schema(database, file);
  return Store(std::move(impl));
}

Store Store::open(const std::filesystem::path& directory) {
  const auto file = directory / "results.db";
  if (!std::filesystem::is_regular_file(file)) fail("{}: holds no results.db", directory.string());
  std::unique_ptr<Impl> impl(new Impl{nullptr, detail::Database(file.string(), false)});
  check_schema(impl->database, file.string());
  impl->database.execute("BEGIN");
  return Store(std::move(impl));
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

void Store::put(const std::vector<Settings>& settings, bool fresh) {
  auto& database = impl_->database;
  Transaction transaction(database);
  for (const Settings& one : settings) {
    if (fresh) Statement(database, "DELETE FROM trials WHERE experiment = ?").bind(one.experiment->id).step();
    write_settings(database, one);
  }
  transaction.commit();
}

void Store::append(std::span<const Finished> batch) {
  if (batch.empty()) return;
  Transaction transaction(impl_->database);
  Statement statement(impl_->database, put_trial);
  Key key;
  for (const Finished& finished : batch) insert(statement, key, finished);
  transaction.commit();
}

void Store::merge(std::span<const Store> others, const std::vector<Settings>& settings) {
  auto& database = impl_->database;
  Transaction transaction(database);
  Statement select(database, std::string("SELECT metrics, error FROM trials") + where_trial);
  Statement statement(database, put_trial);
  Key key;
  for (const Settings& one : settings) {
    write_settings(database, one);
    for (const Store& other : others)
      other.each(one, [&](const Finished& finished) {
        check_same(select, key, finished);
        insert(statement, key, finished);
      });
  }
  transaction.commit();
}

void Store::each(const Settings& settings, const std::function<void(const Finished&)>& visit) const {
  Statement select(impl_->database, std::string("SELECT trial, metrics, error, seconds FROM trials") + where_group);
  Key key;
  for (const Params& params : grid(settings)) {
    Finished finished{.task = {settings.experiment, {params, 0, settings.seed, settings.stream}}};
    key.bind_group(select, *settings.experiment, finished.task.trial);
    while (select.step()) {
      finished.task.trial.index = select.integer(0);
      finished.metrics = detail::metrics_of(select.text(1));
      finished.error = select.text(2);
      finished.seconds = select.real(3);
      visit(finished);
    }
    select.reset();
  }
}

Results Store::results(const Settings& settings) const {
  std::vector<Group> groups;
  for (const Params& params : grid(settings)) groups.emplace_back(params);
  auto group = groups.begin();
  each(settings, [&](const Finished& finished) {
    const Trial& trial = finished.task.trial;
    while (!(group->params() == trial.params)) ++group;
    if (trial.index >= trials_of(settings, trial.params)) return;
    if (finished.error.empty()) {
      group->add(finished.metrics);
    } else {
      group->add(Failure{trial.index, finished.error});
    }
  });
  return Results(std::move(groups));
}

std::vector<Task> Store::missing(const Settings& settings, Failed failed) const {
  std::vector<Task> tasks;
  Statement select(impl_->database, std::string("SELECT trial, status FROM trials") + where_group);
  Key key;
  for (const Params& params : grid(settings)) {
    std::set<std::int64_t> done;
    Task task{settings.experiment, {params, 0, settings.seed, settings.stream}};
    key.bind_group(select, *settings.experiment, task.trial);
    while (select.step())
      if (failed == Failed::Kept || select.text(1) == "ok") done.insert(select.integer(0));
    select.reset();
    for (auto& k = task.trial.index; k < trials_of(settings, params); ++k)
      if (!done.contains(k)) tasks.push_back(task);
  }
  return tasks;
}

}  // namespace sigmagrad::experiments
