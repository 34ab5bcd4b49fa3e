// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string_view>

namespace sigmagrad::detail {

// What a pickle of PyTorch may call.
inline constexpr std::string_view ordered_dict = "collections.OrderedDict",
                                  rebuild_tensor_v2 = "torch._utils._rebuild_tensor_v2",
                                  rebuild_tensor_v3 = "torch._utils._rebuild_tensor_v3",
                                  rebuild_parameter = "torch._utils._rebuild_parameter";

/// A type of entries: its name as safetensors has it, and how many bytes an entry takes.
struct TorchDtype {
  std::string_view name, torch, storage;  // torch.float32, torch.FloatStorage; none: it has no such storage
  std::int64_t item = 0;
};

/// The type of torch.FloatStorage and the like, and of torch.storage.UntypedStorage, whose entries are bytes; null for
/// other names.
const TorchDtype* storage_type(std::string_view name);
/// The type of torch.float32 and the like; null for other names.
const TorchDtype* dtype_named(std::string_view name);
/// The name, where a pickle may ask for it, in memory that stays; else nothing.
std::string_view torch_global(std::string_view name);

}  // namespace sigmagrad::detail
