// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/parsers/torch_names.hpp>

#include <algorithm>
#include <array>

namespace sigmagrad::detail {
namespace {

constexpr std::array dtypes{
    TorchDtype{"F64", "torch.float64", "torch.DoubleStorage", 8},
    TorchDtype{"F32", "torch.float32", "torch.FloatStorage", 4},
    TorchDtype{"F16", "torch.float16", "torch.HalfStorage", 2},
    TorchDtype{"BF16", "torch.bfloat16", "torch.BFloat16Storage", 2},
    TorchDtype{"F8_E4M3", "torch.float8_e4m3fn", "", 1},
    TorchDtype{"F8_E5M2", "torch.float8_e5m2", "", 1},
    TorchDtype{"F8_E4M3FNUZ", "torch.float8_e4m3fnuz", "", 1},
    TorchDtype{"F8_E5M2FNUZ", "torch.float8_e5m2fnuz", "", 1},
    TorchDtype{"F8_E8M0", "torch.float8_e8m0fnu", "", 1},
    TorchDtype{"I64", "torch.int64", "torch.LongStorage", 8},
    TorchDtype{"I32", "torch.int32", "torch.IntStorage", 4},
    TorchDtype{"I16", "torch.int16", "torch.ShortStorage", 2},
    TorchDtype{"I8", "torch.int8", "torch.CharStorage", 1},
    TorchDtype{"U8", "torch.uint8", "torch.ByteStorage", 1},
    TorchDtype{"U16", "torch.uint16", "", 2},
    TorchDtype{"U32", "torch.uint32", "", 4},
    TorchDtype{"U64", "torch.uint64", "", 8},
    TorchDtype{"BOOL", "torch.bool", "torch.BoolStorage", 1},
    TorchDtype{"C32", "torch.complex32", "", 4},
    TorchDtype{"C64", "torch.complex64", "torch.ComplexFloatStorage", 8},
    TorchDtype{"C128", "torch.complex128", "torch.ComplexDoubleStorage", 16},
    TorchDtype{"U8", "", "torch.storage.UntypedStorage", 1},
};

const TorchDtype* find(std::string_view TorchDtype::*field, std::string_view name) {
  const auto found = std::find_if(dtypes.begin(), dtypes.end(), [&](const auto& row) { return row.*field == name; });
  return found == dtypes.end() || name.empty() ? nullptr : &*found;
}

}  // namespace

const TorchDtype* storage_type(std::string_view name) { return find(&TorchDtype::storage, name); }
const TorchDtype* dtype_named(std::string_view name) { return find(&TorchDtype::torch, name); }

std::string_view torch_global(std::string_view name) {
  for (const auto known : {ordered_dict, rebuild_tensor_v2, rebuild_tensor_v3, rebuild_parameter})
    if (name == known) return known;
  if (const auto* type = storage_type(name)) return type->storage;
  if (const auto* type = dtype_named(name)) return type->torch;
  return {};
}

}  // namespace sigmagrad::detail
