// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/variables.hpp>

namespace sigmagrad::lab {

namespace {

template <class T>
Values values_of(const std::vector<T>& list) {
  return {list.begin(), list.end()};
}

}  // namespace

template <>
Int::operator Parameter() const {
  return {.name = name,
          .help = help,
          .label = label,
          .type = Type::Integer,
          .quick = values_of(quick),
          .reduced = values_of(reduced),
          .paper = values_of(paper),
          .minimum = minimum,
          .maximum = maximum};
}

template <>
Real::operator Parameter() const {
  return {.name = name,
          .help = help,
          .label = label,
          .type = Type::Real,
          .quick = values_of(quick),
          .reduced = values_of(reduced),
          .paper = values_of(paper),
          .minimum = minimum,
          .maximum = maximum};
}

template <>
std::int64_t Int::of(const Params& params) const {
  return params.integer(name);
}

template <>
double Real::of(const Params& params) const {
  return params.real(name);
}

Text::operator Parameter() const {
  return {.name = name,
          .help = help,
          .label = label,
          .type = Type::Text,
          .quick = values_of(quick),
          .reduced = values_of(reduced),
          .paper = values_of(paper),
          .choices = choices,
          .any_text = any_text};
}

Flag::operator Parameter() const {
  Parameter parameter{.name = name, .help = help, .label = label, .type = Type::Boolean};
  for (const bool value : quick) parameter.quick.emplace_back(value);
  for (const bool value : reduced) parameter.reduced.emplace_back(value);
  for (const bool value : paper) parameter.paper.emplace_back(value);
  return parameter;
}

}  // namespace sigmagrad::lab
