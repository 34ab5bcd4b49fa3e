// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include <sigmagrad/io/file.hpp>

namespace sigmagrad::detail {

bool is_gzip(Bytes bytes);

/// What gzip compressed, in pieces of a size that the reader knows. Errors begin with `file`.
class Gunzip {
 public:
  Gunzip(Bytes bytes, const std::string& file);
  ~Gunzip();

  /// The next `size` bytes, or fewer where the stream ends.
  std::vector<std::byte> read(std::size_t size);
  /// Error where more bytes would come, or the checksum is wrong.
  void expect_end();
  /// No stream of this length becomes longer.
  std::uint64_t largest_size() const;

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  Bytes bytes_;
  const std::string& file_;
};

}  // namespace sigmagrad::detail
