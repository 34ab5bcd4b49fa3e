// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/export.hpp>

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/run/store.hpp>

namespace sigmagrad::lab {

namespace {

// Names in the order in which they were met, and the place of each.
class Columns {
 public:
  void add(const std::string& name) {
    if (places_.try_emplace(name, names_.size()).second) names_.push_back(name);
  }
  bool has(const std::string& name) const { return places_.contains(name); }
  std::size_t place(const std::string& name) const { return places_.at(name); }
  const std::vector<std::string>& names() const { return names_; }
  std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> places_;
};

std::vector<Plan> chosen(const Store& store, const std::vector<std::string>& ids,
                         const std::filesystem::path& directory) {
  auto all = store.plans();
  std::ranges::sort(all, {}, [](const Plan& plan) { return plan.experiment->id; });
  std::vector<std::string> stored;
  for (const Plan& plan : all) stored.push_back(plan.experiment->id);
  for (const auto& id : ids)
    if (std::ranges::find(stored, id) == stored.end())
      throw Error(unknown("export: " + directory.string(), "experiment", id, stored));
  if (!ids.empty())
    std::erase_if(all, [&](const Plan& plan) { return std::ranges::find(ids, plan.experiment->id) == ids.end(); });
  return all;
}

class Rows {
 public:
  Rows(const Store& store, std::vector<Plan> plans, bool seconds)
      : store_(store), plans_(std::move(plans)), seconds_(seconds) {
    for (const Plan& one : plans_) {
      for (const auto& [name, values] : one.lists) parameters_.add(name);
      each(one, [&](const Finished& finished) {
        for (const auto& [name, value] : finished.metrics.items())
          if (!is_clock(name)) metrics_.add(name);
      });
    }
  }

  // A name that stands for several things is told apart by what it is.
  std::string header() const {
    std::vector<std::string> names{"experiment"};
    const std::vector<std::string> fixed{"experiment", "seed", "stream", "trial", "status", "error", "seconds"};
    const auto is_fixed = [&](const std::string& name) { return std::ranges::find(fixed, name) != fixed.end(); };
    for (const auto& name : parameters_.names()) names.push_back(is_fixed(name) ? "parameter." + name : name);
    names.insert(names.end(), fixed.begin() + 1, fixed.end() - (seconds_ ? 0 : 1));
    for (const auto& name : metrics_.names())
      names.push_back(is_fixed(name) || parameters_.has(name) ? "metric." + name : name);
    return csv_line(names);
  }

  std::string rows() const {
    std::string text;
    for (const Plan& one : plans_) each(one, [&](const Finished& finished) { text += row(finished); });
    return text;
  }

 private:
  void each(const Plan& plan, const std::function<void(const Finished&)>& visit) const {
    store_.each(plan, [&](const PlannedGroup& group, const Finished& finished) {
      if (finished.task.trial.index < group.trials) visit(finished);
    });
  }

  std::string row(const Finished& finished) const {
    const TrialKey& trial = finished.task.trial;
    std::vector<std::string> parameters(parameters_.size()), metrics(metrics_.size());
    for (const auto& [name, value] : trial.params.items()) parameters[parameters_.place(name)] = to_text(value);
    for (const auto& [name, value] : finished.metrics.items())
      if (!is_clock(name)) metrics[metrics_.place(name)] = to_text(value);
    std::vector<std::string> fields{finished.task.experiment->id};
    std::ranges::move(parameters, std::back_inserter(fields));
    fields.insert(fields.end(),
                  {std::to_string(trial.seed), std::string(to_text(trial.stream)), std::to_string(trial.index),
                   finished.error.empty() ? "ok" : "failed", finished.error});
    if (seconds_) fields.push_back(to_text(finished.seconds));
    std::ranges::move(metrics, std::back_inserter(fields));
    return csv_line(fields);
  }

  const Store& store_;
  std::vector<Plan> plans_;
  bool seconds_;
  Columns parameters_, metrics_;
};

}  // namespace

std::string export_csv(const std::filesystem::path& directory, const ExportOptions& options,
                       std::vector<Damage>& damaged) {
  const Store store = Store::open(directory);
  damaged = store.damaged();
  const Rows table(store, chosen(store, options.ids, directory), options.seconds);
  return table.header() + table.rows();
}

std::string export_csv(const std::filesystem::path& directory, const ExportOptions& options) {
  std::vector<Damage> damaged;
  auto csv = export_csv(directory, options, damaged);
  if (!damaged.empty()) engine::fail("{}: damaged: {}; {}", directory.string(), to_text(damaged), to_mend);
  return csv;
}

}  // namespace sigmagrad::lab
