// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/parsers/csv.hpp>
#include <sigmagrad/io/parsers/idx.hpp>
#include <sigmagrad/io/parsers/npy.hpp>
#include <sigmagrad/io/parsers/npz.hpp>
#include <sigmagrad/io/parsers/safetensors.hpp>

// One function a file format: reads the bytes, which may be anything, and throws sigmagrad::Error or nothing. What was
// read must come back from what is written.
namespace sigmagrad::testing {

inline void require_equal(const Tensor& a, const Tensor& b) {
  const auto x = sigmagrad::detail::bytes_of(a), y = sigmagrad::detail::bytes_of(b);
  if (a.shape() != b.shape() || a.dtype() != b.dtype() ||
      (!x.empty() && std::memcmp(x.data(), y.data(), x.size()) != 0))
    throw std::logic_error("a tensor is not what was written");
}

inline std::vector<std::byte> joined(const std::string& header, const NamedTensors& tensors) {
  const auto start = std::as_bytes(std::span(header));
  std::vector<std::byte> bytes(start.begin(), start.end());
  for (const auto& [name, tensor] : tensors) {
    const auto entries = sigmagrad::detail::bytes_of(tensor);
    bytes.insert(bytes.end(), entries.begin(), entries.end());
  }
  return bytes;
}

inline void parse_safetensors(sigmagrad::detail::Bytes bytes) {
  const auto file = sigmagrad::detail::parse_safetensors(bytes, "file");
  const auto written =
      joined(sigmagrad::detail::safetensors_header(file.tensors, file.metadata, "written"), file.tensors);
  const auto again = sigmagrad::detail::parse_safetensors(written, "written");
  if (again.metadata != file.metadata || again.tensors.size() != file.tensors.size())
    throw std::logic_error("a file is not what was written");
  for (const auto& [name, tensor] : file.tensors) require_equal(again.tensors[name], tensor);
}

inline void parse_npy(sigmagrad::detail::Bytes bytes) {
  const auto tensor = sigmagrad::detail::parse_npy(bytes, "file");
  require_equal(sigmagrad::detail::parse_npy(
                    joined(sigmagrad::detail::npy_header(tensor.shape(), tensor.dtype()), {{"", tensor}}), "written"),
                tensor);
}

inline void parse_npz(sigmagrad::detail::Bytes bytes) {
  const auto some = sigmagrad::detail::parse_npz(bytes, "file", {"a", "x"});
  for (const auto& [name, tensor] : some)
    if (name != "a" && name != "x") throw std::logic_error("an entry that nobody asked for");
  sigmagrad::detail::parse_npz(bytes, "file");
}

inline void parse_csv(sigmagrad::detail::Bytes bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const CsvOptions options{.missing = std::numeric_limits<double>::quiet_NaN()};
  const auto table = sigmagrad::detail::parse_csv(text, options, "file");
  for (const auto& row : table.rows)
    if (row.size() != table.rows.front().size()) throw std::logic_error("rows of different lengths");
  const auto numbers = sigmagrad::detail::parse_csv_numbers(text, options, "file");
  if (numbers.size(0) != std::ssize(table.rows)) throw std::logic_error("numbers and texts differ");
}

inline void parse_idx(sigmagrad::detail::Bytes bytes) { sigmagrad::detail::parse_idx(bytes, f64, "file"); }

struct Parser {
  std::string_view name;
  void (*parse)(sigmagrad::detail::Bytes);
};

inline constexpr std::array parsers{Parser{"safetensors", parse_safetensors}, Parser{"npy", parse_npy},
                                    Parser{"npz", parse_npz}, Parser{"csv", parse_csv}, Parser{"idx", parse_idx}};

}  // namespace sigmagrad::testing
