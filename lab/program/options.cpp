// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/options.hpp>

#include <cmath>
#include <type_traits>

#include <CLI/App.hpp>

namespace sigmagrad::lab {

namespace {

std::int64_t whole(double limit) {
  if (limit >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
  return limit <= -0x1p63 ? std::numeric_limits<std::int64_t>::min() : static_cast<std::int64_t>(limit);
}

CLI::Option* add(CLI::App& parser, const Option& option) {
  return std::visit(
      [&](auto* into) {
        using T = std::remove_pointer_t<decltype(into)>;
        if constexpr (std::is_same_v<T, bool>) {
          return parser.add_flag(option.name, *into, option.help);
        } else {
          CLI::Option* added = parser.add_option(option.name, *into, option.help);
          if (std::is_same_v<T, std::vector<std::string>> && option.name.starts_with('-'))
            added->allow_extra_args(false);
          if (std::isinf(option.minimum) && std::isinf(option.maximum)) return added;
          if constexpr (std::is_same_v<T, double>) {
            return added->check(CLI::Range(option.minimum, option.maximum));
          } else {
            return added->check(CLI::Range(whole(option.minimum), whole(option.maximum)));
          }
        }
      },
      option.into);
}

}  // namespace

void declare_options(CLI::App& parser, const Options& options) {
  for (const Option& option : options) {
    CLI::Option* added = add(parser, option);
    if (!option.type.empty()) added->type_name(option.type);
    if (!option.excludes.empty()) added->excludes(parser.get_option(option.excludes));
    added->required(option.required);
  }
}

}  // namespace sigmagrad::lab
