// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/latex.hpp>

#include <array>
#include <utility>

namespace sigmagrad::lab {

namespace {

using Replacement = std::pair<std::string_view, std::string_view>;

constexpr std::array replacements{
    // what LaTeX takes for commands
    Replacement{"\\", "\\textbackslash{}"}, Replacement{"&", "\\&"}, Replacement{"%", "\\%"}, Replacement{"$", "\\$"},
    Replacement{"#", "\\#"}, Replacement{"_", "\\_"}, Replacement{"{", "\\{"}, Replacement{"}", "\\}"},
    Replacement{"~", "\\textasciitilde{}"}, Replacement{"^", "\\textasciicircum{}"}, Replacement{"<", "$<$"},
    Replacement{">", "$>$"}, Replacement{"|", "$|$"}, Replacement{"\"", "''"},
    // what its usual fonts lack
    Replacement{"α", "$\\alpha$"}, Replacement{"β", "$\\beta$"}, Replacement{"γ", "$\\gamma$"},
    Replacement{"δ", "$\\delta$"}, Replacement{"ε", "$\\varepsilon$"}, Replacement{"η", "$\\eta$"},
    Replacement{"θ", "$\\theta$"}, Replacement{"κ", "$\\kappa$"}, Replacement{"λ", "$\\lambda$"},
    Replacement{"μ", "$\\mu$"}, Replacement{"π", "$\\pi$"}, Replacement{"ρ", "$\\rho$"}, Replacement{"σ", "$\\sigma$"},
    Replacement{"τ", "$\\tau$"}, Replacement{"φ", "$\\varphi$"}, Replacement{"ω", "$\\omega$"},
    Replacement{"Δ", "$\\Delta$"}, Replacement{"Σ", "$\\Sigma$"}, Replacement{"±", "$\\pm$"},
    Replacement{"×", "$\\times$"}, Replacement{"·", "$\\cdot$"}, Replacement{"≤", "$\\le$"}, Replacement{"≥", "$\\ge$"},
    Replacement{"≈", "$\\approx$"}, Replacement{"≠", "$\\ne$"}, Replacement{"∞", "$\\infty$"},
    Replacement{"→", "$\\to$"}, Replacement{"√", "$\\surd$"}, Replacement{"∈", "$\\in$"},
    Replacement{"∝", "$\\propto$"}, Replacement{"‖", "$\\|$"}, Replacement{"²", "$^2$"}, Replacement{"³", "$^3$"},
    Replacement{"⁻", "$^-$"}, Replacement{"¹", "$^1$"}, Replacement{"−", "$-$"}, Replacement{"–", "--"},
    Replacement{"—", "---"}};

}  // namespace

std::string latex_text(std::string_view text) {
  std::string latex;
  while (!text.empty()) {
    const Replacement* found = nullptr;
    for (const Replacement& one : replacements)
      if (text.starts_with(one.first)) found = &one;
    latex += found ? found->second : text.substr(0, 1);
    text.remove_prefix(found ? found->first.size() : 1);
  }
  return latex;
}

}  // namespace sigmagrad::lab
