// SPDX-License-Identifier: BSD-3-Clause
#include <ostream>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/type_name.hpp>
#include <sigmagrad/nn/detail/registry.hpp>

namespace sigmagrad::nn {
namespace {

// 1234567 as "1,234,567".
std::string grouped(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<std::size_t>(i), ",");
  return digits;
}

// "weight [128, 64], bias [128]", of the module's own parameters, and how many numbers they are.
std::pair<std::string, std::int64_t> shapes_of(const NamedTensors& parameters) {
  std::string shapes;
  std::int64_t count = 0;
  for (const auto& [name, value] : parameters) {
    shapes += fmt::format("{}{} {}", shapes.empty() ? "" : ", ", name, value.shape().str());
    count += value.numel();
  }
  return {shapes, count};
}

}  // namespace

void print(std::ostream& out, const Module& module, const std::type_info& type) {
  const auto own = [](const Module& part) {
    NamedTensors parameters;
    part.registry_->walk_own([&](const Module::Registry& registry) {
      parameters.insert(parameters.end(), registry.parameters.begin(), registry.parameters.end());
    });
    return shapes_of(parameters);
  };
  const auto print_parts = [&](const auto& self, const Module& whole, std::size_t indent) -> void {
    for (const auto& part : whole.registry_->parts) {
      const auto [shapes, count] = own(part.module);
      out << fmt::format("{:{}}{}: {}", "", indent, part.name, engine::type_name(*part.type));
      if (count > 0) out << fmt::format(" {} ({})", shapes, grouped(count));
      out << '\n';
      self(self, part.module, indent + 2);
    }
  };
  const auto total = shapes_of(module.named_parameters()).second;
  const auto shapes = own(module).first;
  out << fmt::format("{} {}{}({} parameter{})\n", engine::type_name(type), shapes, shapes.empty() ? "" : " ",
                     grouped(total), total == 1 ? "" : "s");
  print_parts(print_parts, module, 2);
}

}  // namespace sigmagrad::nn
