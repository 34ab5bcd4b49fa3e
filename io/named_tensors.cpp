// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/named_tensors.hpp>

#include <algorithm>
#include <map>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

namespace {

// The first names: "a", "b", ....
std::string listed(const NamedTensors& tensors) {
  constexpr std::size_t most = 8;
  std::string text = tensors.empty() ? "no entries" : "";
  for (std::size_t i = 0; i < std::min(tensors.size(), most); ++i)
    text += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", tensors[i].first);
  return tensors.size() > most ? fmt::format("{} and {} more", text, tensors.size() - most) : text;
}

// What an entry that is missing may be called instead.
std::string unknown(const NamedTensors& to, const NamedTensors& from) {
  NamedTensors extra;
  for (const auto& entry : from)
    if (!to.contains(entry.first)) extra.push_back(entry);
  return extra.empty() ? "" : fmt::format(", unknown here are {}", listed(extra));
}

}  // namespace

bool NamedTensors::contains(std::string_view name) const {
  return std::any_of(begin(), end(), [&](const auto& entry) { return entry.first == name; });
}

const Tensor& NamedTensors::operator[](std::string_view name) const {
  const auto found = std::find_if(begin(), end(), [&](const auto& entry) { return entry.first == name; });
  if (found == end()) engine::fail("NamedTensors: no entry \"{}\" among {}", name, listed(*this));
  return found->second;
}

void copy_values(const char* reader, const NamedTensors& to, const NamedTensors& from) {
  engine::refuse_in_capture(reader, "load between the calls");
  std::map<std::string_view, const Tensor*> values;
  for (const auto& [name, value] : from) {
    if (!value.defined()) engine::fail("{}: \"{}\" is an undefined tensor", reader, name);
    if (!values.emplace(name, &value).second) engine::fail("{}: \"{}\" is given twice", reader, name);
  }
  for (const auto& [name, target] : to) {
    const auto value = values.find(name);
    if (value == values.end()) engine::fail("{}: \"{}\" is missing{}", reader, name, unknown(to, from));
    if (value->second->shape() != target.shape())
      engine::fail("{}: \"{}\" has the shape {}, expected {}", reader, name, value->second->shape().str(),
                   target.shape().str());
  }
  if (values.size() != to.size())
    for (const auto& [name, value] : values)
      if (!to.contains(name)) engine::fail("{}: \"{}\" is unknown here", reader, name);
  const NoGrad guard;
  for (auto [name, target] : to) target.copy_(values.at(name)->to(target.dtype()));
}

}  // namespace sigmagrad
