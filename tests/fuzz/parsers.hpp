// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/parsers/cifar.hpp>
#include <sigmagrad/io/parsers/csv.hpp>
#include <sigmagrad/io/parsers/idx.hpp>
#include <sigmagrad/io/parsers/npy.hpp>
#include <sigmagrad/io/parsers/npz.hpp>
#include <sigmagrad/io/parsers/onnx.hpp>
#include <sigmagrad/io/parsers/safetensors.hpp>
#include <sigmagrad/io/parsers/shard_index.hpp>
#include <sigmagrad/io/parsers/torch.hpp>

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

// As CIFAR-10, or as CIFAR-100 where the length is that of another number of images there.
inline void parse_cifar(sigmagrad::detail::Bytes bytes) {
  using sigmagrad::detail::cifar100, sigmagrad::detail::CifarLayout;
  const bool hundred = bytes.size() % cifar100.size() == 0;
  const auto& layout = hundred ? cifar100 : sigmagrad::detail::cifar10;
  const sigmagrad::detail::CifarFile file{bytes, "file"};
  const auto cifar = sigmagrad::detail::parse_cifar({&file, 1}, layout, f32);
  const auto pixels = cifar.images.data<float>();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t image = i / layout.size(), at = i % layout.size(), first = layout.size() - CifarLayout::pixels;
    const double found = at >= first ? 255.0 * static_cast<double>(pixels[image * CifarLayout::pixels + at - first])
                         : at + 1 < first ? static_cast<double>(cifar.coarse_labels[image])
                                          : static_cast<double>(cifar.labels[image]);
    if (std::lround(found) != std::to_integer<long>(bytes[i])) throw std::logic_error("a byte is not what was read");
  }
}

inline void read_all(const std::vector<sigmagrad::detail::StoredArray>& arrays) {
  for (const auto& array : arrays)
    if (array.entry.problem.empty()) sigmagrad::detail::read_array(array, "file");
}

// A pickle by itself, or the archive around one.
inline void parse_pickle(sigmagrad::detail::Bytes bytes) {
  if (!sigmagrad::detail::is_zip(bytes)) {
    sigmagrad::detail::parse_torch_pickle(bytes, "file");
    return;
  }
  const auto entries = sigmagrad::detail::parse_zip(bytes, "file");
  if (sigmagrad::detail::is_torch_archive(entries)) read_all(sigmagrad::detail::torch_arrays(bytes, entries, "file"));
}

inline void parse_onnx(sigmagrad::detail::Bytes bytes) {
  std::vector<sigmagrad::detail::StoredArray> arrays;
  for (auto& entry : sigmagrad::detail::parse_onnx(bytes, "file"))
    if (!entry.external) arrays.push_back(std::move(entry.array));
  read_all(arrays);
}

inline void parse_shards(sigmagrad::detail::Bytes bytes) {
  for (const auto& [name, shard] : sigmagrad::detail::parse_shard_index(bytes, "file"))
    if (name.size() + shard.size() > bytes.size()) throw std::logic_error("more letters than the index has");
}

struct Parser {
  std::string_view name;
  void (*parse)(sigmagrad::detail::Bytes);
};

inline constexpr std::array parsers{
    Parser{"safetensors", parse_safetensors},
    Parser{"npy", parse_npy},
    Parser{"npz", parse_npz},
    Parser{"csv", parse_csv},
    Parser{"idx", parse_idx},
    Parser{"cifar", parse_cifar},
    Parser{"pickle", parse_pickle},
    Parser{"onnx", parse_onnx},
    Parser{"shards", parse_shards},
};

}  // namespace sigmagrad::testing
