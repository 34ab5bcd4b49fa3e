// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/io/file.hpp>

namespace sigmagrad::detail {

/// A file's bytes, read from the disk when they are looked at. What has no size, such as a pipe, is read at once.
class MappedFile {
 public:
  /// Error naming the file where it is missing, a directory, or not readable.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  Bytes bytes() const { return bytes_; }
  /// Lets go of the memory that a part of bytes() takes; it comes from the file again when it is looked at.
  void give_back(Bytes part) const;

 private:
  std::filesystem::path path_;
  std::vector<std::byte> buffer_;
  Bytes bytes_;
  bool mapped_ = false;
};

}  // namespace sigmagrad::detail
