// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <map>
#include <string>

#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::lab::detail {

struct Style {
  std::string colour = {};
  int point = 0;  // gnuplot's number; open for means, filled for everything else measured
  int dash = 1;
};

/// Okabe and Ito's palette, which the colour-blind can tell apart. A label keeps its colour through all panels.
class Palette {
 public:
  explicit Palette(const Figure& figure);
  Style style(const Series& series) const;

 private:
  using Places = std::map<std::string, std::size_t>;
  Places& places(Role role) { return places_[role == Role::Theory ? 1 : role == Role::Printed ? 2 : 0]; }
  const Places& places(Role role) const { return const_cast<Palette*>(this)->places(role); }

  std::array<Places, 3> places_;  // measured, theory and printed ones have looks of their own
};

}  // namespace sigmagrad::lab::detail
