// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/detail/sqlite.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>

namespace sigmagrad::experiments::detail {

namespace {

constexpr int patience_ms = 20000;  // another shard may be writing to the same file

void check(sqlite3* database, int status) {
  if (status != SQLITE_OK && status != SQLITE_ROW && status != SQLITE_DONE)
    sigmagrad::detail::fail("results.db: {}", sqlite3_errmsg(database));
}

}  // namespace

Database::Database(const std::string& path) {
  sqlite3* database = nullptr;
  const int status = sqlite3_open(path.c_str(), &database);
  database_.reset(database);
  if (status != SQLITE_OK) sigmagrad::detail::fail("{}: cannot be opened: {}", path, sqlite3_errstr(status));
  sqlite3_busy_timeout(database, patience_ms);
}

void Database::execute(const std::string& sql) {
  check(handle(), sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t Database::integer(const std::string& sql) {
  Statement statement(*this, sql);
  statement.step();
  return statement.integer(0);
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

Statement& Statement::bind(const std::string& value) {
  check(sqlite3_bind_text(statement_.get(), ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
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

std::string Statement::text(int column) const {
  const auto* text = sqlite3_column_text(statement_.get(), column);
  return text ? reinterpret_cast<const char*>(text) : "";
}

}  // namespace sigmagrad::experiments::detail
