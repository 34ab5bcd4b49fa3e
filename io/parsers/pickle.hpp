// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <sigmagrad/io/file.hpp>

// The pickle of a PyTorch file, read and never run: https://docs.python.org/3/library/pickletools.html names the codes.
namespace sigmagrad::detail {

/// A value of a pickle. Others are meant by their numbers in Pickle::values, so that they may be shared.
struct PickleValue {
  enum class Kind : std::uint8_t { None, Bool, Integer, Real, Text, List, Tuple, Dict, Global, Storage, Tensor };

  Kind kind = Kind::None;
  std::int64_t integer = 0;    // that of Integer and Bool
  std::string_view text = {};  // of Text; of Global the name with its module, such as torch.FloatStorage
  std::vector<std::uint32_t> items =
      {};  // of List and Tuple; of Dict keys and values in turn;
           // of Storage its type, key and number of entries;
           // of Tensor its storage, offset, sizes, strides and dtype (None: its storage's)
};

struct Pickle {
  std::vector<PickleValue> values;
  std::uint32_t root = 0;

  const PickleValue& operator[](std::uint32_t number) const { return values[number]; }
};

/// Knows tensors, their storages and parameters, dictionaries, lists, tuples, numbers and texts. Error, beginning with
/// `file`, for anything else that the pickle asks for, by its name, and for what is no pickle. The texts lie in
/// `bytes`.
Pickle parse_pickle(Bytes bytes, const std::string& file);

}  // namespace sigmagrad::detail
