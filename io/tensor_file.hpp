// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Files of models, whoever wrote them, one array at a time.
namespace sigmagrad {

/// One array of a file, before it is read.
struct TensorEntry {
  std::string name = {};
  std::vector<std::int64_t> shape = {};  // none where there is a problem and no Shape holds it
  std::string dtype = {};    // as safetensors has it: F64 F32 F16 BF16 F8_E4M3 I64 BOOL ...; else as the format has it
  std::string problem = {};  // why it cannot be read (external data, complex numbers ...); empty if it can
};

namespace detail {
struct OpenTensors;
}

/// The arrays of a file, each read when it is asked for; one handle may be used by several threads. The file is mapped
/// into memory: it must not become shorter while a handle lives. Copies of a handle share the mapping.
class TensorFile {
 public:
  const std::filesystem::path& path() const;
  /// The files that hold the arrays: path() itself, or the shards that an index names, and files of external data.
  const std::vector<std::filesystem::path>& files() const;
  const std::vector<TensorEntry>& entries() const;
  /// F64 as f64; F32, F16, BF16 and F8 as f32; whole numbers and BOOL as f64 (an Error where f64 does not hold one).
  /// Beside the tensor, a few MiB of the file are held at most, whatever its size; an array that the file keeps
  /// compressed or as variable-length numbers is held once more. Errors name the file and the tensor.
  Tensor read(std::size_t index) const;

 private:
  friend TensorFile open_tensors(const std::filesystem::path& path);
  explicit TensorFile(std::shared_ptr<const detail::OpenTensors> open);

  std::shared_ptr<const detail::OpenTensors> open_;
};

/// Opens a file by its content and suffix: safetensors, *.index.json (the shards of a model, beside it), .npz, .npy,
/// .csv, PyTorch's .pt, .pth and .bin (the zip form, whose pickle is read and never run), .onnx (initialisers of the
/// main graph). The array of a file that has no name for it is called "array". Error, naming the file and where it can
/// the tensor, for what none of them is, and for anything that its format forbids; nothing of it is read then.
TensorFile open_tensors(const std::filesystem::path& path);

/// Whether the suffix is one that open_tensors reads: what a walk through a folder looks at.
bool may_hold_tensors(const std::filesystem::path& path);

}  // namespace sigmagrad
