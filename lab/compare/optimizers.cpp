// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/compare/optimizers.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include <sigmagrad/autograd/random/random.hpp>

namespace sigmagrad::lab {

namespace {

// Seven rates from `first` on, three a factor of ten.
std::vector<double> rates_from(double first) {
  std::vector<double> rates;
  for (double power = 1.0; rates.size() < 7; power *= 10.0)
    for (const double step : {1.0, 3.0}) rates.push_back(first * power * step);
  rates.resize(7);
  return rates;
}

// "momentum=0.9 nesterov": the options that differ from the defaults.
class Differences {
 public:
  Differences& add(std::string_view name, double value, double usual) {
    if (value != usual) text_ += fmt::format("{}{}={:.3g}", separator(), name, value);
    return *this;
  }
  Differences& add(std::string_view name, bool value) {
    if (value) text_ += fmt::format("{}{}", separator(), name);
    return *this;
  }
  Differences& add_betas(const std::array<double, 2>& betas) {
    return add("beta1", betas[0], 0.9).add("beta2", betas[1], 0.999);
  }
  const std::string& text() const { return text_; }

 private:
  const char* separator() const { return text_.empty() ? "" : " "; }
  std::string text_;
};

std::string text_of(const optim::SGDOptions& o) {
  return Differences()
      .add("momentum", o.momentum, 0)
      .add("dampening", o.dampening, 0)
      .add("weight_decay", o.weight_decay, 0)
      .add("nesterov", o.nesterov)
      .text();
}
std::string text_of(const optim::AdamOptions& o) {
  return Differences()
      .add_betas(o.betas)
      .add("eps", o.eps, 1e-8)
      .add("weight_decay", o.weight_decay, 0)
      .add("amsgrad", o.amsgrad)
      .text();
}
std::string text_of(const optim::AdamWOptions& o) {
  return Differences()
      .add_betas(o.betas)
      .add("eps", o.eps, 1e-8)
      .add("weight_decay", o.weight_decay, 0.01)
      .add("amsgrad", o.amsgrad)
      .text();
}
std::string text_of(const optim::NAdamOptions& o) {
  return Differences()
      .add_betas(o.betas)
      .add("eps", o.eps, 1e-8)
      .add("weight_decay", o.weight_decay, 0)
      .add("momentum_decay", o.momentum_decay, 4e-3)
      .add("decoupled", o.decoupled_weight_decay)
      .text();
}
std::string text_of(const optim::RAdamOptions& o) {
  return Differences()
      .add_betas(o.betas)
      .add("eps", o.eps, 1e-8)
      .add("weight_decay", o.weight_decay, 0)
      .add("decoupled", o.decoupled_weight_decay)
      .text();
}
std::string text_of(const optim::AdaBeliefOptions& o) {
  return Differences()
      .add_betas(o.betas)
      .add("eps", o.eps, 1e-16)
      .add("weight_decay", o.weight_decay, 0)
      .add("coupled", !o.decoupled_weight_decay)
      .add("without rectify", !o.rectify)
      .text();
}
std::string text_of(const optim::RMSpropOptions& o) {
  return Differences()
      .add("alpha", o.alpha, 0.99)
      .add("eps", o.eps, 1e-8)
      .add("weight_decay", o.weight_decay, 0)
      .add("momentum", o.momentum, 0)
      .add("centered", o.centered)
      .text();
}
std::string text_of(const optim::AdagradOptions& o) {
  return Differences()
      .add("lr_decay", o.lr_decay, 0)
      .add("weight_decay", o.weight_decay, 0)
      .add("initial", o.initial_accumulator_value, 0)
      .add("eps", o.eps, 1e-10)
      .text();
}
std::string text_of(const optim::GroupRMSpropOptions& o) {
  return Differences().add("alpha", o.alpha, 0.99).add("eps", o.eps, 1e-6).add("per_parameter", o.per_parameter).text();
}
std::string text_of(const optim::MuonOptions& o) {
  return Differences()
      .add("momentum", o.momentum, 0.95)
      .add("without nesterov", !o.nesterov)
      .add("ns_steps", o.ns_steps, 5)
      .add("weight_decay", o.weight_decay, 0)
      .add("exact", o.exact)
      .text();
}
std::string text_of(const optim::ShampooOptions& o) {
  return Differences()
      .add("momentum", o.momentum, 0)
      .add("weight_decay", o.weight_decay, 0)
      .add("eps", o.eps, 1e-4)
      .add("update_every", o.update_every, 1)
      .text();
}
std::string text_of(const optim::LBFGSOptions& o) {
  return Differences()
      .add("max_iter", o.max_iter, 1)
      .add("history_size", o.history_size, 100)
      .add("strong_wolfe", o.line_search == "strong_wolfe")
      .text();
}

double log_uniform(double low, double high, Generator& generator) {
  double u = 0;
  generator.uniform(std::span(&u, 1));
  return low * std::pow(high / low, u);
}

// Further options, drawn where they matter: what a momentum leaves of 1 on a logarithmic scale.
template <class Options>
void draw_further(Options& o, Generator& generator) {
  if constexpr (requires { o.betas; }) {
    o.betas = {1.0 - log_uniform(0.01, 1.0, generator), 1.0 - log_uniform(1e-4, 0.1, generator)};
  } else {
    if constexpr (requires { o.alpha; }) o.alpha = 1.0 - log_uniform(1e-3, 0.1, generator);
    if constexpr (requires { o.momentum; }) o.momentum = 1.0 - log_uniform(0.01, 1.0, generator);
  }
  if constexpr (requires { o.eps; }) o.eps *= log_uniform(0.1, 1e4, generator);
}

template <class O>
Update update_by(std::shared_ptr<O> own) {
  return [own](const std::function<Tensor()>& loss) {
    own->zero_grad();
    Tensor value = loss();
    value.backward();
    own->step();
    return value;
  };
}

template <class O>
Update started(std::vector<Tensor> parameters, const typename O::Options& options) {
  return update_by(std::make_shared<O>(std::move(parameters), options));
}

// Takes the closure, as a step that may ask for several gradients does.
template <class Step>
Update update_by_closure(std::shared_ptr<optim::Optimizer> own, Step step) {
  return [own, step](const std::function<Tensor()>& loss) {
    return step([&] {
      own->zero_grad();
      Tensor value = loss();
      value.backward();
      return value;
    });
  };
}

template <>
Update started<optim::LBFGS>(std::vector<Tensor> parameters, const optim::LBFGSOptions& options) {
  const auto own = std::make_shared<optim::LBFGS>(std::move(parameters), options);
  return update_by_closure(own, [own](const std::function<Tensor()>& closure) { return own->step(closure); });
}

struct MuonWithAdam {
  std::unique_ptr<optim::Muon> matrices = {};
  std::unique_ptr<optim::Adam> others = {};
  void zero_grad() {
    if (matrices) matrices->zero_grad();
    if (others) others->zero_grad();
  }
  void step() {
    if (matrices) matrices->step();
    if (others) others->step();
  }
};

template <>
Update started<optim::Muon>(std::vector<Tensor> parameters, const optim::MuonOptions& options) {
  const auto vectors =
      std::stable_partition(parameters.begin(), parameters.end(), [](const Tensor& p) { return p.dim() == 2; });
  const auto own = std::make_shared<MuonWithAdam>();
  if (vectors != parameters.end())
    own->others = std::make_unique<optim::Adam>(std::vector<Tensor>(vectors, parameters.end()),
                                                optim::AdamOptions{.lr = options.lr});
  parameters.erase(vectors, parameters.end());
  if (!parameters.empty()) own->matrices = std::make_unique<optim::Muon>(std::move(parameters), options);
  return update_by(own);
}

template <class O>
Variant variant_of(const typename O::Options& options, const std::string& text) {
  Variant variant{.text = text};
  variant.start = [options](std::vector<Tensor> parameters, double rate) {
    auto own = options;
    own.lr = rate;
    return started<O>(std::move(parameters), own);
  };
  if constexpr (requires { options.lr_scale; })
    variant.together = [options](std::vector<Tensor> parameters, const Tensor& rates) {
      auto own = options;
      own.lr = 1.0;
      own.lr_scale = rates;
      if constexpr (requires { own.batch_axes; }) own.batch_axes = 1;
      return std::make_unique<O>(std::move(parameters), own);
    };
  variant.is_captured = !std::same_as<O, optim::LBFGS>;
  variant.together_takes_vectors = !std::same_as<O, optim::Muon> && !std::same_as<O, optim::Shampoo>;
  return variant;
}

template <class O>
Candidate candidate_of(const std::string& kind, const typename O::Options& options, const Tuning& tuning,
                       double first_rate) {
  const auto text = text_of(options);
  Candidate candidate{.name = text.empty() ? kind : kind + " " + text, .default_rate = typename O::Options{}.lr};
  const auto rates = tuning.rates.empty() ? rates_from(first_rate) : tuning.rates;
  if (tuning.search <= 0) {
    candidate.variants.push_back(variant_of<O>(options, {}));
    for (const double rate : rates) candidate.settings.push_back({.variant = 0, .rate = rate});
    return candidate;
  }
  Generator generator(1);  // the settings are part of the candidate: the same ones in every run
  const auto [low, high] = std::ranges::minmax(rates);
  for (std::int64_t i = 0; i < tuning.search; ++i) {
    auto drawn = options;
    candidate.settings.push_back({candidate.variants.size(), log_uniform(low, high, generator)});
    draw_further(drawn, generator);
    candidate.variants.push_back(variant_of<O>(drawn, text_of(drawn)));
  }
  return candidate;
}

}  // namespace

Candidate sgd(const optim::SGDOptions& options, const Tuning& tuning) {
  return candidate_of<optim::SGD>("sgd", options, tuning, 3e-3 * (1.0 - std::min(options.momentum, 0.999)));
}
Candidate adam(const optim::AdamOptions& options, const Tuning& tuning) {
  return candidate_of<optim::Adam>("adam", options, tuning, 3e-4);
}
Candidate adamw(const optim::AdamWOptions& options, const Tuning& tuning) {
  return candidate_of<optim::AdamW>("adamw", options, tuning, 3e-4);
}
Candidate nadam(const optim::NAdamOptions& options, const Tuning& tuning) {
  return candidate_of<optim::NAdam>("nadam", options, tuning, 3e-4);
}
Candidate radam(const optim::RAdamOptions& options, const Tuning& tuning) {
  return candidate_of<optim::RAdam>("radam", options, tuning, 3e-4);
}
Candidate adabelief(const optim::AdaBeliefOptions& options, const Tuning& tuning) {
  return candidate_of<optim::AdaBelief>("adabelief", options, tuning, 3e-4);
}
Candidate rmsprop(const optim::RMSpropOptions& options, const Tuning& tuning) {
  return candidate_of<optim::RMSprop>("rmsprop", options, tuning, 1e-4);
}
Candidate adagrad(const optim::AdagradOptions& options, const Tuning& tuning) {
  return candidate_of<optim::Adagrad>("adagrad", options, tuning, 1e-3);
}
Candidate group_rmsprop(const optim::GroupRMSpropOptions& options, const Tuning& tuning) {
  return candidate_of<optim::GroupRMSprop>("group_rmsprop", options, tuning, 1e-3);
}
Candidate muon(const optim::MuonOptions& options, const Tuning& tuning) {
  return candidate_of<optim::Muon>("muon", options, tuning, 3e-4);
}
Candidate shampoo(const optim::ShampooOptions& options, const Tuning& tuning) {
  return candidate_of<optim::Shampoo>("shampoo", options, tuning, 3e-3);
}
Candidate lbfgs(const optim::LBFGSOptions& options, const Tuning& tuning) {
  return candidate_of<optim::LBFGS>("lbfgs", options, tuning, 3e-3);
}

namespace {

// One that wraps another optimiser: `start` takes parameters and rate.
Candidate around(const std::string& name, const Tuning& tuning, double first_rate, double default_rate,
                 decltype(Variant::start) start) {
  Candidate candidate{.name = name, .default_rate = default_rate};
  candidate.variants.push_back({.start = std::move(start)});
  auto rates = tuning.rates.empty() ? rates_from(first_rate) : tuning.rates;
  if (tuning.search > 0) {
    Generator generator(1);
    const auto [low, high] = std::ranges::minmax(rates);
    rates.resize(static_cast<std::size_t>(tuning.search));
    for (double& rate : rates) rate = log_uniform(low, high, generator);
  }
  for (const double rate : rates) candidate.settings.push_back({.variant = 0, .rate = rate});
  return candidate;
}

}  // namespace

Candidate sam(const optim::SAMOptions& options, const Tuning& tuning) {
  const auto start = [options](std::vector<Tensor> parameters, double rate) {
    const auto inner =
        std::make_shared<optim::SGD>(std::move(parameters), optim::SGDOptions{.lr = rate, .momentum = 0.9});
    const auto outer = std::make_shared<optim::SAM>(*inner, options);
    return update_by_closure(inner, [outer](const std::function<Tensor()>& closure) { return outer->step(closure); });
  };
  return around("sam", tuning, 3e-4, optim::SGDOptions{}.lr, start);
}

Candidate lookahead(const optim::LookaheadOptions& options, const Tuning& tuning) {
  const auto start = [options](std::vector<Tensor> parameters, double rate) -> Update {
    const auto inner = std::make_shared<optim::Adam>(std::move(parameters), optim::AdamOptions{.lr = rate});
    const auto outer = std::make_shared<optim::Lookahead>(*inner, options);
    return [inner, step = update_by(outer)](const std::function<Tensor()>& loss) { return step(loss); };
  };
  return around("lookahead", tuning, 3e-4, optim::AdamOptions{}.lr, start);
}

}  // namespace sigmagrad::lab
