// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <sigmagrad/io/named_tensors.hpp>

// The safetensors format: https://github.com/huggingface/safetensors#format.
namespace sigmagrad {

/// Texts that a file keeps beside its tensors.
using Metadata = std::map<std::string, std::string>;

/// Writes the tensors in their order, as F64 and F32. An existing file is replaced in one step.
void save(const NamedTensors& tensors, const std::filesystem::path& path, const Metadata& metadata = {});

/// The tensors in the order in which the file has their entries. F64 and F32 are read as they are; F16 and BF16 become
/// f32, whole numbers and BOOL f64 (an Error where f64 does not hold one). Error for anything the format forbids.
NamedTensors load(const std::filesystem::path& path);

Metadata load_metadata(const std::filesystem::path& path);

}  // namespace sigmagrad
