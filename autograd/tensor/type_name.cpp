// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/tensor/type_name.hpp>

#include <cstdlib>
#include <memory>
#include <regex>

#include <cxxabi.h>

namespace sigmagrad::engine {

std::string type_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                    std::free);
  static const std::regex qualifier(R"((\w+|\(anonymous namespace\)|\w+\([^()]*\))::)");
  return std::regex_replace(status == 0 ? name.get() : type.name(), qualifier, "");
}

}  // namespace sigmagrad::engine
