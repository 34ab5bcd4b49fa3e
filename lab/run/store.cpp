// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/store.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/model/json.hpp>
#include <sigmagrad/lab/run/store_file.hpp>
#include <sigmagrad/lab/run/writer_lock.hpp>

namespace sigmagrad::lab {

using detail::Statement;
using detail::Transaction;
using engine::fail;
namespace fs = std::filesystem;

namespace {

constexpr auto put_settings =
    "INSERT INTO settings VALUES (?, ?, ?) ON CONFLICT (experiment) DO UPDATE SET json = excluded.json,"
    " checksum = excluded.checksum";
constexpr auto put_trial =
    "INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET status = excluded.status,"
    " metrics = excluded.metrics, error = excluded.error, seconds = excluded.seconds, checksum = excluded.checksum"
    " WHERE status = 'failed'";
constexpr auto where_trial = " WHERE experiment = ? AND params = ? AND seed = ? AND stream = ? AND trial = ?";
constexpr auto where_group = " WHERE experiment = ? AND params = ? AND seed = ? AND stream = ? ORDER BY trial";

// Trials of a group come one after another and share their parameters: the texts are made once.
class Key {
 public:
  const detail::TrialRow& row(const Experiment& experiment, const TrialKey& trial) {
    if (params_text_.empty() || !(trial.params == params_)) params_text_ = detail::canonical(params_ = trial.params);
    if (seed_text_.empty() || trial.seed != seed_) seed_text_ = std::to_string(seed_ = trial.seed);
    row_ = {.experiment = experiment.id,
            .params = params_text_,
            .seed = seed_text_,
            .stream = to_text(trial.stream),
            .trial = trial.index};
    return row_;
  }
  void bind(Statement& statement, const Experiment& experiment, const TrialKey& trial) {
    bind_group(statement, experiment, trial);
    statement.bind(trial.index);
  }
  void bind_group(Statement& statement, const Experiment& experiment, const TrialKey& trial) {
    const auto& key = row(experiment, trial);
    statement.bind(key.experiment).bind(key.params).bind(key.seed).bind(key.stream);
  }

 private:
  detail::TrialRow row_;
  Params params_;
  std::uint64_t seed_ = 0;
  std::string params_text_, seed_text_;
};

// Writes trials one after another.
class Insertion {
 public:
  explicit Insertion(const detail::Database& database) : statement_(database, put_trial) {}
  void operator()(const Finished& finished) {
    const auto metrics = detail::text_of(finished.metrics);
    auto row = key_.row(*finished.task.experiment, finished.task.trial);
    row.status = finished.error.empty() ? "ok" : "failed";
    row.metrics = metrics;
    row.error = finished.error;
    row.seconds = finished.seconds;
    bind_trial(statement_, row);
    statement_.bind(checksum_of(checksum_, row)).step();
    statement_.reset();
  }

 private:
  Statement statement_;
  Key key_;
  detail::Checksum checksum_;
};

// The sound rows of one group after another, with these columns.
class GroupRows : public Statement {
 public:
  // `doubtful`: rows of the file are known to be damaged, so that each is looked at; else all were, and are sound.
  GroupRows(const detail::Database& database, const std::string& columns, bool doubtful)
      : Statement(database, fmt::format("SELECT {}{}{} FROM trials{}", columns, doubtful ? ", " : "",
                                        doubtful ? detail::trial_columns : "", where_group)),
        first_(doubtful ? static_cast<int>(std::ranges::count(columns, ',')) + 1 : 0) {}
  bool next() {
    while (step())
      if (first_ == 0 || is_sound(checksum_, *this, detail::trial_row(*this, first_), first_)) return true;
    return false;
  }

