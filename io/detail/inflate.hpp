// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include <sigmagrad/io/file.hpp>

namespace sigmagrad::detail {

bool is_gzip(Bytes bytes);

/// What deflate compressed, in pieces of a size that the reader knows; around it is a gzip file, or nothing, as in a
/// zip archive. Errors begin with `file`.
class Inflate {
 public:
  enum class Around : std::uint8_t { Gzip, Nothing };

  Inflate(Bytes bytes, Around around, const std::string& file);
  ~Inflate();

  /// The next `size` bytes, or fewer where the stream ends.
  std::vector<std::byte> read(std::size_t size);
  /// Error where more bytes would come, or gzip's checksum is wrong.
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
