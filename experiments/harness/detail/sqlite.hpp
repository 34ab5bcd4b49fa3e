// SPDX-License-Identifier: BSD-3-Clause
// SQLite with errors as exceptions and handles that close themselves.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

namespace sigmagrad::experiments::detail {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class Database {
 public:
  /// `create`: makes the file where there is none. One that may only be read is opened to read.
  Database(const std::string& path, bool create);
  void execute(const std::string& sql);
  std::int64_t integer(const std::string& sql);
  sqlite3* handle() const { return database_.get(); }

 private:
  std::unique_ptr<sqlite3, CloseDatabase> database_;
};

/// Takes the right to write now; undone unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

/// One prepared statement: bind in order, step through the rows, reset to use it again.
class Statement {
 public:
  Statement(const Database& database, const std::string& sql);
  Statement& bind(std::int64_t value);
  Statement& bind(double value);
  Statement& bind(const std::string& value);
  bool step();
  void reset();
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  double real(int column) const { return sqlite3_column_double(statement_.get(), column); }
  std::string text(int column) const;

 private:
  void check(int status) const;
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
  int bound_ = 0;
};

}  // namespace sigmagrad::experiments::detail
