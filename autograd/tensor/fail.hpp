// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

#include <fmt/core.h>

#include <sigmagrad/autograd/tensor/error.hpp>

namespace sigmagrad::engine {

/// Throws Error with a formatted message: `fail("{}: lr must be >= 0 (got {})", name, lr)`.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace sigmagrad::engine
