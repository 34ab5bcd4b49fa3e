// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/io/file.hpp>

namespace sigmagrad::detail {

/// One file of a zip archive, as the archive's directory has it.
struct ZipEntry {
  std::string name = {};
  Bytes stored = {};       // as they lie in the archive
  std::uint64_t size = 0;  // of the file
  std::uint32_t checksum = 0;
  std::uint16_t method = 0;
  bool encrypted = false;

  bool is_stored() const { return method == 0; }
};

/// Reads the directory, without looking at what is in the entries; zip64 included. Error, beginning with `file`, for
/// entries that overlap, leave the archive, are named twice, or are named otherwise where they begin.
std::vector<ZipEntry> parse_zip(Bytes bytes, const std::string& file);

/// Why the entry cannot be unpacked: encrypted, compressed by anything but deflate, or of an impossible size; empty if
/// it can.
std::string zip_problem(const ZipEntry& entry);

/// Whether the bytes begin as a zip archive does.
bool is_zip(Bytes bytes);

}  // namespace sigmagrad::detail
