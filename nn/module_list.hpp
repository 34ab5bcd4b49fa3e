// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

/// Parts of one type in a row, registered as "0", "1", ...: `blocks(register_module("blocks", ModuleList<Block>()))`
/// names their parameters "blocks.0.weight", also of parts appended later. What calls them is the model's own code:
/// `for (const auto& block : blocks) x = block(x);`. Copies are handles to one list.
template <std::derived_from<Module> Part>
class ModuleList : public Module {
 public:
  ModuleList() = default;
  explicit ModuleList(const std::vector<Part>& parts) {
    for (const auto& part : parts) append(part);
  }

  void append(Part part) { parts_->push_back(register_module(std::to_string(size()), std::move(part))); }
  std::size_t size() const { return parts_->size(); }
  bool empty() const { return parts_->empty(); }
  /// Error where there is none.
  const Part& operator[](std::size_t i) const {
    if (i >= size()) throw Error("ModuleList: no part " + std::to_string(i) + " among " + std::to_string(size()));
    return (*parts_)[i];
  }
  auto begin() const { return std::as_const(*parts_).begin(); }
  auto end() const { return std::as_const(*parts_).end(); }
  ModuleList clone() const { return nn::clone(*this); }

 private:
  engine::Shared<std::vector<Part>> parts_;
};

}  // namespace sigmagrad::nn
