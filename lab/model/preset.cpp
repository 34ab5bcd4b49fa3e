// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/preset.hpp>

namespace sigmagrad::lab {

std::string_view to_text(Preset preset) {
  return preset == Preset::Paper ? "paper" : preset == Preset::Reduced ? "reduced" : "quick";
}

std::optional<Preset> preset_of(std::string_view text) {
  for (const Preset preset : all_presets)
    if (text == to_text(preset)) return preset;
  return {};
}

}  // namespace sigmagrad::lab
