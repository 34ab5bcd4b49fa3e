// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/history.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/io/npy.hpp>
#include <sigmagrad/io/parsers/csv.hpp>

namespace sigmagrad {
namespace {

void append_number(std::string& text, double value) {
  std::array<char, 32> buffer;
  text.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

}  // namespace

double History::Curve::last() const {
  if (values.empty()) engine::fail("History: the curve has no point");
  return values.back();
}

void History::check(std::string_view name, double step) const {
  if (name.empty() || name == "step") engine::fail("History: a curve cannot be called \"{}\"", name);
  const double last = contains(name) ? (*this)[name].steps.back() : -std::numeric_limits<double>::infinity();
  if (!(step > last)) engine::fail("History: \"{}\" at step {} comes after step {}", name, step, last);
}

void History::record(std::string_view name, double step, double value) {
  check(name, step);
  auto found = std::ranges::find(curves_, name, [](const auto& curve) { return std::string_view(curve.first); });
  if (found == curves_.end()) found = curves_.insert(found, {std::string(name), {}});
  found->second.steps.push_back(step);
  found->second.values.push_back(value);
}

void History::record(double step, std::initializer_list<std::pair<std::string_view, double>> values) {
  std::set<std::string_view> names;
  for (const auto& [name, value] : values) {
    check(name, step);
    if (!names.insert(name).second) engine::fail("History: \"{}\" is given twice at step {}", name, step);
  }
  for (const auto& [name, value] : values) record(name, step, value);
}

bool History::contains(std::string_view name) const {
  return std::ranges::any_of(curves_, [&](const auto& curve) { return curve.first == name; });
}

const History::Curve& History::operator[](std::string_view name) const {
  std::string known;
  for (const auto& [own, curve] : curves_) {
    if (own == name) return curve;
    known += (known.empty() ? "" : ", ") + own;
  }
  engine::fail("History: no curve \"{}\" (there is {})", name, known.empty() ? "none" : known);
}

std::vector<std::string> History::names() const {
  std::vector<std::string> result;
  for (const auto& curve : curves_) result.push_back(curve.first);
  return result;
}

History::Rows History::rows() const {
  if (curves_.empty()) engine::fail("History: nothing was recorded");
  Rows rows;
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    const Curve& curve = curves_[i].second;
    for (std::size_t k = 0; k < curve.size(); ++k) {
      auto& row = rows[curve.steps[k]];
      row.resize(curves_.size());
      row[i] = curve.values[k];
    }
  }
  return rows;
}

Tensor History::table() const {
  const Rows all = rows();
  std::vector<double> entries;
  for (const auto& [step, row] : all) {
    entries.push_back(step);
    for (const auto& value : row) entries.push_back(value.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return tensor(entries, {std::ssize(all), std::ssize(curves_) + 1});
}

void History::save_csv(const std::filesystem::path& path) const {
  std::string text = "step";
  for (const auto& curve : curves_) text += ',' + detail::csv_quoted(curve.first);
  for (const auto& [step, row] : rows()) {
    text += '\n';
    append_number(text, step);
    for (const auto& value : row) {
      text += ',';
      if (value) append_number(text, *value);
    }
  }
  detail::write_file(path, text + '\n');
}

void History::save_npy(const std::filesystem::path& path) const { sigmagrad::save_npy(table(), path); }

NamedTensors History::state_dict() const {
  NamedTensors result;
  for (const auto& [name, curve] : curves_) {
    std::vector<double> entries = curve.steps;
    entries.insert(entries.end(), curve.values.begin(), curve.values.end());
    result.emplace_back(name, tensor(entries, {2, std::ssize(curve.steps)}));
  }
  return result;
}

void History::load_state_dict(const NamedTensors& state) {
  History loaded;
  for (const auto& [name, points] : state) {
    if (points.dim() != 2 || points.size(0) != 2)
      engine::fail("History: \"{}\" must be [2, points], got {}", name, points.shape().str());
    const auto entries = points.to_vector();
    const std::size_t n = entries.size() / 2;
    for (std::size_t k = 0; k < n; ++k) loaded.record(name, entries[k], entries[n + k]);
  }
  *this = std::move(loaded);
}

}  // namespace sigmagrad
