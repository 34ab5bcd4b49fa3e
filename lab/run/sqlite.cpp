// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/sqlite.hpp>

#include <fmt/format.h>

namespace sigmagrad::lab::detail {

namespace {

constexpr int patience_s = 60;  // readers and the writer wait for each other, no longer than a query or a commit

// SQLite's own words speak to the author of a query; these to whoever owns the file.
std::string reason(int status) {
  switch (status & 0xff) {
    case SQLITE_NOTADB:
      return fmt::format("is no results file of sigmagrad, or its beginning is damaged; {}", other_place);
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
    case SQLITE_ERROR:  // a table or a column that the queries name is not there
      return fmt::format("is damaged where its tables are described or its pages joined; {}", other_place);
    case SQLITE_FULL:
      return "cannot grow: the disk is full, or files may not become that large";
    case SQLITE_IOERR:
      return fmt::format("cannot be read or written: the disk or its file system fails (SQLite's code {})", status);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fmt::format("another process has kept it locked for {} s; try again when that has ended", patience_s);
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return "may not be written";
    case SQLITE_CANTOPEN:
      return "cannot be opened";
    case SQLITE_NOMEM:
      return "cannot be read: memory is exhausted";
    default:
      return fmt::format("cannot be used (SQLite's code {}); {}", status, other_place);
  }
}

void check(sqlite3* database, int status) {
  if (status == SQLITE_OK || status == SQLITE_ROW || status == SQLITE_DONE) return;
  const auto extended = sqlite3_extended_errcode(database);
  const auto message = fmt::format("{}: {}", sqlite3_db_filename(database, "main"),
                                   reason((extended & 0xff) == (status & 0xff) ? extended : status));
  if ((status & 0xff) == SQLITE_CORRUPT) throw Corrupt(message);
  throw Error(message);
}

}  // namespace

Database::Database(const std::string& path, bool create) {
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
  const int status = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  database_.reset(database);
  if (status != SQLITE_OK) throw Error(fmt::format("{}: {}", path, reason(status)));
  sqlite3_busy_timeout(database, 1000 * patience_s);
  // Else no page is read of a file that is shorter than its header says, and nothing of it could be saved.
  sqlite3_db_config(database, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, nullptr);
}

void Database::execute(const std::string& sql) {
  check(handle(), sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t Database::integer(const std::string& sql) {
  Statement statement(*this, sql);
  statement.step();
  return statement.integer(0);
}

Transaction::Transaction(Database& database) : database_(database) { database.execute("BEGIN IMMEDIATE"); }

// SQLite has undone it already after some errors, a full disk for one.
Transaction::~Transaction() {
  if (open_ && sqlite3_get_autocommit(database_.handle()) == 0)
    sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

Statement::Statement(const Database& database, const std::string& sql) : database_(database.handle()) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr));
  statement_.reset(statement);
}

void Statement::check(int status) const { detail::check(database_, status); }

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), ++bound_, value));
  return *this;
}

Statement& Statement::bind(double value) {
  check(sqlite3_bind_double(statement_.get(), ++bound_, value));
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  check(sqlite3_bind_text(statement_.get(), ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_STATIC));
  return *this;
}

bool Statement::step() {
  const int status = sqlite3_step(statement_.get());
  check(status);
  return status == SQLITE_ROW;
}

void Statement::reset() {
  check(sqlite3_reset(statement_.get()));
  bound_ = 0;
}

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))) : "";
}

bool Statement::has_types(std::string_view types, int first) const {
  for (const char type : types) {
    const int expected = type == 't' ? SQLITE_TEXT : type == 'i' ? SQLITE_INTEGER : SQLITE_FLOAT;
    if (sqlite3_column_type(statement_.get(), first++) != expected) return false;
  }
  return true;
}

}  // namespace sigmagrad::lab::detail
