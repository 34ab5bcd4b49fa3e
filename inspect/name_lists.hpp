// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sigmagrad::inspection {

/// The first line begins at the margin, the others are indented.
std::string wrapped_text(const std::string& text, std::size_t width, const std::string& indent);

/// Tensors by what is said of them, in the order in which the reasons come first.
class NameLists {
 public:
  void add(const std::string& reason, const std::string& name);
  /// A line a reason: "Not measured, a vector: a.bias [384], b.bias [384]"
  std::string text(const std::string& what, std::size_t width) const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> lists_;
};

}  // namespace sigmagrad::inspection
