// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>

namespace sigmagrad::testing {

using Texts = std::vector<std::string>;

/// Whether `text` contains every one of `parts`; a failure prints the text and the part that is missing.
template <class... Parts>
::testing::AssertionResult contains(std::string_view text, const Parts&... parts) {
  auto result = ::testing::AssertionSuccess();
  const auto look_for = [&](std::string_view part) {
    if (text.find(part) == std::string_view::npos)
      result = ::testing::AssertionFailure() << "'" << part << "' is not in:\n" << text;
  };
  (look_for(parts), ...);
  return result;
}

/// What the Error says that `call` throws.
template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace sigmagrad::testing
