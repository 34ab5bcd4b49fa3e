// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include <sigmagrad/io/parsers/pickle.hpp>
#include <sigmagrad/io/parsers/stored_array.hpp>
#include <sigmagrad/io/parsers/torch_names.hpp>
#include <sigmagrad/io/parsers/zip.hpp>

// Files of torch.save: a zip archive of a pickle and of the storages that it names.
namespace sigmagrad::detail {

/// A tensor of a pickle: a view of a storage.
struct TorchTensor {
  std::string name = {};  // its place, such as model.0.weight in {"model": [{"weight": tensor}]}; "array" if it is all
  std::string storage = {};  // the key
  const TorchDtype* dtype = nullptr;
  std::int64_t storage_bytes = 0, offset = 0;  // the offset in entries
  std::size_t rank = 0;
  std::vector<std::int64_t> sizes = {}, strides = {};  // none where the rank is more than a Shape has
};

/// Error, naming the tensor, for a negative size and for a view beyond its storage.
std::vector<TorchTensor> parse_torch_pickle(Bytes bytes, const std::string& file);

/// Whether the archive is one of torch.save.
bool is_torch_archive(const std::vector<ZipEntry>& entries);
/// Error for a storage that is missing, compressed or of another size; `bytes` are the whole file.
std::vector<StoredArray> torch_arrays(Bytes bytes, const std::vector<ZipEntry>& entries, const std::string& file);

/// What the bytes are if they are a PyTorch file of another form, and how to make one that is read.
std::optional<std::string> other_torch_form(Bytes bytes);

}  // namespace sigmagrad::detail
