// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/compare/candidate.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/lab/compare/optimizers.hpp>

namespace sigmagrad::lab {

Candidate Candidate::called(std::string other_name) const {
  auto copy = *this;
  copy.name = std::move(other_name);
  return copy;
}

Candidate Candidate::at_default() const {
  auto copy = *this;
  copy.name += " (default)";
  copy.settings.clear();
  if (default_rate && !variants.empty()) copy.settings = {{.variant = 0, .rate = *default_rate}};
  return copy;
}

std::string Candidate::text_of(std::size_t setting) const {
  const auto& [variant, rate] = settings.at(setting);
  const auto& more = variants.at(variant).text;
  return fmt::format("rate {:.3g}{}{}", rate, more.empty() ? "" : ", ", more);
}

std::string Candidate::edge_of(std::size_t setting) const {
  const auto [smallest, largest] = std::ranges::minmax(settings, {}, &Setting::rate);
  if (smallest.rate == largest.rate) return {};
  const double rate = settings.at(setting).rate;
  return rate == smallest.rate ? "smallest rate tried" : rate == largest.rate ? "largest rate tried" : "";
}

Candidate optimizer(std::string name, const MakeOptimizer& make, std::vector<double> rates) {
  const auto start = [make](std::vector<Tensor> parameters, double rate) -> Update {
    const std::shared_ptr<optim::Optimizer> own = make(std::move(parameters), rate);
    return [own](const std::function<Tensor()>& loss) {
      own->zero_grad();
      Tensor value = loss();
      value.backward();
      own->step();
      return value;
    };
  };
  Candidate candidate{.name = std::move(name)};
  candidate.variants.push_back({.start = make ? start : decltype(Variant::start)()});
  for (const double rate : rates) candidate.settings.push_back({.variant = 0, .rate = rate});
  return candidate;
}

namespace {

Candidate trainer(const PenaltyTuning& tuning) {
  return tuning.under ? *tuning.under : adam({}, {.rates = {1e-3, 1e-2, 1e-1}});
}

}  // namespace

Candidate penalty(std::string name, const nn::Penalty& penalty, const PenaltyTuning& tuning) {
  const auto under = trainer(tuning);
  Candidate candidate{.name = std::move(name)};
  for (const double factor : tuning.factors) {
    for (const Setting& setting : under.settings)
      candidate.settings.push_back({.variant = candidate.variants.size() + setting.variant, .rate = setting.rate});
    for (Variant variant : under.variants) {
      variant.text = fmt::format("strength x {:g}{}{}", factor, variant.text.empty() ? "" : ", ", variant.text);
      variant.penalty = factor * penalty;
      variant.together = {};
      candidate.variants.push_back(std::move(variant));
    }
  }
  return candidate;
}

Candidate no_penalty(const PenaltyTuning& tuning) { return trainer(tuning).called("none"); }

}  // namespace sigmagrad::lab
