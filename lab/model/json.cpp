// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/json.hpp>

#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/model/registry.hpp>

namespace sigmagrad::lab::detail {

namespace {

constexpr std::string_view infinite = "inf";  // JSON has no number for it

// What text_of writes, entry by entry. A reader of JSON in general takes four times as long, and every row of a store
// is read.
class MetricsReader {
 public:
  explicit MetricsReader(std::string_view text) : text_(text), rest_(text) {}

  std::vector<Metrics::Item> items() {
    std::vector<Metrics::Item> all;
    expect('{');
    if (take('}')) return end(std::move(all));
    do {
      auto name = this->name();
      expect(':');
      all.emplace_back(std::move(name), number());
    } while (take(','));
    expect('}');
    return end(std::move(all));
  }

 private:
  [[noreturn]] void refuse() const { engine::fail("metrics: '{}' is no object of numbers", text_); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) refuse();
  }
  std::vector<Metrics::Item> end(std::vector<Metrics::Item> all) const {
    if (!rest_.empty()) refuse();
    return all;
  }
  std::string name() {
    std::size_t i = 1;
    while (i < rest_.size() && rest_[i] != '"') i += rest_[i] == '\\' ? 2 : 1;
    if (!rest_.starts_with('"') || i >= rest_.size()) refuse();
    const auto quoted = rest_.substr(0, i + 1);
    rest_.remove_prefix(i + 1);
    if (quoted.find('\\') == quoted.npos) return std::string(quoted.substr(1, i - 1));
    const Json plain = Json::parse(quoted, nullptr, false);
    if (!plain.is_string()) refuse();
    return plain.get<std::string>();
  }
  double number() {
    double value = 0;
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || !std::isfinite(value)) refuse();
    rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
    return value;
  }

  std::string_view text_, rest_;
};

Json lists_json(const ValueLists& lists) {
  Json parameters = Json::object();
  for (const auto& [name, values] : lists) parameters[name] = to_json(values);
  return parameters;
}

Sweep sweep_from_json(const Json& json) {
  Sweep sweep{.trials = json.at("trials").get<std::int64_t>()};
  for (const auto& [name, list] : json.at("parameters").items()) {
    Values values;
    for (const auto& value : list) values.push_back(value_from_json(value));
    sweep.lists.emplace_back(name, std::move(values));
  }
  return sweep;
}

}  // namespace

Json to_json(const Value& value) {
  if (same_value(value, std::numeric_limits<double>::infinity())) return Json(infinite);
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json to_json(const Values& values) {
  Json json = Json::array();
  for (const Value& value : values) json.push_back(to_json(value));
  return json;
}

Json to_json(const Params& params) {
  Json json = Json::object();
  for (const auto& [name, value] : params.items()) json[name] = to_json(value);
  return json;
}

Json to_json(const Statistics& s) {
  return {{"mean", s.mean}, {"std", s.std}, {"median", s.median}, {"q25", s.q25},
          {"q75", s.q75},   {"min", s.min}, {"max", s.max}};
}

// The latest sweep stands where the only one does; those before it, if there are any, beside it.
Json to_json(const Plan& plan) {
  const auto earlier = std::span(plan.sweeps).first(plan.sweeps.size() - 1);
  Json json{{"experiment", plan.experiment->id},
            {"preset", to_text(plan.preset)},
            {"seed", plan.seed},
            {"stream", to_text(plan.stream)},
            {"trials", plan.trials()},
            {"parameters", lists_json(plan.sweeps.back().lists)}};
  for (const Sweep& sweep : earlier)
    json["earlier_sweeps"].push_back({{"trials", sweep.trials}, {"parameters", lists_json(sweep.lists)}});
  return json;
}

Value value_from_json(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  auto text = json.get<std::string>();
  if (text == infinite) return std::numeric_limits<double>::infinity();
  return text;
}

// Past the object's own look-ups, which compare each name with all before it: a curve has thousands of points.
std::string text_of(const Metrics& metrics) {
  Json::object_t object;
  for (const auto& [name, value] : metrics.items()) object.emplace_back(name, value);
  return Json(std::move(object)).dump();
}

Metrics metrics_of(std::string_view text) { return Metrics(MetricsReader(text).items()); }

void refuse(const Source& source, const std::exception& error) {
  std::string what = error.what();
  if (const auto* syntax = dynamic_cast<const Json::parse_error*>(&error)) {
    what = fmt::format("damaged, or not from this program: no JSON from byte {} on", syntax->byte);
  } else if (dynamic_cast<const Json::exception*>(&error)) {
    what = "from another program or version: a field is not there, or of another type";
  }
  engine::fail("{}: {}; {}", source.name, what, source.way_out);
}

Plan plan_from_json(const Json& json) {
  Plan plan{.experiment = &find_experiment(json.at("experiment").get<std::string>()),
            .preset = preset_of(json.at("preset").get<std::string>()).value_or(Preset::Quick),
            .seed = json.at("seed").get<std::uint64_t>(),
            .stream = json.at("stream") == "numpy" ? Stream::Numpy : Stream::Philox};
  if (json.contains("earlier_sweeps"))
    for (const Json& sweep : json.at("earlier_sweeps")) plan.sweeps.push_back(sweep_from_json(sweep));
  plan.sweeps.push_back(sweep_from_json(json));
  return with_groups(std::move(plan));
}

std::string canonical(const Params& params) { return nlohmann::json(to_json(params)).dump(); }

}  // namespace sigmagrad::lab::detail
