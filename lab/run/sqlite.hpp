// SPDX-License-Identifier: BSD-3-Clause
// SQLite with errors as exceptions, in this program's words, and handles that close themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include <sigmagrad/autograd/tensor/error.hpp>

namespace sigmagrad::lab::detail {

/// What is left to do about a file that cannot be read.
inline constexpr const char* other_place = "choose another --out, or move the file away";

/// Pages or the schema of a file cannot be read.
struct Corrupt : Error {
  using Error::Error;
};

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class Database {
 public:
  Database() = default;
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
  /// A text that stays where it is until the step is done.
  Statement& bind(std::string_view value);
  bool step();
  void reset();
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  double real(int column) const { return sqlite3_column_double(statement_.get(), column); }
  /// Every byte of it, until the next step or reset.
  std::string_view text(int column) const;
  /// A letter a column, from `first` on: t for text, i for integer, r for real.
  bool has_types(std::string_view types, int first) const;

 private:
  void check(int status) const;
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
  int bound_ = 0;
};

}  // namespace sigmagrad::lab::detail