 private:
  int first_;  // column of the whole row, where it is read
  detail::Checksum checksum_;
};

void write_plan(detail::Database& database, const Plan& plan) {
  const auto json = detail::to_json(plan).dump();
  detail::Checksum checksum;
  Statement statement(database, put_settings);
  statement.bind(plan.experiment->id).bind(json);
  statement.bind(checksum_of(checksum, {.experiment = plan.experiment->id, .json = json})).step();
}

// A trial that is there already must have the same numbers. One that failed in one place and succeeded in another was
// run again there, or had less memory here: it has no numbers to compare.
void check_same(Statement& select, Key& key, const Finished& finished) {
  key.bind(select, *finished.task.experiment, finished.task.trial);
  const bool comparable = select.step() && select.text(1).empty() && finished.error.empty();
  const auto numbers = [](const Metrics& metrics) { return detail::text_of(metrics.without_clocks()); };
  const auto stored = comparable ? numbers(detail::metrics_of(select.text(0))) : std::string();
  const auto other = comparable ? numbers(finished.metrics) : std::string();
  select.reset();
  if (stored != other)
    fail(
        "merge: trial {} of {} {} is there twice and differs: {} and {}; expected the same bits, which one version "
        "of the program gives on one type of CPU",
        finished.task.trial.index, finished.task.experiment->id, to_text(finished.task.trial.params), stored, other);
}

void set_up_writing(detail::Database& database, const std::string& file) {
  // No write-ahead log: a copied results.db is complete in itself, and the file may lie on a network drive.
  database.execute("PRAGMA journal_mode = TRUNCATE");
  make_or_check_schema(database, file);
}

// A database of its own beside a damaged one, which nothing is left of unless it takes the other's place.
class Mending {
 public:
  explicit Mending(const fs::path& file) : file_(file), fresh_(file.string() + ".mending") { remove(); }
  ~Mending() { remove(); }
  Mending(const Mending&) = delete;

  std::size_t copy_from(const detail::Database& damaged) const {
    detail::Database into(fresh_, true);
    set_up_writing(into, fresh_);
    return copy_sound_rows(damaged, into);
  }
  // In one step; the damaged file stays as `old`.
  void take_place(const fs::path& old) const {
    std::error_code error;
    fs::remove(old, error);
    fs::create_hard_link(file_, old, error);      // needs no room on a disk that may be full
    if (error) fs::copy_file(file_, old, error);  // where the file system has no links
    if (!error) fs::rename(fresh_, file_, error);
    if (error) fail("{}: is damaged, and cannot be mended: {}", file_.string(), error.message());
  }

 private:
  void remove() const {
    std::error_code error;
    for (const auto* ending : {"", "-journal"}) fs::remove(fresh_ + ending, error);
  }

  fs::path file_;
  std::string fresh_;
};

// Replaces the file, or what a link of its name points at, by one of its sound rows.
std::string mend(detail::Database& database, const fs::path& name, const detail::Condition& condition) {
  const auto file = fs::canonical(name);
  const auto old = file.string() + ".damaged";
  const Mending mending(file);
  const auto kept = mending.copy_from(database);
  database = {};
  mending.take_place(old);
  database = detail::Database(file.string(), true);
  set_up_writing(database, file.string());
  const auto what = condition.joined ? to_text(condition.rows) : std::string("its pages do not fit together");
  return fmt::format(
      "{}: was damaged: {}; {} trials are sound and kept, what is lost runs again with the command that ran it; {} is "
      "the file as it was",
      file.string(), what, kept, old);
}

}  // namespace

struct Store::Impl {
  std::unique_ptr<detail::WriterLock> lock;  // none: opened to read
  detail::Database database;
  std::string file;
  std::vector<Damage> damaged = {};
  std::string mended = {};
  bool doubtful = false;  // some rows do not match their checksums

