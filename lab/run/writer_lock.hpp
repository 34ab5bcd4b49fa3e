// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

namespace sigmagrad::lab::detail {

/// Held by the one process that may write to a directory: results.lock there. It works on network file systems, and the
/// system lets go of it when the process ends, however it ends; the file itself stays.
class WriterLock {
 public:
  /// An Error at once, naming the process, where another holds it, and where the directory cannot be written.
  explicit WriterLock(const std::filesystem::path& directory);
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace sigmagrad::lab::detail
