// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sigmagrad::detail {

using Bytes = std::span<const std::byte>;

inline std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// The whole file. Error naming it where it is missing, a directory, or not readable.
std::vector<std::byte> read_bytes(const std::filesystem::path& path);
std::string read_file(const std::filesystem::path& path);

/// A file that is written beside its name and takes it in one step: a reader sees the old file or the new one, whole.
/// Unless committed, nothing of it stays behind. Errors name the path.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(Bytes bytes);
  /// The entries are on the disk before the name is.
  void commit();

 private:
  [[noreturn]] void fail_with(int error) const;

  std::filesystem::path path_, temporary_;
  int descriptor_ = -1;
};

/// Replaces the file in one step.
void write_file(const std::filesystem::path& path, std::string_view text);
void write_file(const std::filesystem::path& path, Bytes bytes);

}  // namespace sigmagrad::detail