  // Those of one experiment; of all where none is named.
  std::vector<Plan> plans(std::string_view experiment) const {
    std::vector<Plan> all;
    detail::Checksum checksum;
    Statement select(database,
                     fmt::format("SELECT {} FROM settings NOT INDEXED ORDER BY rowid", detail::settings_columns));
    while (select.step()) {
      const auto row = settings_row(select);
      if (!is_sound(checksum, select, row) || (!experiment.empty() && row.experiment != experiment)) continue;
      const detail::Source source{fmt::format("{}: settings of {}", file, row.experiment), detail::other_place};
      all.push_back(detail::read_json(row.json, source, detail::plan_from_json));
    }
    return all;
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::create(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) fail("{}: cannot be written: {}", directory.string(), error.message());
  const auto file = directory / "results.db";
  auto lock = std::make_unique<detail::WriterLock>(directory);
  std::unique_ptr<Impl> impl(new Impl{std::move(lock), detail::Database(file.string(), true), file.string()});
  set_up_writing(impl->database, impl->file);
  auto condition = examine(impl->database);
  if (!condition.joined || !condition.rows.empty()) {
    impl->mended = mend(impl->database, file, condition);
    condition = examine(impl->database);
  }
  impl->damaged = std::move(condition.unclaimed);
  return Store(std::move(impl));
}

Store Store::open(const std::filesystem::path& directory) {
  const auto file = directory / "results.db";
  if (!std::filesystem::is_regular_file(file)) fail("{}: holds no results.db", directory.string());
  std::unique_ptr<Impl> impl(new Impl{nullptr, detail::Database(file.string(), false), file.string()});
  check_schema(impl->database, impl->file);
  impl->database.execute("BEGIN");
  auto condition = examine(impl->database);
  if (!condition.joined)
    fail("{}: is damaged: its pages do not fit together; {}, and keeps the rest", impl->file, to_mend);
  impl->doubtful = !condition.rows.empty();
  impl->damaged = std::move(condition.rows);
  std::ranges::move(condition.unclaimed, std::back_inserter(impl->damaged));
  return Store(std::move(impl));
}

const std::vector<Damage>& Store::damaged() const { return impl_->damaged; }
const std::string& Store::mended() const { return impl_->mended; }

std::vector<Plan> Store::plans() const { return impl_->plans({}); }

std::optional<Plan> Store::plan(const Experiment& experiment) const {
  auto found = impl_->plans(experiment.id);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

void Store::put(const std::vector<Plan>& plans, bool fresh) {
  auto& database = impl_->database;
  Transaction transaction(database);
  for (const Plan& plan : plans) {
    if (fresh) Statement(database, "DELETE FROM trials WHERE experiment = ?").bind(plan.experiment->id).step();
    write_plan(database, plan);
  }
  transaction.commit();
}

void Store::append(std::span<const Finished> batch) {
  if (batch.empty()) return;
  Transaction transaction(impl_->database);
  Insertion insert(impl_->database);
  for (const Finished& finished : batch) insert(finished);
  transaction.commit();
}

void Store::merge(std::span<const Store> others, const std::vector<Plan>& plans) {
  auto& database = impl_->database;
  Transaction transaction(database);
  Statement select(database, std::string("SELECT metrics, error FROM trials") + where_trial);
  Insertion insert(database);
  Key key;
  for (const Plan& plan : plans) {
    write_plan(database, plan);
    for (const Store& other : others)
      other.each(plan, [&](const PlannedGroup&, const Finished& finished) {
        check_same(select, key, finished);
        insert(finished);
      });
  }
  transaction.commit();
}

void Store::each(const Plan& plan, const std::function<void(const PlannedGroup&, const Finished&)>& visit) const {
  GroupRows select(impl_->database, "trial, metrics, error, seconds", impl_->doubtful);
  Key key;
  for (const PlannedGroup& group : plan.groups) {
    Finished finished{.task = {plan.experiment, plan.key(group, 0)}};
    key.bind_group(select, *plan.experiment, finished.task.trial);
    while (select.next()) {
      finished.task.trial.index = select.integer(0);
      finished.metrics = detail::metrics_of(select.text(1));
      finished.error = select.text(2);
      finished.seconds = select.real(3);
      visit(group, finished);
    }
    select.reset();
  }
}

Results Store::results(const Plan& plan) const {
  std::vector<Group> groups;
  for (const PlannedGroup& group : plan.groups) groups.emplace_back(group.params);
  each(plan, [&](const PlannedGroup& planned, const Finished& finished) {
    if (finished.task.trial.index < planned.trials)
      add(groups[static_cast<std::size_t>(&planned - plan.groups.data())], finished);
  });
  return Results(std::move(groups), plan.experiment->start());
}

std::vector<Task> Store::missing(const Plan& plan, Failed failed) const {
  std::vector<Task> tasks;
  GroupRows select(impl_->database, "trial, status", impl_->doubtful);
  Key key;
  for (const PlannedGroup& group : plan.groups) {
    std::set<std::int64_t> done;
    Task task{plan.experiment, plan.key(group, 0)};
    key.bind_group(select, *plan.experiment, task.trial);
    while (select.next())
      if (failed == Failed::Kept || select.text(1) == "ok") done.insert(select.integer(0));
    select.reset();
    for (auto& k = task.trial.index; k < group.trials; ++k)
      if (!done.contains(k)) tasks.push_back(task);
  }
  return tasks;
}

double expected_bytes(std::size_t trials, std::size_t experiments) {
  constexpr double bytes_per_trial = 1500, bytes_per_experiment = 1e6;  // rows; figures and report
  return bytes_per_trial * static_cast<double>(trials) + bytes_per_experiment * static_cast<double>(experiments);
}

}  // namespace sigmagrad::lab
