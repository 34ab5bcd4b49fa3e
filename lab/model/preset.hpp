// SPDX-License-Identifier: BSD-3-Clause
// The sizes in which an experiment is run.
#pragma once

#include <optional>
#include <string_view>

namespace sigmagrad::lab {

/// The shape, in seconds; what two cores do in about an hour where an experiment has such a middle size; the document's
/// own sizes.
enum class Preset { Quick, Reduced, Paper };

inline constexpr Preset all_presets[] = {Preset::Quick, Preset::Reduced, Preset::Paper};
std::string_view to_text(Preset preset);
/// The preset of that name; none for another text.
std::optional<Preset> preset_of(std::string_view text);

/// What was declared of a preset; where nothing was, what was declared of quick.
template <class T>
const T& of_preset(Preset preset, const T& quick, const T& reduced, const T& paper) {
  const T& own = preset == Preset::Quick ? quick : preset == Preset::Reduced ? reduced : paper;
  return own != T{} ? own : quick;
}

template <class T>
struct PerPreset {
  T quick = {};
  T reduced = {};  // as quick if it is zero
  T paper = {};    // likewise
  const T& operator[](Preset preset) const { return of_preset(preset, quick, reduced, paper); }
};

}  // namespace sigmagrad::lab
