// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstring>
#include <string>

#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {

/// The bytes of numbers as they lie in memory.
template <class T>
std::string bits(std::initializer_list<T> values) {
  std::string text(values.size() * sizeof(T), '\0');
  std::memcpy(text.data(), values.begin(), text.size());
  return text;
}

inline sigmagrad::detail::Bytes as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace sigmagrad::testing
